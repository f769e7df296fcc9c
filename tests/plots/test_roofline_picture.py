"""A roofline: corners of the roofs, points at their places, quoted heights, two ways to count."""

from types import SimpleNamespace

import pytest

import pynq_lstm as pl
from pynq_lstm import plots
from pynq_lstm.plots import marks


def roof(bits, compute, memory=13.44):
    ridge = compute / memory
    return SimpleNamespace(
        device="zcu104", clock_mhz=300, bits=bits, compute=compute, memory=memory, ridge=ridge
    )


def point(name, intensity, gops, skipped=1, engine="svdn", residence="on chip", how="modelled"):
    return SimpleNamespace(
        name=name,
        engine=engine,
        residence=residence,
        how=how,
        executed_intensity=intensity,
        executed_gops=gops,
        intensity=intensity and intensity * skipped,
        gops=gops and gops * skipped,
    )


POINTS = [
    point("chip", 150, 900, 8),
    point("streamed", 4, 50, 8, residence="each step"),
    point("peak", None, 555, 4, "block_diagonal", how="quoted"),
    point("nothing", None, None, how="quoted"),
]


def lines(ax):
    return {line.get_label(): line for line in ax.get_lines()}


def test_corners_of_the_roofs():
    found = lines(plots.roofline([roof(8, 2073.6), roof(16, 1036.8)]))
    for bits, compute in ((8, 2073.6), (16, 1036.8)):
        (line,) = [line for label, line in found.items() if f" {bits} bits" in label]
        x, y = line.get_data()
        assert x[1] == pytest.approx(compute / 13.44) and list(y[1:]) == [compute, compute]
        assert y[0] == pytest.approx(13.44 * x[0]) and x[0] < x[1] < x[2]
        assert f"{compute:,.0f} GOPS, 13.4 GB/s" in line.get_label()
    assert len({line.get_linestyle() for line in found.values()}) == 2


@pytest.mark.parametrize("counted, skipped", [("executed", 1), ("effective", 8)])
def test_points_are_at_their_places(counted, skipped):
    ax = plots.roofline([roof(8, 2073.6)], POINTS, counted=counted)
    found = lines(ax)
    for name, x, y in (("chip", 150, 900), ("streamed", 4, 50)):
        assert found[name].get_xydata().tolist() == [[x * skipped, y * skipped]]
        assert ax.get_xlim()[0] < x * skipped < ax.get_xlim()[1]
        assert ax.get_ylim()[0] < y * skipped < ax.get_ylim()[1]
    assert ax.get_ylabel() == f"{counted} GOPS" and ax.get_xlabel().startswith(counted)
    assert ax.get_xscale() == ax.get_yscale() == "log" and "modelled" in ax.get_title()


def test_streamed_weights_are_open():
    found = lines(plots.roofline([roof(8, 2073.6)], POINTS))
    assert found["chip"].get_markerfacecolor() == marks.BLUE
    assert found["streamed"].get_markerfacecolor() == "white"


def test_quoted_points_without_traffic_are_heights():
    ax = plots.roofline([roof(8, 2073.6)], POINTS, counted="effective")
    line = lines(ax)["peak (quoted)"]
    assert list(line.get_ydata()) == [2220, 2220]
    assert not any("nothing" in text.get_text() for text in ax.get_legend().get_texts())


@pytest.mark.parametrize("counted, skipped", [("executed", 1), ("effective", 29)])
def test_points_without_performance_are_places(counted, skipped):
    stated = point("paper", 0.2, None, how="arithmetic")
    stated.intensity = 29 * stated.executed_intensity
    ax = plots.roofline([roof(8, 2073.6)], [*POINTS, stated], counted=counted)
    line = lines(ax)["paper (arithmetic)"]
    assert list(line.get_xdata()) == pytest.approx([0.2 * skipped] * 2)
    low, high = ax.get_xlim()
    assert low < 0.2 * skipped < high


def test_a_point_beneath_another_one_shows():
    """The first of two at one place is larger; legends and others are not."""
    two = [point("below", 150, 900), point("on it", 151, 905, engine="svd1_hw"), POINTS[1]]
    found = lines(plots.roofline([roof(8, 2073.6)], two))
    sizes = [found[name].get_markersize() for name in ("below", "on it", "streamed")]
    assert sizes[0] > 1.4 * sizes[1] and sizes[1] == sizes[2]


def test_the_legend_has_room_for_many():
    many = [point(f"design {n}, weights on chip", 10 + n, 50) for n in range(20)]
    ax = plots.roofline([roof(8, 2073.6)], many)
    ax.figure.draw_without_rendering()
    assert ax.get_legend().get_window_extent().y0 >= 0
    assert ax.get_window_extent().height > 300


def test_legend_is_below_and_not_on_the_points():
    ax = plots.roofline([roof(8, 2073.6)], POINTS)
    ax.figure.draw_without_rendering()
    legend = ax.get_legend().get_window_extent()
    assert legend.y1 < ax.get_window_extent().y0 and legend.y0 >= 0
    assert legend.x0 >= 0 and legend.x1 <= ax.figure.bbox.width


def test_refusals():
    with pytest.raises(pl.InputError, match="that of a device"):
        plots.roofline([])
    with pytest.raises(pl.InputError, match="pass one of executed, effective"):
        plots.roofline([roof(8, 2073.6)], counted="all")
