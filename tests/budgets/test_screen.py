"""What a screen says of a pair of ranks is what the prefixes of its model are, one by one."""

import math

import numpy as np
import pytest
import small_networks as small

import pynq_lstm as pl
from pynq_lstm.budgets import candidates, costs, screen, screening
from pynq_lstm.budgets.prefixes import prefix
from pynq_lstm.compression.options import SvdOptions
from pynq_lstm.compression.weights import weight_error
from pynq_lstm.runtime.fpga.files import designs

TILES = {"u_tile": 2, "v_tile": 4, "zero_u_tiles": 1, "zero_v_tiles": 1}
NETWORKS = {
    "side by side": lambda rng: small.network(rng),
    "of two layers": lambda rng: small.stacked(rng),
}


def screened(kind, options, seed=0, **more):
    rng = np.random.default_rng(seed)
    network = NETWORKS[kind](rng)
    model = pl.compress(network, input_range=(-2, 2), refinements=(4, 6), progress=False, **options)
    given = {"method": "svd", **options}
    return network, model, screen.of_ranks(network, model, given, more.get("design"))


def prefixes(model, pair):
    return [prefix(one, pair) for one in costs.passes(model)]


def pairs(found):
    return [(i, j) for i in range(len(found.ranks[0])) for j in range(len(found.ranks[1]))]


STACKED = {"form": "stacked", "u_tile": 2, "v_tile": 2, "zero_u_tiles": 1, "zero_v_tiles": 5}


@pytest.mark.parametrize("options", [{}, {"weight_bits": 4, **TILES}, STACKED])
@pytest.mark.parametrize("kind", NETWORKS)
def test_errors_and_costs_of_every_pair(kind, options):
    network, model, found = screened(kind, options)
    assert found.error.shape == (4, 6) and found.ranks[0] == [1, 2, 3, 4]
    alone = screen.networks(network)
    head = network.head.weight.nbytes + network.head.bias.nbytes
    energy = sum(float((w.astype(np.float64) ** 2).sum())
                 for layer in network.layers for w in (layer.w_ih, layer.w_hh))  # fmt: skip
    for i, j in pairs(found):
        models = prefixes(model, (found.ranks[0][i], found.ranks[1][j]))
        lost = sum(
            weight_error(net, one).mse * sum(a.w_ih.size + a.w_hh.size for a in net.layers)
            for net, one in zip(alone, models)
        )
        assert found.error[i, j] == pytest.approx(lost / energy, rel=1e-9)
        told = [costs.of(one) for one in models]
        for name in ("words", "multiplications"):
            assert found.cost(name, (i, j)) == sum(one[name] for one in told)
        whole = sum(one["bytes"] for one in told) + (head if kind != "side by side" else 0)
        assert found.cost("bytes", (i, j)) == whole


def test_a_prefix_is_the_model_that_is_compressed_to_it():
    network, model, _ = screened("side by side", {})
    x = small.inputs(np.random.default_rng(1), network, 3)
    short = prefix(model, (3, 3))
    for refinements in (1, 3):
        with pl.load(model, "cpu") as whole, pl.load(short, "cpu") as cut:
            want, got = (s.infer(x, refinements=refinements)[0] for s in (whole, cut))
        np.testing.assert_array_equal(want, got)


@pytest.mark.parametrize("limits", [{"bytes": 800}, {"words": 400, "multiplications": 600}])
def test_within_against_every_pair(limits):
    _, _, found = screened("side by side", {})
    naive = np.array(
        [
            [
                all(found.cost(name, (i, j)) <= most for name, most in limits.items())
                for j in range(6)
            ]
            for i in range(4)
        ]
    )
    np.testing.assert_array_equal(found.within(limits), naive)
    assert naive.any() and not naive.all()


def test_modelled_time_of_every_pair():
    """The walk along the border finds all pairs in time, few of which it looks at."""
    _, model, found = screened("side by side", {}, design=designs()["svd_lstm"])
    times = np.array(
        [
            [
                costs.microseconds(prefix(model, (i + 1, j + 1)), designs()["svd_lstm"])
                for j in range(6)
            ]
            for i in range(4)
        ]
    )
    most = float(np.median(times))
    limits = {"microseconds": most, "words": 400}
    fit = found.within(limits)
    np.testing.assert_array_equal(fit, (times <= most) & (found.costs["words"] <= 400))
    assert fit.any() and not fit.all() and len(found._times) < times.size


def test_a_design_that_runs_nothing_of_it():
    _, _, found = screened("side by side", {}, design=designs()["block_diagonal_lstm"])
    assert not found.within({"microseconds": 1e9}).any()
    assert found.cost("microseconds", (0, 0)) == np.inf


def test_sets_of_options():
    network = small.network(np.random.default_rng(0), inputs=28, hidden=128)
    every = candidates.families(network, None, {})
    assert {one["method"] for one in every} == {"svd", "dense", "block_diagonal"}
    assert len(every) == 2 * 2 * (3 + 6) + 2 + 12
    assert {
        "method": "svd",
        "weight_bits": 4,
        "u_tile": (7, 16),
        "v_tile": 16,
        "zero_u_tiles": (2, 4),
        "zero_v_tiles": 4,
    } in every
    only = candidates.families(network, None, {"zero_v_tiles": 0, "weight_bits": 4})
    one = {"method": "svd", "weight_bits": 4, "zero_v_tiles": 0}
    assert only == [one, {**one, "form": "stacked"}]
    stacked = candidates.families(network, None, {"form": "stacked"})
    assert len(stacked) == 2 * 9 and {one["form"] for one in stacked} == {"stacked"}
    alike = {one.get("zero_v_tiles") for one in stacked[:3]}
    assert alike == {None, 8, 16}  # of 4 gates x 8 tiles
    assert {
        "method": "svd", "weight_bits": 8, "form": "stacked", "u_tile": (None, 16),
        "v_tile": (None, 16), "zero_u_tiles": (0, 2), "zero_v_tiles": (0, 8),
    } in stacked  # fmt: skip
    assert candidates.families(network, "dense", {}) == [
        {"method": "dense", "weight_bits": 8},
        {"method": "dense", "weight_bits": 4},
    ]
    tiny = small.network(np.random.default_rng(0), inputs=1, hidden=1)
    assert candidates.families(tiny, "svd", {"weight_bits": 8, "form": "per_gate"}) == [
        {"method": "svd", "weight_bits": 8, "form": "per_gate"}
    ]


def test_shares_of_tiles_of_either_part():
    """Each share of each part with each of the other, once, those of both alike first."""
    network = small.network(np.random.default_rng(0), inputs=28, hidden=128)
    given = {"weight_bits": 8, "form": "per_gate"}
    every = candidates.families(network, "svd", given)
    found = []
    for one in every:
        options = SvdOptions(**{n: v for n, v in one.items() if n != "method"}, refinements=1)
        lists = [options.lists(side, 2, rows, 128)["per_gate"][0]
                 for side, rows in (("input", 28), ("hidden", 128))]  # fmt: skip
        found.append(tuple((part.u.zero, part.v.zero) for part in lists))
        cut = [(part.u.size, part.v.size) for part in lists]
        whole = [(28, 128), (128, 128)]
        assert cut == [
            w if zero == (0, 0) else tiles
            for w, zero, tiles in zip(whole, found[-1], [(7, 16), (16, 16)])
        ]
    of_input, of_hidden = [(0, 0), (1, 2), (2, 4)], [(0, 0), (2, 2), (4, 4)]
    assert found[:3] == list(zip(of_input, of_hidden))
    assert sorted(found) == sorted((a, b) for a in of_input for b in of_hidden)
    # a part that has too little to be cut is not told apart
    short = small.network(np.random.default_rng(0), inputs=1, hidden=1)
    assert len(candidates.families(short, "svd", given)) == 1


@pytest.mark.parametrize("kind", NETWORKS)
@pytest.mark.parametrize("share", [{}, {"share": "none"}])
def test_a_screen_of_two_models_is_what_is_compressed(kind, share):
    """What the input part of one and the hidden part of another say is so of a model of both."""
    network = NETWORKS[kind](np.random.default_rng(3))
    made, budget = [], pl.Budget(words=500)

    def make(options):
        made.append(options)
        return pl.compress(network, input_range=(-2, 2), progress=False, **options)

    both = {**TILES, "zero_v_tiles": 1}
    apart = {
        "u_tile": (None, 2), "v_tile": (None, 4), "zero_u_tiles": (0, 1), "zero_v_tiles": (0, 1)
    }  # fmt: skip
    families = [{"method": "svd", **share, **tiles} for tiles in ({}, both, apart)]
    found = screening.of(network, families, budget, make, math.inf, lambda: None)
    assert [one.options for one in found] == families
    assert len(made) == 2  # none for the third
    mixed, limits = found[2], {"words": 500}
    looked = 0
    for at in pairs(mixed):
        if sum(at) % 3 or not mixed.within(limits)[at]:
            continue
        chosen = tuple(ranks[k] for ranks, k in zip(mixed.ranks, at))
        again = make({**families[2], "refinements": chosen})
        told, looked = costs.of(again, designs()["svd_lstm"]), looked + 1
        for name in ("bytes", "words", "multiplications"):
            assert mixed.cost(name, at) == told[name]
        time = costs.microseconds(mixed.model(chosen), designs()["svd_lstm"])
        assert time == pytest.approx(told["microseconds"], rel=0.02)
        error = again.provenance["relative weight error"]
        assert mixed.error[at] == pytest.approx(error, rel=0.2)
    assert looked >= 3


def test_components_worth_screening():
    network = small.network(np.random.default_rng(0), inputs=28, hidden=128)
    free = pl.Budget(design="svd_lstm")
    # beyond them the matrices themselves are smaller
    assert screening.most(network, {"method": "svd"}, free) == (46, 128)
    tiles = {"u_tile": (7, 16), "v_tile": 16, "zero_u_tiles": (2, 4), "zero_v_tiles": 4}
    stacked = {"form": "stacked", **tiles, "zero_v_tiles": 16}
    for options, kept in (
        ({}, (28 + 128 + 2, 256 + 2)),
        (tiles, (14 + 64 + 2, 128 + 2)),
        (stacked, (14 / 4 + 64 + 0.5, 64 / 4 + 64 + 0.5)),
    ):
        whole = screening.most(network, options, free)
        for words in (100, 3000, 10_000):
            most = screening.most(network, options, pl.Budget(words=words))
            for rank, all_of_them, each in zip(most, whole, kept):
                assert rank == all_of_them or 4 * rank * each >= words
        assert most != whole
