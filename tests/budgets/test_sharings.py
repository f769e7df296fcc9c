"""Searches over who shares components: what a screen says of groups, and what is chosen."""

import json

import numpy as np
import pytest
import small_networks as small
from example_matrices import low_rank_layer

import pynq_lstm as pl
from pynq_lstm.accelerator import starts
from pynq_lstm.budgets import costs, screen, sharings
from pynq_lstm.budgets.prefixes import prefix
from pynq_lstm.compression.weights import weight_error
from pynq_lstm.errors import CompressionError

QUICK = {"method": "svd", "weight_bits": 8, "form": "per_gate", "solver": "greedy",
         "zero_u_tiles": 0}  # fmt: skip


def layers_alike(rng, noise=0.02):
    """Three layers whose recurrent matrices are nearly the same, with a head."""
    first = low_rank_layer(rng, 6, 6, 4)
    layers = []
    for _ in range(3):
        w = [a + noise * rng.standard_normal(a.shape) for a in (first.w_ih, first.w_hh)]
        layers.append(pl.Layer(*(a.astype(np.float32) for a in w), first.bias))
    head = pl.Head(rng.standard_normal((5, 6)).astype(np.float32), np.zeros(5, np.float32))
    return pl.Network(tuple(layers), head, [pl.Stack(3)])


def side_by_side(rng):
    """Two pairs of LSTMs, each pair alike."""
    a, b = (small.network(rng, 2, noise=0.0).layers for _ in range(2))
    layers = (a[0], b[0], a[0], b[0])
    head = pl.Head(rng.standard_normal((5, 24)).astype(np.float32), np.zeros(5, np.float32))
    return pl.Network(layers, head)


NETWORKS = {"layers": layers_alike, "side by side": side_by_side}


def search(network, data, rng, **given):
    return pl.search(
        network, calibration=small.inputs(rng, network, 8), validate=data, progress=False,
        **{**QUICK, **given},
    )  # fmt: skip


@pytest.mark.parametrize("share", ["none", "network", [[0, 2], [1]]])
@pytest.mark.parametrize("options", [{}, {"form": "stacked", "weight_bits": 4}])
def test_a_screen_of_groups_is_what_is_compressed(share, options):
    rng = np.random.default_rng(0)
    network, most = layers_alike(rng), (5, 6)
    given = {"share": share, **options}
    made = {"input_range": (-2, 2), "progress": False, **given}
    model = pl.compress(network, refinements=most, **made)
    found = screen.of_ranks(network, model, {"method": "svd", **given}, None, most)
    looked = 0
    energy = sum(float((w.astype(np.float64) ** 2).sum())
                 for layer in network.layers for w in (layer.w_ih, layer.w_hh))  # fmt: skip
    for i, one in enumerate(found.ranks[0]):
        for j, other in enumerate(found.ranks[1]):
            if (i + j) % 4:
                continue
            again = pl.compress(network, refinements=(one, other), **made)
            told, looked = costs.of(again), looked + 1
            for name in ("bytes", "words", "multiplications"):
                assert found.cost(name, (i, j)) == told[name]
            # as many components of each group, of the model with the most
            lost = 0.0
            for own, most_of_it, of_it in zip(again.held, model.groups, again.groups):
                ranks = of_it.input.max_refinements, of_it.hidden.max_refinements
                alone = pl.Network([network.layers[k] for k in own])
                size = sum(a.w_ih.size + a.w_hh.size for a in alone.layers)
                lost += weight_error(alone, prefix(most_of_it, ranks)).mse * size
            assert found.error[i, j] == pytest.approx(lost / energy, rel=1e-9)
            # a list of more components may be the one with its residual taken the other way
            error = again.provenance["relative weight error"]
            assert found.error[i, j] == pytest.approx(error, rel=0.2)
    assert looked >= 3 and found.ranks[0][-1] == 5


@pytest.mark.parametrize("kind", NETWORKS)
def test_the_ways_that_are_tried(kind):
    rng = np.random.default_rng(1)
    network = NETWORKS[kind](rng)
    ways = sharings.of(network, "auto", {"refinements": 4})
    found = pl.grouping(network, refinements=4, progress=False).groups
    if kind == "side by side":
        assert found == ((0, 2), (1, 3))
        assert ways == [{}, {"share": "none"}, {"share": found}]
    else:
        assert ways[:2] == [{}, {"share": "network"}]  # each LSTM of a pass is alone
    # words cannot be divided among groups, so none are looked for
    assert {"share": found} not in sharings.of(network, "auto", {"words": 200})
    assert sharings.of(network, "all", {}) == [{}]
    one = pl.Network(network.layers[:1])
    assert sharings.of(one, "auto", {}) == sharings.of(one, "network", {}) == [{}]
    every = [{"method": "svd", "weight_bits": 8}, {"method": "dense", "weight_bits": 8}]
    assert sharings.with_families(every, ways) == [
        *({**every[0], **way} for way in ways), every[1]
    ]  # fmt: skip
    assert sharings.with_families(every, [{"share": "none"}]) == [{**every[0], "share": "none"}]


@pytest.mark.parametrize("kind", NETWORKS)
def test_the_measured_best_of_the_ways_is_chosen(kind):
    rng = np.random.default_rng(2)
    network = NETWORKS[kind](rng)
    data = small.labelled(rng, network, 60)
    budget = {"words": 500}
    found = search(network, data, rng, share="auto", budget=budget, tries=8)
    tried = {json.dumps(trial.as_dict()["options"].get("share", "all")) for trial in found.tried}
    assert len(tried) >= 2
    assert found.chosen.accuracy == max(trial.accuracy for trial in found.tried if trial.fits)
    assert found.chosen.words == costs.of(found.model)["words"] <= budget["words"]
    again = pl.compress(
        network, calibration=small.inputs(np.random.default_rng(3), network, 8), progress=False,
        **found.chosen.options,
    )  # fmt: skip
    held = getattr(again, "held", None)
    assert held == getattr(found.model, "held", None)


def test_weight_error_decides_without_validation():
    rng = np.random.default_rng(4)
    network = side_by_side(rng)
    found = search(network, None, rng, share="auto", budget={"words": 450}, tries=8)
    assert found.model.held == ((0, 2), (1, 3))
    assert "share (0, 2) | (1, 3)" in found.table()
    rivals = [search(network, None, rng, share=share, budget={"words": 450}, tries=8).chosen
              for share in ("all", "none")]  # fmt: skip
    assert all(found.chosen.relative_error < one.relative_error for one in rivals)


def test_a_way_that_is_given_is_kept():
    rng = np.random.default_rng(5)
    network = layers_alike(rng)
    found = search(network, None, rng, share="network", budget={"words": 250}, tries=3)
    assert {trial.options["share"] for trial in found.tried} == {"network"}
    assert found.model.held == ((0, 1, 2),) and found.chosen.words <= 250
    model = pl.compress(
        network, calibration=small.inputs(rng, network, 8), budget={"words": 250}, share="network",
        tries=2, progress=False, **QUICK,
    )  # fmt: skip
    assert model.held == ((0, 1, 2),)
    with pytest.raises(CompressionError, match="budget.words"):
        search(network, None, rng, share="none", budget={"words": 5}, tries=3)


def test_a_drop_and_a_modelled_time():
    rng = np.random.default_rng(6)
    network = layers_alike(rng)
    data = small.labelled(rng, network, 60)
    budget = {"design": "svd_lstm", "words": 400}
    found = search(network, data, rng, share="auto", max_drop=15, budget=budget, tries=8)
    assert found.chosen.drop <= 15
    design = pl.Budget(design="svd_lstm").design
    assert found.chosen.microseconds == starts.microseconds([starts.one(found.model, design)])
    told = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert told["tried"][told["chosen"]]["words"] == found.chosen.words


def test_groups_in_an_array_are_told_as_json():
    rng = np.random.default_rng(7)
    network = side_by_side(rng)
    groups = np.array([[0, 2], [1, 3]])
    found = search(network, None, rng, share=groups, budget={"words": 450}, tries=2)
    told = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert told["tried"][told["chosen"]]["options"]["share"] == groups.tolist()


def test_nothing_is_grouped_before_the_arguments_were_looked_at(monkeypatch):
    rng = np.random.default_rng(8)
    network = layers_alike(rng)
    x = small.inputs(rng, network, 8)
    monkeypatch.setattr(sharings, "grouping", None)  # calling it raises TypeError
    auto = {"budget": {"words": 300}, "share": "auto", "progress": False}
    with pytest.raises(CompressionError, match="share = 'auto': of method 'svd' only"):
        pl.search(network, calibration=x, method="dense", **auto)
    with pytest.raises(CompressionError, match="share = 'auto': of method 'svd' only"):
        pl.compress(network, "block_diagonal", calibration=x, **auto)
    with pytest.raises(pl.CalibrationError):
        pl.search(network, method="svd", **auto)
    wrong = {**auto, "share": [[0, 1]]}
    with pytest.raises(CompressionError, match="not each of 3 LSTMs"):  # nor validated
        pl.search(network, calibration=x, validate=lambda runner: "good", **wrong)
    with pytest.raises(CompressionError, match="validate"):
        pl.search(network, calibration=x, method="svd", validate=lambda runner: "good", **auto)
