"""Groups of LSTMs that share: found where weights are alike, and worth what is said."""

import re

import numpy as np
import pytest
import small_networks as small

import pynq_lstm as pl
from pynq_lstm.budgets import costs


def alike(rng, kinds, size=12, difference=0.1):
    """LSTMs of decaying spectra, of which those of one kind differ little."""

    def basis():
        return np.linalg.qr(rng.standard_normal((size, size)))[0]

    def matrix():
        spectrum = (1.0 + np.arange(size)) ** -1.5
        return np.concatenate([(basis() * spectrum) @ basis() for _ in range(4)])

    def near(a):
        noise = difference * np.sqrt((a**2).mean()) * rng.standard_normal(a.shape)
        return (a + noise).astype(np.float32)

    own = {kind: (matrix(), matrix()) for kind in sorted(set(kinds))}
    bias = np.zeros(4 * size, np.float32)
    return [pl.Layer(*map(near, own[kind]), bias) for kind in kinds]


@pytest.fixture(scope="module")
def network():
    return pl.Network(alike(np.random.default_rng(0), "abba"))


def test_those_that_are_alike_share(network):
    found = pl.grouping(network, refinements=8, progress=False)
    assert found.groups == ((0, 3), (1, 2))
    assert found.found.error < 0.97 * min(found.together.error, found.apart.error)
    best = min(found.together.error, found.apart.error)
    assert found.gain == pytest.approx(1 - found.found.error / best)
    assert (
        found.apart.multiplications < found.found.multiplications < found.together.multiplications
    )
    told = found.as_dict()
    assert told["groups"] == [[0, 3], [1, 2]] and told["gain"] == found.gain > 0.03


def test_none_share_where_nothing_is_alike():
    rng = np.random.default_rng(1)
    found = pl.grouping(pl.Network(alike(rng, "abc")), refinements=9, progress=False)
    assert found.groups == ((0,), (1,), (2,))
    assert found.found == found.apart and found.apart.error < found.together.error


def test_all_share_where_all_are_alike():
    rng = np.random.default_rng(2)
    found = pl.grouping(pl.Network(alike(rng, "aaa")), refinements=6, progress=False)
    assert found.groups == ((0, 1, 2),) and found.found == found.together
    assert found.together.error < found.apart.error
    assert found.gain == 0


@pytest.mark.parametrize("share", ["all", "none", "auto", [[0, 3], [1, 2]], [[2], [0, 1, 3]]])
def test_errors_are_those_of_the_compressed_networks(network, share):
    x = small.inputs(np.random.default_rng(3), network, 4)
    whole = pl.compress(network, calibration=x, refinements=8, progress=False)
    made = pl.compress(network, calibration=x, refinements=8, share=share, progress=False)
    assert costs.of(made)["words"] <= costs.of(whole)["words"]
    found = pl.grouping(network, refinements=8, progress=False)
    error = made.provenance["relative weight error"]
    if share in ("all", "none"):
        said = found.together if share == "all" else found.apart
        assert error == pytest.approx(said.error, rel=1e-2)
        assert costs.of(made)["words"] == said.words
    if share in ("auto", [[0, 3], [1, 2]]):
        assert error == pytest.approx(found.found.error, rel=1e-2)
        assert costs.of(made)["words"] == found.found.words
        assert costs.of(made)["multiplications"] == found.found.multiplications
        assert made.members == found.groups == ((0, 3), (1, 2))
        assert made.provenance["groups that share"] == 2
    if share == "all":
        assert isinstance(made, pl.CompressedModel)
        assert made.content_hash == whole.content_hash


def test_groups_run_as_their_models_do(network, tmp_path):
    """Passes of the network give the bits of each group compressed and run alone."""
    x = small.inputs(np.random.default_rng(4), network, 4)
    made = pl.compress(
        network, calibration=x, refinements=8, share=[[0, 3], [1, 2]], progress=False
    )
    made.save(tmp_path / "network.safetensors")
    with pl.load(tmp_path / "network.safetensors", "cpu") as session:
        out, _ = session.infer(x)
    with pl.load(made, "reference") as session:
        np.testing.assert_array_equal(session.infer(x)[0], out)
    for model, own in zip(made.passes, made.members):
        with pl.load(model, "reference") as session:
            alone, _ = session.infer([x[k] for k in own])
        for k, one in zip(own, alone):
            np.testing.assert_array_equal(out[k], one)
    assert small_distance(network, made, x) < small_distance(network, None, x)


def small_distance(network, made, x):
    """Root mean square between outputs and those of the float network; of zeros without a model."""
    want = network.infer(x)[0]
    got = np.zeros_like(want) if made is None else pl.load(made, "cpu").infer(x)[0]
    return float(np.sqrt(((want - got) ** 2).mean()))


def test_groups_of_a_network_of_layers():
    rng = np.random.default_rng(5)
    below, above = alike(rng, "ab"), alike(rng, "aa")
    layers = [below[0], above[0], below[1], above[1]]
    network = pl.Network(layers, stacks=[pl.Stack(2), pl.Stack(2)])
    found = pl.grouping(network, refinements=8, progress=False)
    assert found.groups == ((0,), (2,), (1, 3))
    x = small.inputs(rng, network, 3)
    made = pl.compress(network, calibration=x, refinements=8, share="auto", progress=False)
    assert made.members == found.groups
    assert made.provenance["relative weight error"] == pytest.approx(found.found.error, rel=1e-2)
    with pl.load(made, "cpu") as fast, pl.load(made, "reference") as slow:
        np.testing.assert_array_equal(fast.infer(x)[0], slow.infer(x)[0])


def test_a_merge_by_hand(network):
    """Errors of single LSTMs and of every pair, from models that are compressed here."""
    lost = {}
    for group in [(k,) for k in range(4)] + [(j, k) for k in range(4) for j in range(k)]:
        share = [list(group), *([k] for k in range(4) if k not in group)]
        made = pl.compress(network, input_range=(-1, 1), refinements=8, share=share, progress=False)
        model = made.passes[made.members.index(group)]
        weights = [w for k in group for w in (network.layers[k].w_ih, network.layers[k].w_hh)]
        energy = sum(float((w.astype(np.float64) ** 2).sum()) for w in weights)
        lost[group] = energy * model.provenance["relative weight error"]
    gains = {g: sum(lost[k,] for k in g) - lost[g] for g in lost if len(g) == 2}
    assert set(sorted(gains, key=gains.get)[-2:]) == {(0, 3), (1, 2)}


@pytest.mark.parametrize(
    "given, text",
    [
        ({"share": "some"}, 'share = \'some\': unknown; pass "all", "none", "network", "auto"'),
        ({"share": [[0, 1], [2]]}, "share = [[0, 1], [2]]: not each of 4 LSTMs in one group; pass"),
        ({"share": [[0, 1], [1, 2, 3]]}, "share = [[0, 1], [1, 2, 3]]: not each of 4 LSTMs"),
        ({"share": [[0, 1], [2, 3], []]}, "share = [[0, 1], [2, 3], []]: not each of 4 LSTMs"),
        ({"share": [[0.2, 1], [2, 3]]}, "share = [[0.2, 1], [2, 3]]: not each of 4 LSTMs"),
        ({"share": ["01", "23"]}, "share = ['01', '23']: not each of 4 LSTMs"),
        ({"share": 3}, "share = 3: not each of 4 LSTMs in one group"),
        ({"share": "none", "refinements": 3}, "refinements = 3: too few for LSTMs [0] to have"),
        ({"share": "none", "method": "dense"}, "share = 'none': method 'dense' shares nothing"),
        ({"share": "some", "budget": {"bytes": 9}}, "share = 'some': unknown"),
    ],
)
def test_refused(network, given, text):
    with pytest.raises(pl.CompressionError, match=re.escape(text)):
        pl.compress(network, input_range=(-1, 1), progress=False, **given)


def stack_of(rng, kinds):
    """A model of several layers, of which those of one kind are alike."""
    return pl.Network(alike(rng, kinds), stacks=[pl.Stack(len(kinds))])


def test_layers_that_are_alike_share_across_passes():
    network = stack_of(np.random.default_rng(6), "aba")
    found = pl.grouping(network, refinements=8, progress=False)
    assert found.groups == ((0, 2), (1,)) and found.across
    assert found.within == found.together == found.apart != found.found
    assert found.gain_across == found.gain == 1 - found.found.error / found.apart.error > 0.03
    assert found.network is not None and found.network.error > found.found.error
    assert "less error than within them" in found.told["groups across passes"]
    told = found.as_dict()
    assert told["across"] is True and told["gain_across"] == found.gain_across
    x = small.inputs(np.random.default_rng(7), network, 4)
    given = {"calibration": x, "refinements": 8, "progress": False}
    made = pl.compress(network, share="auto", **given)
    assert made.shares == found.groups and made.members == ((0,), (1,), (2,))
    assert made.provenance["groups across passes"] == found.told["groups across passes"]
    assert made.provenance["relative weight error"] == pytest.approx(found.found.error, rel=1e-2)
    assert costs.of(made)["words"] == found.found.words <= found.apart.words
    assert costs.of(made)["multiplications"] == found.found.multiplications
    every = pl.compress(network, share="network", **given)
    assert every.shares == ((0, 1, 2),) and len(every.passes) == 3
    error = every.provenance["relative weight error"]
    assert error == pytest.approx(found.network.error, rel=1e-2)


def test_what_gains_nothing_across_passes_is_not_shared():
    network = stack_of(np.random.default_rng(8), "abc")
    found = pl.grouping(network, refinements=8, progress=False)
    assert found.groups == ((0,), (1,), (2,)) and not found.across
    assert found.gain == found.gain_across == 0
    assert found.told["groups across passes"] == "gain nothing over groups within them"
    given = {"input_range": (-1, 1), "refinements": 8, "progress": False}
    made, apart = (pl.compress(network, share=share, **given) for share in ("auto", "all"))
    assert made.shares is None and made.members == apart.members
    assert made.provenance["groups across passes"] == found.told["groups across passes"]
    assert [model.input.u.tobytes() for model in made.groups] == [
        model.input.u.tobytes() for model in apart.groups
    ]


def test_the_groups_that_are_found_are_never_worse_than_the_named_ones():
    rng = np.random.default_rng(9)
    for kinds in ("aab", "aaa"):
        network = stack_of(rng, kinds)
        found = pl.grouping(network, refinements=4, progress=False)
        for way in (found.within, found.together, found.apart, found.network):
            assert (1 - 0.01) * found.found.error <= way.error
        assert found.found.words <= found.together.words


def test_unequal_layers_share_at_equal_words():
    """Sizes of x and of h differ; what is added up to the largest is not stored twice."""
    rng = np.random.default_rng(10)
    below, above = small.network(rng, 1, 3, 6), small.network(rng, 1, 6, 4)
    network = pl.Network(
        (*below.layers, *above.layers), stacks=[pl.Stack(), pl.Stack()], wiring=["x0", "m0"]
    )
    x = small.inputs(rng, network, 4)
    given = {"calibration": x, "refinements": 3, "progress": False}
    made = pl.compress(network, share=[[1, 0]], **given)
    assert made.shares == ((0, 1),) and made.members == ((0,), (1,))
    (group,) = made.groups
    assert group.input_sizes == (3, 6) and group.hidden_sizes == (6, 4)
    assert [(m.input.u.shape[1], m.hidden.u.shape[1]) for m in made.passes] == [(3, 6), (6, 4)]
    # 3 components a gate of each take 3 (3 + 6 + 1) + 3 (6 + 4 + 1) words: 4 of 6 + 6 + 2
    assert group.input.counts == (4, 4, 4, 4)
    assert costs.of(made)["words"] <= costs.of(pl.compress(network, **given))["words"]


def test_a_group_is_no_larger_than_a_model():
    layers = [pl.Layer(*(np.ones(s, np.float32) for s in ((4, 1), (4, 1), 4)))] * 66
    network = pl.Network(layers, stacks=[pl.Stack(33), pl.Stack(33)])
    with pytest.raises(pl.CompressionError, match="share = .*more than 64 LSTMs share; make sev"):
        pl.compress(network, input_range=(-1, 1), share="network", progress=False)


def test_grouping_of_what_it_cannot_take(network):
    with pytest.raises(pl.CompressionError, match="network = 'int': not a Network"):
        pl.grouping(3)
    with pytest.raises(pl.CompressionError, match="block_rank = 4: unknown; choose from"):
        pl.grouping(network, block_rank=4)
    with pytest.raises(pl.CompressionError, match="refinements = 99: outside 1 to 48"):
        pl.grouping(network, refinements=99)


def test_too_few_components_to_go_apart(network):
    """Where an LSTM alone would have none, it loses all weights, and groups form."""
    found = pl.grouping(network, refinements=2, progress=False)
    assert found.apart is None and found.as_dict()["apart"] is None
    assert min(map(len, found.groups)) > 1 and found.found.error <= found.together.error


def scaled(layer, factor):
    return pl.Layer(layer.w_ih * factor, layer.w_hh * factor, layer.bias)


def relative_errors(network, model):
    """Of each LSTM, both parts together."""
    kept = model.float_network().layers
    return [
        sum(((getattr(a, n) - getattr(b, n)) ** 2).sum() for n in ("w_ih", "w_hh"))
        / sum((getattr(b, n) ** 2).sum() for n in ("w_ih", "w_hh"))
        for a, b in zip(kept, network.layers)
    ]


@pytest.mark.parametrize("solver", ["greedy", "bcd"])
def test_balanced_errors_do_not_depend_on_the_size_of_weights(network, solver):
    given = {"input_range": (-1, 1), "refinements": 6, "solver": solver, "progress": False}
    given["sweeps"] = 3
    small_one = pl.Network([scaled(network.layers[0], np.float32(0.125)), *network.layers[1:]])
    plain, balanced = (
        [
            relative_errors(one, pl.compress(one, balance=balance, **given))
            for one in (network, small_one)
        ]
        for balance in (False, True)
    )
    assert plain[1][0] > 1.2 * plain[0][0]  # what is small is lost
    np.testing.assert_allclose(balanced[1], balanced[0], rtol=0.02)


def test_only_groups_across_passes_are_balanced_of_themselves():
    network = stack_of(np.random.default_rng(11), "aa")
    network = pl.Network([network.layers[0], scaled(network.layers[1], 4)], stacks=[pl.Stack(2)])
    given = {"input_range": (-1, 1), "refinements": 4, "share": "network", "progress": False}
    by_default, balanced, pooled = (
        pl.compress(network, **given, **more)
        for more in ({}, {"balance": True}, {"balance": False})
    )
    assert by_default.groups[0].content_hash == balanced.groups[0].content_hash
    errors = [relative_errors(network, made) for made in (balanced, pooled)]
    assert errors[0][0] < errors[1][0]
    within = {"input_range": (-1, 1), "refinements": 4, "progress": False}
    one, other = (pl.compress(network, **within, **more) for more in ({}, {"balance": False}))
    assert one.content_hash == other.content_hash


@pytest.mark.parametrize("value", [1, 0, "yes", [True]])
def test_balance_that_is_none(network, value):
    with pytest.raises(pl.CompressionError, match="balance = .*not True or False"):
        pl.compress(network, input_range=(-1, 1), balance=value)
