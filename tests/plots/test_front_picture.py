"""Time against drop: every point at its place, the front, the best, who is modelled."""

import json
from dataclasses import replace

import numpy as np
import pytest
from exploration_examples import baselines, candidate, candidates, exploration

import pynq_lstm as pl
from pynq_lstm import plots
from pynq_lstm.plots import marks

pytest.importorskip("matplotlib")


def drawn(ax):
    """The points of each colour and marker."""
    found = {}
    for line in ax.get_lines():
        if line.get_marker() not in ("None", "", None) and line.get_label() != "best":
            key = line.get_color(), line.get_marker()
            found.setdefault(key, []).extend(map(tuple, line.get_xydata().tolist()))
    return {key: sorted(points) for key, points in found.items()}


def test_every_point_is_at_its_place_in_its_mark():
    shown = drawn(plots.front(exploration()))
    expected = {}
    for one in (*candidates(), *baselines()):
        mark = marks.mark(one.engine)
        expected.setdefault((mark.colour, mark.marker), []).append((one.microseconds, one.drop))
    assert shown == {key: sorted(points) for key, points in expected.items()}


@pytest.mark.parametrize("seed", range(5))
def test_front_is_that_of_the_exploration(seed):
    found = exploration(candidates(seed=seed))
    (line,) = [line for line in plots.front(found).get_lines() if line.get_label() == "front"]
    corners = [(one.microseconds, one.drop) for one in found.front]
    assert list(map(tuple, line.get_xydata().tolist())) == corners
    assert line.get_drawstyle() == "steps-post" and len(corners) > 2


def test_open_is_modelled_and_filled_is_measured():
    ax = plots.front(exploration())
    faces = {}
    for line in ax.get_lines():
        if not line.get_label().startswith("_"):
            faces[line.get_label()] = line.get_markerfacecolor()
    assert faces["SVDn"] == faces["LSTM-HW"] == "white"
    assert faces["LSTM-SW"] == faces["SVDn-SW"] == marks.BLACK
    assert ax.get_xlabel() == "microseconds a step, modelled (open) and measured (filled)"


def test_one_kind_is_named_alone():
    assert plots.front(exploration(others=())).get_xlabel() == "microseconds a step, modelled"


def test_both_kinds_of_one_baseline_are_one_entry_of_the_legend():
    both = [candidate("svdn_sw", how=how) for how in ("modelled", "measured")]
    legend = plots.front(exploration(others=both)).get_legend()
    assert [text.get_text() for text in legend.get_texts()].count("SVDn-SW") == 1


def test_best_is_marked():
    found = exploration()
    ax = plots.front(found)
    (ring,) = [line for line in ax.get_lines() if line.get_label() == "best"]
    place = found.best.microseconds, found.best.drop
    assert tuple(ring.get_xydata()[0]) == place
    assert ring.get_markersize() > 10 and ring.get_markerfacecolor() == "none"
    assert "best" in [text.get_text() for text in ax.get_legend().get_texts()]
    assert ax.get_title() == found.asked


def test_a_dictionary_from_a_file_is_the_same_picture():
    told = json.loads(json.dumps(exploration().as_dict()))
    assert drawn(plots.front(told)) == drawn(plots.front(exploration()))


def test_without_validation_the_error_of_the_weights_is_drawn():
    unknown = [replace(one, drop=None, value=None) for one in candidates()]
    ax = plots.front(exploration(unknown, ()))
    assert ax.get_ylabel() == "mean squared error of the weights"
    assert ax.get_yscale() == ax.get_xscale() == "log"
    heights = sorted(y for points in drawn(ax).values() for _, y in points)
    assert heights == sorted(one.mse for one in unknown)
    (line,) = [line for line in ax.get_lines() if line.get_label() == "front"]
    assert (np.diff(line.get_ydata()) < 0).all() and (np.diff(line.get_xdata()) > 0).all()


def test_points_that_were_not_validated_are_left_out():
    found = [*candidates(), candidate(drop=None, microseconds=0.01)]
    points = [place for group in drawn(plots.front(exploration(found))).values() for place in group]
    assert len(points) == len(candidates()) + len(baselines())
    assert min(points)[0] > 0.01


def test_everything_is_within_the_axes():
    ax = plots.front(exploration())
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    for one in (*candidates(), *baselines()):
        assert left < one.microseconds < right and low < one.drop < high
    labels = [text.get_text() for text in ax.get_xticklabels()]
    assert 3 <= len(labels) <= 9 and "1" in labels and "100" in labels


def dotted(ax):
    """The corners of each dotted line."""
    lines = [line for line in ax.get_lines() if line.get_linestyle() == ":"]
    assert all(line.get_drawstyle() == "steps-post" for line in lines)
    return sorted(sorted(map(tuple, line.get_xydata().tolist())) for line in lines)


def test_a_baseline_has_a_line_along_its_own_front():
    """What is measured is never joined to what is modelled, nor what another point beats."""
    modelled = [(10, 2.0), (20, 3.0), (30, 0.5), (40, 0.5), (50, 0.1)]
    measured = [(2, 2.0), (3, 0.1)]
    others = [
        candidate("svdn_sw", drop=drop, microseconds=microseconds, how=how)
        for how, points in (("modelled", modelled), ("measured", measured))
        for microseconds, drop in points
    ]
    others += [candidate("lstm_sw", microseconds=60.0, how=how) for how in ("modelled", "measured")]
    expected = [measured, [modelled[0], modelled[2], modelled[4]]]
    assert dotted(plots.front(exploration(others=others[::-1]))) == expected


def test_no_baseline_hides_a_candidate():
    def levels(engine):
        label = marks.mark(engine).label
        return [line.get_zorder() for line in ax.get_lines() if line.get_label() == label]

    ax = plots.front(exploration())
    engines = "svdn", "svd1", "block_diagonal", "dense"
    assert min(sum(map(levels, engines), [])) > max(sum(map(levels, marks.BASELINES), []))


def test_into_a_given_axis():
    ax = plots.axis()
    assert plots.front(exploration(), ax) is ax


@pytest.mark.parametrize("wrong", [None, 3, {}, {"candidates": []}])
def test_what_is_no_exploration_is_refused(wrong):
    with pytest.raises(pl.InputError, match="Exploration or its as_dict"):
        plots.front(wrong)


@pytest.mark.parametrize("best", [-1, 25, None, "0"])
def test_best_that_is_not_there_is_refused(best):
    with pytest.raises(pl.InputError, match=r"exploration\.best"):
        plots.front({**exploration().as_dict(), "best": best})


def test_no_candidates_are_refused():
    with pytest.raises(pl.InputError, match="explore further"):
        plots.front({**exploration().as_dict(), "candidates": []})
