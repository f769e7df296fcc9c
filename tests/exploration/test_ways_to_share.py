"""Groups of LSTMs that share components, as `search` takes them, in an exploration."""

import numpy as np
import pytest
import small_networks
from explored import ASKED

import pynq_lstm as pl
from pynq_lstm.budgets import costs
from pynq_lstm.budgets.validation import Validation
from pynq_lstm.compression import groups
from pynq_lstm.errors import CompressionError
from pynq_lstm.exploration import jobs
from pynq_lstm.exploration.families import families
from pynq_lstm.exploration.jobs import Problem
from pynq_lstm.exploration.target import Target
from pynq_lstm.model import PARTS

FIXED = {"weight_bits": 8, "form": "stacked", "u_tile": 4, "zero_u_tiles": 0}


@pytest.fixture(scope="module")
def four():
    """Four LSTMs of which the first two and the last two are alike."""
    rng = np.random.default_rng(0)
    two = small_networks.network(rng, models=2, inputs=8, hidden=8, rank=3)
    layers = [layer for layer in two.layers for _ in range(2)]
    head = pl.Head(rng.standard_normal((5, 32)).astype(np.float32), np.zeros(5, np.float32))
    return pl.Network(layers, head)


def asked(network, **more):
    rng = np.random.default_rng(1)
    data, x = small_networks.labelled(rng, network, 40), small_networks.inputs(rng, network, 10)
    given = {**ASKED, **FIXED, "v_tile": 4, "tries": 0, "max_drop": 20.0, **more}
    return pl.explore(network, validation=data, calibration=x, **given), data, x


def test_named_groups(four):
    """Both pairs share; prefixes that were measured are models that are made."""
    found, data, x = asked(four, share=[[0, 1], [2, 3]], engines=("svdn",))
    assert found.model.held == ((0, 1), (2, 3)) and found.best.engine == "svdn"
    assert [list(own) for own in found.best.options["share"]] == [[0, 1], [2, 3]]
    assert found.float_value - Validation(four, data).of(found.model) == found.best.drop
    again = pl.compress(four, calibration=x, progress=False, **found.best.options)
    model = found.model.with_provenance({})
    assert again.with_provenance({}).content_hash == model.content_hash


def test_every_way(four):
    """ "auto": all, none, and what `grouping` finds; each is a family, and each has points."""
    every = families(four, ("svdn", "svd1"), FIXED, "auto")
    shares = {one.engine: [] for one in every}
    for one in every:
        shares[one.engine].append(groups.checked(four, one.options.get("share", "all")))
    assert set(shares["svd1"]) == {((0,), (1,), (2,), (3,))}
    assert set(shares["svdn"]) >= {((0, 1, 2, 3),), ((0, 1), (2, 3))}
    default = families(four, ("svdn", "svd1"), FIXED)
    assert {repr(one) for one in default} < {repr(one) for one in every}


@pytest.mark.parametrize("share", ["network", [[0, 1]], [[0], [1]]])
def test_prefixes_are_what_compress_makes(share):
    """Also of groups that run in several passes: the layers of a stack."""
    network = small_networks.stacked(np.random.default_rng(1), inputs=8, hidden=8)
    engines = "svdn", "svd1"
    (family,) = families(network, engines, {**FIXED, "v_tile": 4}, share)
    problem = Problem(
        "n", "c", network, None, (-1, 1), lambda runner: 1.0, Target.of("zcu104"), None
    )
    told = jobs.screened(problem, family)
    whole = jobs.decoded(told["model"])
    counts = jobs.components(network, family, whole)
    assert np.shape(told["bounds"]) == tuple(map(len, family.ranks))
    for at in ((0, 1), (2, 2)):
        short = jobs.prefix(whole, counts, at)
        options = {**family.chosen(at), "solver": "greedy"}
        made = pl.compress(network, input_range=(-1, 1), progress=False, **options)
        assert costs.of(short) == costs.of(made) and short.held == made.held
        for one, other in zip(costs.passes(short), costs.passes(made)):
            for side in PARTS:  # scales are those of all components, codes near to equal
                first, second = getattr(one, side), getattr(other, side)
                np.testing.assert_allclose(first.u, second.u, atol=2)
                assert first.counts == second.counts
    ((value, cycles),) = jobs.checked(problem, family, told["model"], [(2, 2)], None)
    assert value is None and cycles >= told["bounds"][2][2]


@pytest.mark.parametrize(
    "more, text",
    [
        ({"share": [[0, 1]]}, r"share = \[\[0, 1\]\]: not each of 4 LSTMs in one group"),
        ({"share": "some"}, "share = 'some': unknown"),
        (
            {"share": "none", "engines": ("svdn",)},
            r"none shares as share='none' says; search \['sv",
        ),
        (
            {"share": "all", "engines": ("svd1",)},
            r"none shares as share='all' says; search \['svdn",
        ),
        ({"share": [[0, 1], [2, 3]], "method": "block_diagonal"}, "method"),
    ],
)
def test_refused(four, more, text):
    with pytest.raises(CompressionError, match=text):
        asked(four, **more)


def test_a_single_lstm_has_no_svd1(four):
    alone = pl.Network(four.layers[:1])
    with pytest.raises(CompressionError, match="every LSTM runs alone, so that SVD1 is what SVDn"):
        pl.explore(alone, max_mse=1.0, input_range=(-1, 1), engines=("svd1",))
    with pytest.raises(CompressionError, match=r"engines = \[\]: none is searched"):
        pl.explore(alone, max_mse=1.0, input_range=(-1, 1), engines=())
