"""The operating points of the roofline: every design twice, none above its roof, all in words."""

import pytest
import roofline
import roofline_points
from roofline_points import DEVICE, FASHION, PAPER

from pynq_lstm.accelerator import paper_points
from pynq_lstm.accelerator.operating_points import EACH_SEQUENCE, EACH_STEP, ON_CHIP, of_candidate
from pynq_lstm.accelerator.roofline import roof
from pynq_lstm.baselines import lstm_hw


@pytest.fixture(scope="module")
def models():
    return roofline_points.fashion_models()


@pytest.fixture(scope="module")
def points(models):
    return list(roofline_points.of_shape(FASHION, *models))


def test_every_design_on_chip_and_streamed(models, points):
    for design in ("LSTM-HW", "SVD1-HW", "SVDn", "block-diagonal"):
        found = {one.residence for one, _, _ in points if one.name.startswith(design)}
        assert {ON_CHIP, EACH_STEP} <= found, design
    shown = roofline_points.shown(FASHION, *models)
    assert len({one.name for one in shown}) == len(shown) == 9  # LSTM-HW of 4 bits fits, too
    assert all(one.name.endswith((", on chip", ", streamed")) for one in shown)


def test_none_is_above_its_roof(points):
    for one, at, _ in points:
        assert one.executed_gops <= at.attainable(one.executed_intensity) * 1.001, one.name
        assert one.limit == "memory" or one.residence != EACH_STEP


def test_figures_name_design_and_residence(points):
    figures = [roofline.reached(FASHION, *point) for point in points]
    names = [one["figure"] for one in figures]
    assert len(set(names)) == len(names)
    assert any("SVD1-HW" in name and "streamed each step" in name for name in names)
    assert not any("in part" in name for name in names)  # all of it fits, or there is no room
    assert all(0 < one["share_of_attainable"] < 100.1 for one in figures)


def test_weights_on_chip_reach_most(points):
    reached = {(one.name, one.residence): one.gops for one, _, _ in points}
    for name in ("SVDn", "block-diagonal, p = 4"):
        steps, sequences = reached[name, EACH_STEP], reached[name, EACH_SEQUENCE]
        assert reached[name, ON_CHIP] > sequences > steps


def test_what_streams_in_part_says_so():
    large = of_candidate(lstm_hw(PAPER), name="LSTM-HW")
    figure = roofline.reached(PAPER, large, roof(DEVICE), {})
    assert figure["figure"].endswith("LSTM-HW, weights streamed in part")


def test_roofs_and_papers():
    roofs = {one["figure"]: one["value"] for one in roofline.roofs()}
    assert roofs["arria10, roof of computing, 8 bits, 150 MHz"] == pytest.approx(2 * 3036 * 0.15)
    assert roofs["zcu104, roof of computing, 8 bits, 200 MHz"] == pytest.approx(1382.4)
    assert roofs["zcu104, roof of the memory"] == pytest.approx(13.44)
    told = {one["figure"]: one for one in roofline.papers()}
    assert len(told) == len(paper_points.points())
    assert told["Ribes et al. 2020, SVDn-HW"]["unit"] == "operations a byte"
    assert told["Zheng et al., peak at 150 MHz"]["executed_GOPS"] == 555
    assert told["Zheng et al., peak at 150 MHz"]["value"] == 2220
    assert all(one["basis"].startswith(("quoted", "arithmetic")) for one in told.values())
