"""The run of the first paper's claims on a small task: every row is measured or modelled."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from example_matrices import random_inputs, random_network

import pynq_lstm as pl
from benchmarks.paper_svd import points, report, run, tasks


@pytest.fixture(scope="module")
def small():
    """Two LSTMs, judged by how near logits are to the float network's: eight bits show."""
    rng = np.random.default_rng(0)
    network = random_network(rng, [(9, 16), (9, 16)], classes=3)
    x = random_inputs(rng, network, 64)
    exact = network.infer_logits(x)

    def accuracy(infer):
        return 100 - 10 * float(np.abs(infer(x) - exact).mean())

    return tasks.Task("small", network, {"calibration": x}, (2, 4), ({}, {}), (400,), accuracy)


def test_the_dense_baselines_lose_what_was_measured(small):
    """LSTM-HW and LSTM-SW run the int8 model: their drop is its own, not zero by decree."""
    model = pl.compress(small.network, "dense", progress=False, **small.ranges)
    with pl.load(model, "cpu") as session:
        value = small.accuracy(session.infer_logits)
    assert 0 < 100 - value < 1
    rows = run.dense(small)
    rows += [row for row in run.software(small, True) if row["engine"] == "lstm_sw"]
    assert {row["engine"] for row in rows} == {"lstm_hw", "lstm_sw"} and len(rows) == 4
    for row in rows:
        assert (row["value"], row["drop"]) == (value, 100 - value)
        assert row["mse"] == model.provenance["weight mse"] > 0


def test_sizes_only_have_no_drop(small):
    bare = tasks.Task(**{**vars(small), "accuracy": None})
    assert {(row["value"], row["drop"]) for row in run.dense(bare)} == {(None, None)}


@pytest.fixture
def pools(small, monkeypatch):
    """Runs of the small task are in this process; how many processes each of them asked for."""
    monkeypatch.setattr(tasks, "make", lambda name: small)
    monkeypatch.setattr(run, "SOFTWARE_CALLS", 2)
    pools = []

    class Here:
        """A pool of this process: the task is not known to others."""

        def __init__(self, processes, mp_context):
            pools.append(processes)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def submit(self, job, *arguments):
            answer = job(*arguments)
            return SimpleNamespace(result=lambda: answer)

    monkeypatch.setattr(run, "ProcessPoolExecutor", Here)
    monkeypatch.setattr(run, "tqdm", lambda values, **_: values)
    return pools


def test_a_run_from_the_points_to_the_figures(pools, tmp_path, monkeypatch, capsys):
    """`make paper-svd SVD_OPTIONS=--quick`, in this process, on the small task."""
    given = ["--quick", "--work", str(tmp_path), "--processes", "1"]
    run.main(given)
    figures = json.loads(capsys.readouterr().out)
    told = {one["figure"]: one for one in figures}
    assert pools == [1] and len(told) == len(figures)
    ratio = told["SVD1-HW's time over SVDn-HW's for no more drop, small, at most 400 DSPs"]
    assert ratio["slides"] == report.FASTER
    hardware = told["LSTM-HW, no states around loops, small, at most 400 DSPs"]
    assert hardware["memory_bits"] > 0 and hardware["dsp"] <= 400
    (folder,) = (tmp_path / "quick").iterdir()
    kept = {path: path.read_bytes() for path in folder.iterdir()}
    assert len(kept) == len(points.SYSTEMS) + 1  # and the software's
    monkeypatch.setattr(run, "modelled", None)  # a second run takes what is there
    run.main(given)
    assert json.loads(capsys.readouterr().out) == figures
    assert {path: path.read_bytes() for path in folder.iterdir()} == kept


@pytest.mark.parametrize("quick", (True, False))
def test_a_figure_that_is_not_finite_fails_the_run(pools, tmp_path, monkeypatch, capsys, quick):
    """CI runs the short one for its status alone; nothing is written by the long one either."""
    monkeypatch.setattr(run, "modelled", lambda job: [])
    monkeypatch.setattr(run, "software", lambda task, quick: [])
    monkeypatch.setattr(run, "dense", lambda task: [])
    monkeypatch.setattr(run.results, "RESULTS", tmp_path / "results")
    figure = {"figure": "a ratio", "value": 1.0, "unit": "times", "largest": 2.5, "drop": None}
    figures = [figure, {**figure, "figure": "b", "front_us": [1.0, float("nan")]}]
    figures.append({**figure, "figure": "c", "value": float("inf")})
    monkeypatch.setattr(report, "figures", lambda task, own, soft: figures)
    given = ["--work", str(tmp_path), "--tasks", tasks.NAMES[0], *["--quick"] * quick]
    with pytest.raises(SystemExit) as ended:
        run.main(given)
    told = str(ended.value).splitlines()
    assert told[0] == "figures that are not finite:" and len(told) == 3
    assert told[1].startswith("b: front_us = [1.0, ") and told[2] == "c: value = inf"
    assert capsys.readouterr().out == "" and not (tmp_path / "results").exists()
