"""Searches: what is chosen fits, nothing that was tried is better, and it can be made again."""

import json
import math

import numpy as np
import pytest
import small_networks as small

import pynq_lstm as pl
from pynq_lstm.accelerator import starts
from pynq_lstm.budgets import costs

# descents that end soon, and a quarter of the sets of options
QUICK = {"sweeps": 5, "tolerance": 1e-3, "method": "svd", "weight_bits": 8, "form": "per_gate"}
GREEDY = {**QUICK, "solver": "greedy"}


@pytest.fixture(scope="module")
def task():
    rng = np.random.default_rng(0)
    network = small.network(rng)
    return network, small.inputs(rng, network, 8), small.labelled(rng, network)


def search(task, **given):
    network, calibration, _ = task
    return pl.search(network, calibration=calibration, progress=False, **given)


BUDGETS = [
    {"bytes": 800},
    {"words": 280},
    {"multiplications": 500, "bytes": 900},
    {"microseconds": 0.48, "design": "svd_lstm"},
]


@pytest.mark.parametrize("validated", [False, True], ids=["error", "accuracy"])
@pytest.mark.parametrize("budget", BUDGETS, ids=lambda budget: next(iter(budget)))
def test_within_a_budget(task, budget, validated):
    given = {"validate": task[2]} if validated else {}
    found = search(task, budget=budget, tries=6, **QUICK, **given)
    limits = pl.Budget.of(budget)
    spent = costs.of(found.model, limits.design)
    assert spent == found.chosen.costs
    for name, most in limits.limits.items():
        assert spent[name] <= most
    assert len(found.tried) <= 6 and found.chosen in found.tried and found.chosen.fits
    for trial in found.tried:
        kept = all(trial.costs[name] <= most for name, most in limits.limits.items())
        assert trial.fits is kept
        if kept and validated:
            assert trial.accuracy <= found.chosen.accuracy
        elif kept:
            assert trial.relative_error >= found.chosen.relative_error


def test_the_chosen_options_make_the_model_again(task):
    network, calibration, (x, labels) = task
    found = search(task, budget={"bytes": 800}, validate=(x, labels), tries=6, **QUICK)
    again = pl.compress(network, calibration=calibration, progress=False, **found.chosen.options)
    same = found.model.with_provenance({}), again.with_provenance({})
    assert same[0].content_hash == same[1].content_hash
    for name, key in (("weight mse", "mse"), ("relative weight error", "relative_error")):
        assert again.provenance[name] == getattr(found.chosen, key)
    with pl.load(again, "cpu") as session:
        accuracy = 100 * float((session.infer_logits(x).argmax(axis=1) == labels).mean())
    assert accuracy == pytest.approx(found.chosen.accuracy)
    assert found.chosen.drop == pytest.approx(100 - accuracy) and found.float_value == 100
    told = found.model.provenance
    assert told["asked"] == "highest validated value, at most 800 bytes"
    assert told["chosen options"] == found.chosen.name
    assert told["chosen of models"] == len(found.tried)


def test_the_same_arguments_find_the_same(task):
    given = {"budget": pl.Budget(words=280), "validate": task[2], "tries": 4, **GREEDY}
    first, second = search(task, **given), search(task, **given)
    assert first.tried == second.tried
    assert first.model.content_hash == second.model.content_hash
    network, calibration, _ = task
    model = pl.compress(network, calibration=calibration, progress=False, **given)
    assert model.content_hash == first.model.content_hash


@pytest.mark.parametrize("solver", ["greedy", "bcd"])
def test_a_larger_budget_is_never_worse(task, solver):
    errors = [
        search(task, budget={"words": words}, tries=6, solver=solver, **QUICK).chosen.relative_error
        for words in (80, 150, 300, 600)
    ]
    assert errors == sorted(errors, reverse=True) and errors[-1] < 0.5 * errors[0]


def test_what_is_found_is_better_than_any_equal_ranks(task):
    """Every rank that fits, the same for both parts, whole and by the greedy solver."""
    network, calibration, _ = task
    budget = pl.Budget(words=280)
    found = search(task, budget=budget, **QUICK)
    rivals = []
    for refinements in range(1, 6):
        for bits in (4, 8):
            model = pl.compress(
                network,
                calibration=calibration,
                refinements=refinements,
                weight_bits=bits,
                progress=False,
            )
            if costs.of(model)["words"] <= 280:
                rivals.append(model.provenance["relative weight error"])
    assert len(rivals) >= 2 and found.chosen.relative_error <= min(rivals)


def test_within_a_drop(task):
    found = {}
    for points in (1, 20):
        got = search(task, max_drop=points, validate=task[2], tries=10, **QUICK)
        assert got.chosen.drop <= points and got.chosen.fits
        for trial in got.tried:
            assert trial.fits is (trial.drop <= points)
            assert not trial.fits or trial.bytes >= got.chosen.bytes
        found[points] = got.chosen.bytes
    assert found[20] < found[1]


@pytest.mark.parametrize("cost", ["words", "multiplications", "microseconds"])
def test_the_cost_that_a_drop_minimises(task, cost):
    budget = {"design": "svd_lstm_tiny", "bytes": 1250}
    given = {**QUICK, "max_drop": 5, "validate": task[2], "solver": "greedy", "tries": 10}
    found = search(task, budget=budget, cost=cost, **given)
    fitting = [trial for trial in found.tried if trial.fits]
    assert found.chosen.costs[cost] == min(trial.costs[cost] for trial in fitting)
    assert all(trial.bytes <= 1250 and trial.drop <= 5 for trial in fitting)
    assert len({trial.costs[cost] for trial in fitting}) > 1
    assert "modelled microseconds a step" in found.model.provenance


def test_all_methods_unless_one_is_named(task):
    network, calibration, _ = task
    found = search(task, budget={"bytes": 10_000})
    assert found.chosen.options["method"] == "dense"  # small matrices, nothing is lost
    found = search(task, budget={"bytes": 10_000}, method="block_diagonal", tries=3)
    assert {trial.options["method"] for trial in found.tried} == {"block_diagonal"}
    found = search(task, budget={"bytes": 10_000}, block_rank=(4, 8), tries=9)
    assert {trial.options["block_rank"] for trial in found.tried} == {(4, 8)}


def test_without_a_budget_no_method_means_svd(task):
    network, calibration, _ = task
    given = {"calibration": calibration, "refinements": 2, "progress": False}
    hashes = {pl.compress(network, method=m, **given).content_hash for m in (None, "svd")}
    assert len(hashes) == 1


def test_options_that_are_given_are_not_searched(task):
    fixed = {"weight_bits": 4, "p_bits": 9, "refinements": (2, 3), "solver": "greedy"}
    found = search(task, budget={"bytes": 5000}, **fixed)
    assert [dict(trial.options) for trial in found.tried if trial is found.chosen] == [
        dict(found.chosen.options)
    ]
    for trial in found.tried:
        assert fixed.items() <= trial.options.items()
    assert found.model.p_bits == 9 and found.model.max_refinements == 3


def test_a_large_limit_is_told_in_full(task):
    found = search(task, budget={"bytes": 1_234_567, "words": 98_765}, tries=1, **GREEDY)
    assert found.asked == "least weight error, at most 1,234,567 bytes, at most 98,765 words"


def test_tries_and_seconds_end_a_search(task):
    given = {"budget": {"bytes": 900}, "validate": task[2], **GREEDY}
    assert len(search(task, tries=1, **given).tried) == 1
    assert len(search(task, tries=3, **given).tried) == 3
    assert len(search(task, seconds=0, **given).tried) == 1


def test_a_callable_meets_the_network_and_its_models_alike(task):
    network, calibration, (x, labels) = task
    met = []

    def validate(runner):
        out, (h, c) = runner.infer(x)
        met.append((type(runner).__name__, out.shape, runner.infer_logits(x).shape))
        return -float(np.abs(out - network.infer(x)[0]).mean())

    found = search(task, budget={"bytes": 900}, validate=validate, tries=3, **GREEDY)
    assert met[0] == ("Network", (2, 100, 6, 6), (100, 5))
    assert {one[0] for one in met[1:]} == {"Session"} and len({one[1:] for one in met}) == 1
    assert len(met) == 1 + len(found.tried)
    assert found.float_value == 0 and found.chosen.drop == -found.chosen.accuracy > 0
    without = pl.Network(network.layers)
    got = pl.search(
        without,
        max_drop=0.05,
        validate=lambda runner: -float(np.abs(runner.infer(x)[0] - network.infer(x)[0]).mean()),
        calibration=calibration,
        tries=6,
        **GREEDY,
    )
    assert got.chosen.drop <= 0.05


def test_lengths_are_part_of_the_validation(task):
    network, _, (x, _) = task
    lengths = np.random.default_rng(3).integers(1, 7, 100)
    labels = network.infer_logits(x, lengths=lengths).argmax(axis=1)
    found = search(task, budget={"bytes": 2000}, validate=(x, labels, lengths), tries=2, **GREEDY)
    assert found.float_value == 100
    found = search(task, budget={"bytes": 2000}, validate=(x, labels), tries=2, **GREEDY)
    assert found.float_value < 90


@pytest.mark.parametrize("given", [{}, {"max_drop": 10.0}], ids=["accuracy", "drop"])
def test_a_network_of_layers(given):
    rng = np.random.default_rng(5)
    network = small.stacked(rng)
    data = small.labelled(rng, network)
    found = pl.search(
        network,
        budget={"bytes": 800, "design": "svd_lstm"},
        validate=data,
        calibration=small.inputs(rng, network, 8),
        tries=6,
        **GREEDY,
        **given,
    )
    assert isinstance(found.model, pl.CompressedNetwork)
    size = sum(costs.of(one)["bytes"] for one in found.model.passes)
    size += network.head.weight.nbytes + network.head.bias.nbytes
    assert found.chosen.bytes == size <= 800
    design = pl.Budget(design="svd_lstm").design
    assert found.chosen.microseconds == starts.microseconds([starts.one(found.model, design)])
    assert "asked" in found.model.provenance


@pytest.mark.parametrize("given", [{}, {"max_drop": 10.0}], ids=["accuracy", "drop"])
@pytest.mark.parametrize("share", ["all", "network"])
def test_words_of_a_network_of_layers_are_put_where_they_pay(given, share):
    rng = np.random.default_rng(6)
    network = small.stacked(rng)
    data, calibration = small.labelled(rng, network), small.inputs(rng, network, 8)
    budget = {"words": 500}
    found = pl.search(
        network, budget=budget, validate=data, calibration=calibration, share=share, tries=8,
        progress=False, **GREEDY, **given,
    )  # fmt: skip
    allotted = [trial for trial in found.tried if "words" in trial.options]
    assert allotted and len(allotted) < len(found.tried)
    for trial in allotted:
        assert trial.words <= trial.options["words"] <= budget["words"]
        again = pl.compress(network, calibration=calibration, progress=False, **trial.options)
        assert isinstance(again, pl.CompressedNetwork)
        assert costs.of(again)["words"] == trial.words
        assert again.provenance["relative weight error"] == trial.relative_error
    # without data to tell accuracies by, weight error decides, which words are not put for
    plain = pl.search(
        network, budget=budget, calibration=calibration, share=share, tries=8, progress=False,
        **GREEDY,
    )  # fmt: skip
    assert not any("words" in trial.options for trial in plain.tried)


def test_tiles_of_one_part_alone():
    """Input gates of low rank, recurrent ones of blocks: tiles are pruned of the latter only."""
    rng, hidden = np.random.default_rng(7), 16
    gates = [rng.standard_normal((hidden, 3)) @ rng.standard_normal((3, 16)) for _ in range(4)]
    w_hh = np.zeros((4, hidden, hidden), np.float32)
    for at in range(0, hidden, 4):
        w_hh[:, at : at + 4, at : at + 4] = rng.standard_normal((4, 4, 4))
    weights = np.concatenate(gates).astype(np.float32), w_hh.reshape(-1, hidden)
    net = pl.Network((pl.Layer(*weights, np.zeros(4 * hidden, np.float32)),))
    x = rng.standard_normal((8, 6, 16)).astype(np.float32)
    given = {**GREEDY, "calibration": x, "budget": {"words": 700}, "progress": False}
    found = pl.search(net, tries=4, **given)
    chosen = found.chosen.options
    assert chosen["u_tile"] == chosen["v_tile"] == (None, 4)
    assert chosen["zero_u_tiles"] == chosen["zero_v_tiles"] == (0, 2)
    assert "u_tile whole/4" in found.chosen.name
    told = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert told["tried"][told["chosen"]]["options"]["u_tile"] == [None, 4]
    again = pl.compress(net, calibration=x, progress=False, **chosen)
    assert again.provenance["relative weight error"] == found.chosen.relative_error
    # parts that are cut alike lose more
    for pruned in (0, 1, 2):
        tiles = {"u_tile": 4, "v_tile": 4, "zero_u_tiles": pruned, "zero_v_tiles": pruned}
        other = pl.search(net, tries=2, **given, **tiles)
        assert found.chosen.relative_error < other.chosen.relative_error


def test_a_report_for_people_and_for_json(task):
    budget = {"bytes": 900, "design": "svd_lstm"}
    found = search(task, budget=budget, validate=task[2], tries=4, **GREEDY)
    lines = found.table().splitlines()
    assert lines[0].startswith("asked: highest validated value, at most 900 bytes")
    assert len([line for line in lines if line.startswith(" > ")]) == 1
    assert len(lines) == 2 + len(found.tried) + 2 and "modelled" in lines[-1]
    told = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert len(told["tried"]) == len(found.tried)
    chosen = told["tried"][told["chosen"]]
    assert chosen["bytes"] == found.chosen.bytes and chosen["fits"] is True
    assert chosen["options"]["refinements"] == list(found.chosen.options["refinements"])
    for cell in (f"{found.chosen.bytes:,d}", f"{found.chosen.relative_error:.4f}"):
        assert cell in next(line for line in lines if line.startswith(" > "))


@pytest.mark.parametrize("validated", [False, True])
def test_a_picture(task, validated, tmp_path):
    given = {"validate": task[2]} if validated else {}
    found = search(task, budget={"bytes": 900}, tries=4, **GREEDY, **given)
    ax = found.plot()
    assert found.plot(ax) is ax
    label = "drop on validation data, points" if validated else "relative error of the weights"
    assert ax.get_ylabel() == label and ax.get_xlabel() == "stored bytes"
    points = {(x, y) for line in ax.lines for x, y in zip(*line.get_data())}
    for trial in found.tried:
        height = trial.drop if validated else trial.relative_error
        assert any(x == trial.bytes and math.isclose(y, height) for x, y in points)
    ax.figure.savefig(tmp_path / "search.png")
