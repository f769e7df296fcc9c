"""A Gantt chart: bars from start to end, a row for each process, a colour for each pair."""

from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.colors import to_hex

import pynq_lstm as pl
from pynq_lstm import plots


def bars_of(*told):
    return [SimpleNamespace(process=p, pair=k, start=s, end=e) for p, k, s, e in told]


def test_every_bar_is_at_its_place():
    rng = np.random.default_rng(0)
    names = ["input_u", "hidden_u", "sigma_unit"]
    told = [
        (names[n % 3], int(rng.integers(2)), int(start), int(start + rng.integers(1, 40)))
        for n, start in enumerate(rng.permutation(200)[:30])
    ]
    ax = plots.timeline(bars_of(*told))
    rows = [label.get_text() for label in ax.get_yticklabels()]
    first = {name: min(start for p, _, start, _ in told if p == name) for name in names}
    assert rows == sorted(names, key=first.get)  # the one that begins first on top
    assert ax.get_ylim()[0] > ax.get_ylim()[1]
    colours = {k: to_hex(ax.containers[k].patches[0].get_facecolor()) for k in range(2)}
    assert colours[0] != colours[1]
    found = sorted(
        (
            rows[round(bar.get_y() + bar.get_height() / 2)],
            pair,
            bar.get_x(),
            bar.get_x() + bar.get_width(),
        )
        for pair in range(2)
        for bar in ax.containers[pair].patches
    )
    assert found == sorted(told)
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert legend == ["pair 0", "pair 1"]


def test_rows_are_by_start_not_by_end():
    ax = plots.timeline(bars_of(("short", 0, 2, 3), ("long", 0, 1, 9)))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["long", "short"]


def test_one_pair_needs_no_legend():
    ax = plots.timeline(bars_of(("hidden_u", 0, 3, 9)))
    assert ax.get_legend() is None and "cycles" in ax.get_xlabel()
    assert "modelled" in ax.get_title()


def test_the_next_step_is_told():
    ax = plots.timeline(bars_of(("hidden_u", 0, 3, 90)), period=61.5)
    (line,) = ax.get_lines()
    assert list(line.get_xdata()) == [61.5, 61.5]
    assert [text.get_text() for text in ax.texts] == ["next step, 61.5 cycles later"]


def test_refusals():
    with pytest.raises(pl.InputError, match="nothing to draw"):
        plots.timeline([])
    with pytest.raises(pl.InputError, match=r"bars\[1\].end = 4: before its start 5"):
        plots.timeline(bars_of(("hidden_u", 0, 3, 9), ("hidden_u", 0, 5, 4)))
