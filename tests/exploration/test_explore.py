"""An exploration: its answer against an exhaustive search, workers, interruptions, bad input."""

import json
import re
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import product

import numpy as np
import pytest
from example_matrices import low_rank_layer
from explored import ASKED, FIXED, SMALL, explored

import pynq_lstm as pl
from pynq_lstm.accelerator import resources
from pynq_lstm.accelerator.plan import Plan
from pynq_lstm.budgets import costs
from pynq_lstm.budgets.validation import Validation
from pynq_lstm.errors import CompressionError, DesignError, PynqLstmError
from pynq_lstm.exploration import fit, jobs, store, svd_fit, svd_space
from pynq_lstm.exploration.explore import problem_hash
from pynq_lstm.exploration.store import Store
from pynq_lstm.exploration.target import Target


def alike(one, other):
    return (
        one.as_dict() == other.as_dict()
        and one.model.content_hash == other.model.content_hash
        and one.design == other.design
    )


def test_what_is_found(task, found):
    """Model, design and candidate belong together, and keep to what was asked."""
    network, data, calibration = task
    best = found.best
    assert best.drop <= ASKED["max_drop"] and best in found.candidates
    assert found.float_value == 100
    again = pl.compress(network, calibration=calibration, progress=False, **best.options)
    model = found.model.with_provenance({})
    assert again.with_provenance({}).content_hash == model.content_hash
    validation = Validation(network, data)
    assert validation.float_value - validation.of(found.model) == best.drop
    assert Target.of(SMALL).holds(resources.estimate(found.design))
    models = costs.passes(found.model)
    assert fit.cycles(fit.images(models, found.design)) == best.cycles
    assert best.microseconds == best.cycles / found.design.clock_mhz
    assert best.design == json.loads(found.design.to_json()) and best.how == "modelled"
    good = [one for one in found.candidates if one.drop <= ASKED["max_drop"]]
    assert best.cycles == min(one.cycles for one in good)


def on_every_design(model, target):
    """The least cycles of a grid of tiles and lanes: each packed, sized and modelled, no bound."""
    frame = svd_space.Frame.of([model], len(Plan.of_model(model).pairs), target)
    least, modelled = np.inf, 0
    inputs = tuple(product((1, 2), (2, 3, 4)))
    hidden = (2, 4), (3, 6), (4, 16), (6, 6), (6, 13), (9, 9), (10, 10), (10, 13)
    for u_tile, *lanes in product(svd_space.U_TILES, inputs, hidden):
        try:
            packed = fit.images([model], frame.design(u_tile, lanes))
            design = svd_fit.sized(packed)
        except PynqLstmError:  # too few lanes for the components
            continue
        if target.holds(resources.estimate(design)):
            modelled, least = modelled + 1, min(least, fit.cycles(packed))
    assert modelled > 10
    return least


def test_as_good_as_an_exhaustive_search(task, found):
    """Of ranks of the same family, each compressed and measured, on every design of a grid."""
    network, data, calibration = task
    validation, target, times = Validation(network, data), Target.of(SMALL), []
    for ranks in product((10, 16, 18, 20), (6, 9, 10, 13)):
        model = pl.compress(
            network, calibration=calibration, progress=False, refinements=ranks, **FIXED
        )
        if validation.float_value - validation.of(model) <= ASKED["max_drop"]:
            times.append(on_every_design(model, target))
            assert svd_fit.best([model], target).cycles <= times[-1]
    assert len(times) > 2
    assert found.best.cycles <= 1.03 * min(times)
    assert min(times) <= 1.03 * found.best.cycles  # the grid has designs that are as good


def test_left_out(found):
    """Bounds and accuracies leave out far more than is made."""
    assert found.left_out["bound"] > 0 and found.left_out["accuracy"] > 0
    assert sum(found.left_out.values()) > 20 * len(found.candidates)
    assert len(found.front) > 2
    times = [one.microseconds for one in found.front]
    drops = [one.drop for one in found.front]
    assert times == sorted(times) and drops == sorted(drops, reverse=True)
    lines = found.table().splitlines()
    assert sum(line.startswith("> ") for line in lines) == 1
    assert f"{found.left_out['bound']:,d} models whose bound" in found.table()
    assert "nothing was synthesised" in lines[-1]
    json.dumps(found.as_dict(), allow_nan=False)


@pytest.mark.parametrize("workers", [1, 2])
def test_workers(task, found, workers):
    with ProcessPoolExecutor(workers) as executor:
        assert alike(found, explored(task, executor=executor))


def test_interrupted(task, found, tmp_path, monkeypatch):
    """What was evaluated before an interruption is not evaluated again; a torn line is left out."""
    path, put, count = tmp_path / "found.jsonl", Store.put, [0]

    def counted(self, key, answer):
        if count[0] == 3:
            raise KeyboardInterrupt
        count[0] += 1
        put(self, key, answer)

    monkeypatch.setattr(Store, "put", counted)
    with pytest.raises(KeyboardInterrupt):
        explored(task, store=path)
    kept = path.read_bytes()
    assert kept.count(b"\n") == 4
    path.write_bytes(kept + b'{"key": "check 0 [(1')
    keys = []
    monkeypatch.setattr(
        Store, "put", lambda self, key, own: (keys.append(key), put(self, key, own))
    )
    assert alike(found, explored(task, store=path))
    first = [json.loads(line)["key"] for line in kept.splitlines()[1:]]
    assert keys and not set(keys) & set(first)
    keys.clear()
    assert alike(found, explored(task, store=path)) and not keys
    with pytest.raises(CompressionError, match="of another network, validation, device"):
        explored(task, store=path, max_drop=5.0)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + b"nonsense\n" + b"".join(lines[2:]))
    with pytest.raises(CompressionError, match="damaged in line 2"):
        explored(task, store=path)
    path.write_text("something else")
    with pytest.raises(CompressionError, match="no store of an exploration"):
        explored(task, store=path)
    with pytest.raises(CompressionError, match="cannot be read and written"):
        explored(task, store=tmp_path)


def test_progress(task, found, capsys):
    """Told on stderr where it is asked for; what is found does not depend on it."""
    capsys.readouterr()
    assert alike(found, explored(task, progress=True))
    out, err = capsys.readouterr()
    last = err.replace("\r", "\n").split("\n")
    last = [line for line in last if "sets of options" in line][-1]
    assert out == "" and re.match(r"explore: \d+evaluation", last)
    looked_at, sets = map(int, re.search(r"(\d+) of (\d+) sets of options", last).groups())
    assert 0 < looked_at <= sets
    cycles = re.search(r"([\d,]+) cycles so far", last)[1].replace(",", "")
    assert float(cycles) >= found.best.cycles
    explored(task, progress=False, tries=0)
    assert capsys.readouterr().err == ""


def test_another_device(task):
    """What is found fits the KV260, and is named for it."""
    found = explored(task, device="kv260", tries=0, engines=("svdn",))
    assert Target.of("kv260").holds(resources.estimate(found.design))
    assert found.device == "kv260" and found.design.part == Target.of("kv260").part
    assert found.best.drop <= ASKED["max_drop"]


def test_baselines(task):
    """They get what the answer has, are measured as it is, and come out of a store the same."""
    found = explored(task, baselines=True, tries=0, engines=("svdn",))
    by_engine = {one.engine: one for one in found.baselines}
    assert list(by_engine) == ["lstm_hw", "svd1_hw", "lstm_sw", "svdn_sw"]
    for one in found.baselines:
        assert one.drop is not None and one.how == "modelled" and one.name in found.table()
    for name in ("lstm_hw", "svd1_hw"):
        assert by_engine[name].resources["dsp"] <= found.best.resources["dsp"]
    assert by_engine["svd1_hw"].options["share"] == "none"
    assert by_engine["svdn_sw"].drop == found.best.drop
    assert len(found.as_dict()["baselines"]) == 4
    for name in ("lstm_hw", "lstm_sw"):
        assert by_engine[name].options["weight_bits"] == 8


def test_baselines_are_kept_by_what_they_are_compared_with(task, tmp_path, monkeypatch):
    """Those of another answer are not taken from a store; those of the same one are."""
    asked = {"baselines": True, "tries": 0, "engines": ("svdn",)}
    path, own = tmp_path / "found.jsonl", []
    none = {"found": [], "missing": {}}
    monkeypatch.setattr(jobs, "compared_with", lambda _, best, model: own.append(best) or none)
    first = explored(task, **asked, store=path)
    assert alike(first, explored(task, **asked, store=path)) and len(own) == 1
    made = jobs.made

    def better(problem, family, options):
        answer = made(problem, family, options)
        if "candidate" in answer:
            answer["candidate"]["drop"] -= 1
        return answer

    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(line for line in lines if not line.startswith(b'{"key": "make')))
    monkeypatch.setattr(jobs, "made", better)
    explored(task, **asked, store=path)
    assert [one["drop"] for one in own[1:]] == [first.best.drop - 1]


def test_a_store_of_another_format(task, tmp_path, monkeypatch):
    path = tmp_path / "found.jsonl"
    monkeypatch.setattr(store, "FORMAT", store.FORMAT - 1)
    Store(path, "a problem").close()
    monkeypatch.undo()
    with pytest.raises(CompressionError, match="or version"):
        Store(path, "a problem")


def test_an_mse_instead(task):
    network, _, calibration = task
    asked = {**ASKED, "max_drop": None, "engines": ("svdn",), "tries": 0}
    found = pl.explore(network, max_mse=0.02, calibration=calibration, **asked)
    assert found.best.mse <= 0.02 and found.best.drop is None and found.float_value is None
    assert len(found.front) > 1
    for one in found.front:
        assert one.mse > 0.02 or one.cycles >= found.best.cycles


def test_block_diagonal(task):
    asked = {"max_drop": 100, "engines": ("block_diagonal",), "tries": 0, "progress": False}
    asked["baselines"] = False
    network, data, calibration = task
    found = pl.explore(network, validation=data, calibration=calibration, weight_bits=4, **asked)
    assert found.model.method == "block_diagonal" == found.design.engine
    assert len(found.candidates) >= 1 and found.best.engine == "block_diagonal"


@pytest.mark.parametrize(
    "more, error, text",
    [
        ({"max_drop": None}, CompressionError, "max_drop = None: nor max_mse is given"),
        ({"max_mse": 1e-3}, CompressionError, "max_drop = 3.0: and max_mse together"),
        ({"max_drop": -1}, CompressionError, "max_drop = -1: not a number of at least 0"),
        ({"validation": None}, CompressionError, "validation = None: a drop needs data"),
        ({"device": "zcu999"}, DesignError, "zcu999"),
        ({"device": "ultra96"}, DesignError, "device = 'ultra96': no design fits"),
        ({"clock_mhz": 0}, DesignError, "clock_mhz = 0"),
        ({"engines": ()}, CompressionError, r"engines = \[\]: none is searched; choose from"),
        ({"engines": ("dense",)}, CompressionError, "no engine computes it.*among the baselines"),
        ({"engines": ("block_diagonal",)}, CompressionError, "engines = .*none has the options"),
        ({"tries": -1}, CompressionError, "tries = -1"),
        ({"executor": 2}, CompressionError, "executor = 'int': no concurrent.futures.Executor"),
        ({"solvers": "bcd"}, CompressionError, "solvers = 'bcd'"),
        ({"calibration": None}, pl.CalibrationError, "calibration"),
    ],
)
def test_refused(task, more, error, text):
    with pytest.raises(error, match=text):
        explored(task, **more)


def test_what_a_problem_is(task):
    """Every number counts, also of what only converts to an array; callables by their names."""

    class Tensor:
        def __init__(self, values):
            self.values = np.array(values)

        def __array__(self, dtype=None, copy=None):
            return self.values

    network, (x, labels), _ = task
    others = [labels.copy(), labels.astype(np.int32), None, partial(max, 1), partial(len), len]
    others[0][0] += 1
    others += [Tensor(range(2000)), Tensor([*range(1999), 0]), (1, (2,)), (1, 2)]
    names = {problem_hash(network, x, other) for other in (labels, *others)}
    assert len(names) == len(others)  # of the two partial objects nothing but the kind is known
    assert problem_hash(network, labels) == problem_hash(network, labels.copy())
    layers = [pl.Layer(one.w_ih, one.w_hh, one.bias + 1) for one in network.layers]
    assert problem_hash(pl.Network(layers, network.head), x) != problem_hash(network, x)


def test_a_goal_out_of_reach(task):
    network, data, calibration = task
    asked = {**ASKED, "engines": ("svdn",), "refinements": 1, "max_drop": 0}
    with pytest.raises(
        CompressionError, match="no model that keeps to it was found, the least drop is"
    ):
        pl.explore(network, validation=data, calibration=calibration, **asked)


def test_what_cannot_be_sent(task):
    wanted = pytest.raises(CompressionError, match="cannot be sent to the workers")
    with ProcessPoolExecutor(1) as executor, wanted:
        explored(task, validation=lambda runner: 1.0, executor=executor)


def test_not_a_network():
    with pytest.raises(CompressionError, match="not a Network"):
        pl.explore(np.zeros(3), max_mse=1.0)


def scorer(base):
    return lambda runner: base


def test_every_call_measures_with_its_own_function(task):
    """Closures have one name; what the call before measured with is not kept."""
    network, _, calibration = task
    for base in (50.0, 90.0):
        asked = {**ASKED, "engines": ("svdn",), "refinements": 1, "tries": 0}
        found = pl.explore(network, validation=scorer(base), calibration=calibration, **asked)
        assert found.float_value == base


def test_a_device_of_ones_own(task, found):
    device = replace(SMALL, part="xczu9eg-ffvb1156-2-e")
    other = explored(task, device=device, tries=0)
    assert other.design.part == device.part
    with pytest.raises(DesignError, match="clock_mhz = 301: no clock of designs for small"):
        explored(task, clock_mhz=301)
    with pytest.raises(DesignError, match="clock_mhz = 2000"):
        explored(task, device=replace(SMALL, clock_mhz=2000, highest_clock_mhz=2000))


def test_nothing_is_made_before_a_refusal(task, tmp_path):
    for wrong in ({"executor": 3}, {"engines": None}, {"engines": "svdn"}):
        with pytest.raises(CompressionError):
            explored(task, store=tmp_path / "store", **wrong)
        assert not (tmp_path / "store").exists()
    with pytest.raises(CompressionError, match="store = 5: not a path"):
        explored(task, store=5)


def test_prefixes_of_layers():
    rng = np.random.default_rng(0)
    layers = [low_rank_layer(rng, 6, 6, 3) for _ in range(2)]
    network = pl.Network(layers, stacks=[pl.Stack(2)])
    model = pl.compress(network, input_range=(-1, 1), refinements=4, progress=False)
    ranks = [(np.array([1, 2, 3]), np.array([2, 3, 4]))] * 2
    short = jobs.prefix(model, ranks, (1, 2))
    found = {(own.input.max_refinements, own.hidden.max_refinements) for own in short.passes}
    assert found == {(2, 4)} and short.stacks == model.stacks
    for one, whole in zip(short.passes, model.passes):
        np.testing.assert_array_equal(one.hidden.v, whole.hidden.v)
        np.testing.assert_array_equal(one.input.u, whole.input.u[: len(one.input.u)])
