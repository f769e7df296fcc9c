"""The baselines of an answer: what they have of it."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from explored import SMALL
from test_explore import explored

import pynq_lstm as pl
from pynq_lstm.accelerator.devices import Device
from pynq_lstm.baselines import lstm_hw
from pynq_lstm.budgets.validation import Validation
from pynq_lstm.exploration import alone, jobs
from pynq_lstm.exploration.compared import compared
from pynq_lstm.exploration.goal import Goal
from pynq_lstm.exploration.target import Target


@pytest.mark.parametrize(("bits", "least"), [((4, 16), 4), ((2, 8), 4), ((8, 8), 8)])
def test_baselines_have_the_bits_of_the_answer(task, bits, least):
    """Of another width, dense weights of 2 bits being of 4."""
    network, _, calibration = task
    method = {"method": "block_diagonal", "block_rank": 2} if bits[0] == 2 else {"refinements": 4}
    own = dict(zip(("weight_bits", "activation_bits"), bits))
    answer = pl.compress(network, calibration=calibration, **method, **own)
    best = {"resources": {"dsp": 200}, "engine": "svdn", "options": {**method, **own}}
    target = SimpleNamespace(device=Device.of("zcu104"), clock_mhz=200)
    made = []

    def compress(options):
        made.append(pl.compress(network, calibration=calibration, **options))
        return made[-1]

    unmeasured = lambda model: (None, None)  # noqa: E731
    found = compared(network, target, best, answer, compress, unmeasured, lambda *_: True)["found"]
    hardware, *_ = (one for one in found if one["engine"] == "lstm_hw")
    software, *_ = (one for one in found if one["engine"] == "lstm_sw")
    for one in (hardware, software):
        told = one["options"]
        assert (told["weight_bits"], told["activation_bits"]) == (least, bits[1])
    assert (
        hardware["microseconds"]
        == lstm_hw(network, "zcu104", 200, 200, least, bits[1]).microseconds
    )
    dense = made[0]
    assert (dense.method, dense.weight_bits, dense.activation_bits) == ("dense", least, bits[1])
    assert hardware["mse"] == dense.provenance["weight mse"]


class Answer:
    """An answer of one set of options, compared with what `explore` would compare it with."""

    def __init__(self, task, goal, device="zcu104", engine="svdn", **options):
        self.network, data, self.calibration = task
        self.goal, self.options, self.target = goal, options, Target.of(device)
        self.validation = Validation(self.network, data)
        self.made = []
        self.model = self.compress(options)
        best = {"resources": {"dsp": 200}, "engine": engine, "options": options}
        told = compared(
            self.network, self.target, best, self.model, self.compress, self.measure, goal.met
        )
        self.found = {one["engine"]: one for one in told["found"]}
        self.missing = told["missing"]

    def compress(self, options):
        model = pl.compress(self.network, calibration=self.calibration, progress=False, **options)
        self.made.append(options)
        return model

    def measure(self, model):
        value = self.validation.of(model)
        return value, self.validation.float_value - value


def test_svd1_meets_the_goal(task):
    """With more components than at the words of the answer, and with no more than it needs."""
    answer = Answer(task, Goal(3.0, None, True), refinements=(14, 9), form="stacked", v_tile=4)
    at_equal_words = answer.compress({**answer.options, "share": "none"})
    assert answer.measure(at_equal_words)[1] > 3
    found = answer.found["svd1_hw"]
    assert found["drop"] <= 3 and not answer.missing
    again = answer.compress({**answer.options, **_options(found)})
    assert answer.measure(again)[1] == found["drop"]
    ranks = found["options"]["refinements"]
    assert all(more >= few for more, few in zip(ranks, (14, 9)))
    assert len(answer.made) < 25  # of some thousand pairs of ranks


def _options(found):
    return {name: found["options"][name] for name in ("refinements", "share")}


def test_svd1_takes_no_more_than_it_needs(task):
    """What meets the goal easily is cut: an answer with too many components is no yardstick."""
    answer = Answer(task, Goal(None, 0.05, False), refinements=(18, 20), form="stacked")
    found = answer.found["svd1_hw"]
    assert found["mse"] <= 0.05
    first, second = found["options"]["refinements"]
    assert first < 18 and second < 20


@pytest.mark.parametrize("low, high", [(0, 0), (0, 9), (-4, 11)])
def test_the_least_that_is_good(low, high):
    for start in range(low, high + 1):
        for least in range(low, high + 2):
            looked = []
            found = alone._least(
                lambda n, least=least, looked=looked: looked.append(n) or n >= least,
                low, start, high,
            )  # fmt: skip
            assert found == (least if least <= high else None)
            assert all(low <= n <= high for n in looked)
            assert not found or max(looked) <= max(start, 2 * least - start + 1)


def test_what_is_missing_says_why(task):
    goal = Goal(100.0, None, True)
    answer = Answer(task, goal, engine="block_diagonal", method="block_diagonal", block_rank=2)
    assert set(answer.found) == {"lstm_hw", "lstm_sw"}
    assert answer.missing == {
        "svd1_hw": "the answer is block-diagonal: it has no components to divide",
        "svdn_sw": "the answer is block-diagonal: no time of its software is estimated",
    }
    answer = Answer(task, Goal(None, 0.0, False), refinements=4)
    assert set(answer.missing) == {"svd1_hw"}
    assert "do not meet the goal with any" in answer.missing["svd1_hw"]
    silent = replace(Device.of("zcu104"), host="none", host_cores=0, host_mhz=0)
    answer = Answer(task, goal, silent, refinements=4)
    assert "has no processor" in answer.missing["lstm_sw"] == answer.missing["svdn_sw"]
    network, _, calibration = task
    single = pl.Network(network.layers[:1])
    answer = Answer((single, lambda runner: 1.0, calibration[0]), goal, refinements=4)
    assert answer.missing == {
        "svd1_hw": "a single LSTM shares nothing: the answer is of SVD1 itself"
    }


def test_missing_baselines_are_told(task):
    """In the table and in JSON."""
    network, data, calibration = task
    asked = {"max_drop": 100, "engines": ("block_diagonal",), "weight_bits": 4, "progress": False}
    found = pl.explore(network, validation=data, calibration=calibration, **asked)
    assert set(found.missing_baselines) == {"svd1_hw", "svdn_sw"}
    assert found.as_dict()["missing_baselines"] == found.missing_baselines
    for engine, why in found.missing_baselines.items():
        assert f"no baseline {engine}: {why}" in found.table()


def test_the_dsps_are_those_of_the_answer(task, monkeypatch):
    """Of the design that is returned, the smallest of its time, not of the first one found."""
    handed, first = [], []
    made, compared_with = jobs.made, jobs.compared_with

    def watched(problem, family, options):
        answer = made(problem, family, options)
        first.append(answer.get("candidate", {}))
        return answer

    def baselines(problem, best, model):
        handed.append(best)
        return compared_with(problem, best, model)

    monkeypatch.setattr(jobs, "made", watched)
    monkeypatch.setattr(jobs, "compared_with", baselines)
    asked = {"tries": 0, "engines": ("svdn",), "refinements": (16, 11), "max_drop": 100}
    device = replace(SMALL, dsp=400)
    found = explored(task, baselines=True, device=device, **asked)
    (best,) = handed
    dsp = found.best.resources["dsp"]
    assert best["resources"]["dsp"] == dsp
    assert [one["resources"]["dsp"] for one in first] != [dsp]  # a case where both differ
    told = {one.engine: one for one in found.baselines}
    network, options = task[0], told["lstm_hw"].options
    bits = options["weight_bits"], options["activation_bits"]
    assert told["lstm_hw"].cycles == lstm_hw(network, device, 200, dsp, *bits).cycles
