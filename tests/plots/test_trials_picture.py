"""What a search tried: every axis has plain numbers, whatever it was judged by."""

from types import SimpleNamespace

import pytest

from pynq_lstm.budgets.trial import Trial
from pynq_lstm.plots.trials import search

pytest.importorskip("matplotlib")

SIZES = 16_595, 24_308, 49_898, 101_696


def found(heights, validated):
    """A result of trials of `SIZES`, the second of them chosen."""
    tried = [
        Trial(
            options={"method": "svd"},
            mse=1e-3,
            relative_error=0.1 if validated else height,
            accuracy=88.0 - height if validated else None,
            drop=height if validated else None,
            bytes=size,
            words=size,
            multiplications=size,
            microseconds=None,
            fits=True,
        )
        for size, height in zip(SIZES, heights)
    ]
    return SimpleNamespace(tried=tried, chosen=tried[1], asked="least bytes")


def shown(axis):
    """The labels of the ticks that are in sight."""
    low, high = axis.get_view_interval()
    return [
        text.get_text()
        for place, text in zip(axis.get_ticklocs(), axis.get_ticklabels())
        if low <= place <= high
    ]


def test_drops_and_bytes_are_plain_numbers():
    ax = search(found((70.1, 0.8, 0.2, -0.2), validated=True))
    assert shown(ax.xaxis) == ["15,000", "20,000", "30,000", "50,000", "70,000", "100,000"]
    assert {"0", "0.5", "1", "10", "50"} <= set(shown(ax.yaxis))
    low, high = ax.get_ylim()
    assert low < -0.2 and high > 70.1


@pytest.mark.parametrize("last", [1e-2, 0.0])
def test_errors_too_and_one_of_zero_has_no_place(last):
    ax = search(found((0.5, 0.2, 0.05, last), validated=False))
    assert ax.get_yscale() == "log"
    assert {"0.05", "0.1", "0.5"} <= set(shown(ax.yaxis))
    assert ax.get_ylim()[1] > 0.5
