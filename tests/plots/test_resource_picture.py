"""Shares of a device: heights, ranges, labels, and what does not fit."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from exploration_examples import candidate
from matplotlib.colors import to_hex

import pynq_lstm as pl
from pynq_lstm import plots
from pynq_lstm.accelerator.design import Design
from pynq_lstm.accelerator.resources import estimate
from pynq_lstm.plots import marks

ROOT = Path(__file__).resolve().parents[2]
DEVICE = {"dsp": 1728, "bram36": 312, "uram": 96, "lut": 230_400, "ff": 460_800}
KINDS = ["DSP", "BRAM", "URAM", "LUT", "FF"]


def test_bars_are_the_middles_and_ranges_the_errors():
    one = candidate(r=16)
    ax = plots.resources(one, DEVICE)
    assert [label.get_text() for label in ax.get_xticklabels()] == KINDS
    for bar, kind in zip(ax.patches, DEVICE):
        used = one.resources[kind]
        middle = sum(used) / 2 if isinstance(used, tuple) else used
        assert bar.get_height() == pytest.approx(100 * middle / DEVICE[kind])
    lut, ff = ax.containers[-3], ax.containers[-1]  # of error bars, each behind its bar
    for errors, kind in ((lut, "lut"), (ff, "ff")):
        (segment,) = errors.lines[2][0].get_segments()
        ends = sorted(segment[:, 1])
        assert ends == pytest.approx([100 * v / DEVICE[kind] for v in one.resources[kind]])


def test_labels_tell_the_numbers():
    texts = [text.get_text() for text in plots.resources(candidate(r=16), DEVICE).texts]
    assert texts[0] == "620\nof 1,728" and texts[1] == "56.5\nof 312"
    assert texts[3] == "46k to 64k\nof 230,400"


def test_what_does_not_fit_is_seen():
    ax = plots.resources({"dsp": 1800, "uram": 96}, DEVICE)
    over, full = ax.patches
    assert to_hex(over.get_facecolor()).upper() == marks.VERMILLION and over.get_hatch()
    assert to_hex(full.get_facecolor()).upper() == marks.SKY and not full.get_hatch()
    assert ax.get_ylim()[1] > 100 * 1800 / 1728


def test_resources_of_a_design_know_their_part():
    design = Design.load(ROOT / "overlays/svd_lstm/design.json")
    used = estimate(design)
    ax = plots.resources(used)
    assert ax.patches[0].get_height() == pytest.approx(100 * used.share("dsp"))
    assert used.part in ax.get_title() and "modelled" in ax.get_title()


def test_a_device_gives_its_name_and_sizes():
    device = SimpleNamespace(name="zcu104", available=DEVICE)
    ax = plots.resources(candidate(), device)
    assert ax.get_title() == "Resources on zcu104, modelled"


def test_kinds_that_a_device_lacks_are_left_out():
    labels = plots.resources(candidate(), {**DEVICE, "uram": 0}).get_xticklabels()
    assert [label.get_text() for label in labels] == ["DSP", "BRAM", "LUT", "FF"]


def test_refusals():
    with pytest.raises(pl.InputError, match="takes no resources"):
        plots.resources(candidate(how="measured"), DEVICE)
    for device in (None, 3):
        with pytest.raises(pl.InputError, match="what the device has is not known"):
            plots.resources(candidate(), device)
    with pytest.raises(pl.InputError, match="has nothing of what is used"):
        plots.resources({"dsp": 3}, {"uram": 96})
    with pytest.raises(pl.InputError, match="what the device has is not known"):
        plots.resources({"dsp": 3})
