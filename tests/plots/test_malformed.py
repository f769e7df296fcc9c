"""What pictures are given and is not as it must be: refused by name, and nothing is drawn."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from exploration_examples import candidate, candidates, exploration

import pynq_lstm as pl
from pynq_lstm import plots
from pynq_lstm.exploration import report

ANYTHING = (None, 3, "x", [], {}, [1], object(), True, float("nan"), -1.5, [None, 2], {"a": 1})
NEEDED = ("engine", "how", "microseconds", "drop", "mse")


def refused(draw, field=None):
    """The `InputError` that drawing raises; the axis stays empty."""
    ax = plots.axis()
    with pytest.raises(pl.InputError) as error:
        draw(ax)
    assert not ax.has_data() and not ax.get_title() and not ax.texts
    assert error.value.remedy
    if field:
        assert error.value.field == field
    return error.value


@pytest.mark.parametrize("name", NEEDED)
@pytest.mark.parametrize("series", ["candidates", "baselines"])
def test_points_that_lack_a_field(name, series):
    told = exploration().as_dict()
    del told[series][1][name]
    error = refused(lambda ax: plots.front(told, ax), f"exploration.{series}[1]")
    assert error.problem == f"has no {name}"
    with pytest.raises(pl.InputError, match=f"has no {name}"):
        report.page(told)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("engine", (None, 3, ["svdn"])),
        ("how", (None, 0)),
        ("microseconds", (None, "1", 0, -1.0, float("nan"), float("inf"), True, [1], 10**400)),
        ("drop", ("1", [1], True, {})),
        ("mse", ("1", [1], True, {}, -0.1, float("-inf"))),
    ],
)
def test_fields_of_points_that_are_of_another_kind(name, values):
    for value in values:
        told = exploration().as_dict()
        told["candidates"][3][name] = value
        refused(lambda ax, told=told: plots.front(told, ax), f"exploration.candidates[3].{name}")


@pytest.mark.parametrize("name", ["candidates", "baselines", "asked", "device", "best"])
def test_fields_of_explorations(name):
    for value in ANYTHING:
        told = {**exploration().as_dict(), name: value}
        fits = {"asked": str, "device": str, "best": int, "baselines": list}.get(name)
        if fits and isinstance(value, fits) and value in ("x", 3, []):
            plots.front(told)
            continue
        refused(lambda ax, told=told: plots.front(told, ax))


def test_numbers_of_numpy_are_numbers():
    told = exploration().as_dict()
    for one in told["candidates"]:
        one.update(microseconds=np.float64(one["microseconds"]), mse=np.float32(one["mse"]))
    assert plots.front(told).has_data()


def test_what_goes_through_once_is_drawn_whole():
    bars = [SimpleNamespace(process="p", pair=0, start=n, end=n + 1) for n in range(3)]
    for drawn, found in (
        (lambda every: plots.timeline(every), bars),
        (lambda every: plots.drop_against_mse(every), candidates()),
        (lambda every: plots.front({**exploration().as_dict(), "candidates": every}), None),
    ):
        found = found or exploration().as_dict()["candidates"]
        whole, once = drawn(found), drawn(iter(found))
        assert whole.has_data() and sizes(once) == sizes(whole)


def sizes(ax):
    """Of what is drawn."""
    return len(ax.patches), [line.get_xydata().tolist() for line in ax.lines]


def test_an_array_without_dimensions_is_no_sequence():
    for draw in (plots.timeline, plots.drop_against_mse, plots.roofline):
        error = refused(lambda ax, draw=draw: draw(np.array(3), ax=ax))
        assert error.problem == "not a sequence"
    told = {**exploration().as_dict(), "candidates": np.array(None)}
    refused(lambda ax: plots.front(told, ax), "exploration.candidates")


@pytest.mark.parametrize("value", ["3", [1], [1, 2, 3], [2, 1], (1, "2"), float("nan"), -1, True])
def test_resources_that_are_no_numbers(value):
    error = refused(lambda ax: plots.resources({"dsp": value}, {"dsp": 9}, ax), "used.dsp")
    assert error.remedy == "pass a number, or the least and the most"


@pytest.mark.parametrize("value", ["3", [1], float("inf"), -1, True])
def test_a_device_that_has_no_numbers(value):
    refused(lambda ax: plots.resources({"dsp": 1}, {"dsp": value}, ax), "available.dsp")


ROOF = {"device": "d", "bits": 8, "clock_mhz": 200, "compute": 9.0, "memory": 2.0, "ridge": 4.5}
POINT = {"name": "n", "engine": "svdn", "how": "modelled", "intensity": 2.0, "gops": 3.0}
POINT = {**POINT, "executed_intensity": 2.0, "executed_gops": 3.0}
BAR = {"process": "p", "pair": 0, "start": 0, "end": 3}
NO_TEXTS, NO_NUMBERS = (None, 3, ["x"], {}), ("1", [1], True, float("nan"), float("inf"), -1)


@pytest.mark.parametrize("counted", ["executed", "effective"])
def test_fields_of_roofs_and_points(counted):
    def drawn(ax, roof, point):
        plots.roofline([SimpleNamespace(**roof)], [SimpleNamespace(**point)], ax, counted)

    assert plots.roofline([SimpleNamespace(**ROOF)], [SimpleNamespace(**POINT)]).has_data()
    for name in ROOF:
        for value in NO_TEXTS if name == "device" else (None, 0, *NO_NUMBERS):
            wrong = {**ROOF, name: value}
            refused(lambda ax, wrong=wrong: drawn(ax, wrong, POINT), f"roofs[0].{name}")
    for name in POINT:
        for value in NO_TEXTS if isinstance(POINT[name], str) else NO_NUMBERS:
            wrong = {**POINT, name: value}
            refused(lambda ax, wrong=wrong: drawn(ax, ROOF, wrong), f"points[0].{name}")
    for value in (["executed"], np.array(["executed"] * 2), "all"):
        refused(lambda ax, value=value: plots.roofline([SimpleNamespace(**ROOF)], (), ax, value))


def test_fields_of_bars():
    for name in BAR:
        for value in NO_TEXTS if name == "process" else (None, *NO_NUMBERS[:-1]):
            bars = [SimpleNamespace(**BAR), SimpleNamespace(**{**BAR, name: value})]
            refused(lambda ax, bars=bars: plots.timeline(bars, ax), f"bars[1].{name}")
    for value in ("x", *NO_NUMBERS):
        bars = [SimpleNamespace(**BAR)]
        refused(lambda ax, bars=bars, value=value: plots.timeline(bars, ax, value), "period")


def test_fields_of_candidates():
    for name, values in (("engine", NO_TEXTS), ("mse", ("1", -0.1)), ("drop", ("1", [1]))):
        for value in values:
            wrong = [replace(candidate(), **{name: value})]
            refused(
                lambda ax, wrong=wrong: plots.drop_against_mse(wrong, ax), f"candidates[0].{name}"
            )


def test_what_is_no_candidate_roof_point_or_bar():
    roof = SimpleNamespace(device="d", bits=8, clock_mhz=200, compute=9.0, memory=2.0, ridge=4.5)
    bar = SimpleNamespace(process="p", pair=0, start=0, end=None)
    wrong = [*ANYTHING[:3], candidate().as_dict(), [candidate().as_dict()], [candidate(), 3]]
    for value in wrong:
        refused(lambda ax, value=value: plots.drop_against_mse(value, ax))
        refused(lambda ax, value=value: plots.roofline(value, (), ax))
        refused(lambda ax, value=value: plots.roofline([roof], value, ax))
        refused(lambda ax, value=value: plots.timeline(value, ax))
    refused(
        lambda ax: plots.drop_against_mse([replace(candidate(), mse=None)], ax), "candidates[0].mse"
    )
    refused(
        lambda ax: plots.drop_against_mse([replace(candidate(), drop="1")], ax),
        "candidates[0].drop",
    )
    refused(lambda ax: plots.timeline([bar], ax), "bars[0].end")
