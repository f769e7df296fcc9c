"""The figures of the roofline: each says what it is, none is above its roof, papers are quoted."""

import pytest
import roofline


@pytest.fixture(scope="module")
def figures():
    return roofline.of_shape(roofline.FASHION, *roofline.fashion_models())


def test_nothing_reaches_more_than_it_attains(figures):
    assert len(figures) == 10
    for entry in figures:
        assert entry["value"] <= entry["attainable"] * (1 + 1e-9), entry["figure"]
        assert entry["executed_GOPS"] <= entry["value"] * (1 + 1e-9)
        assert entry["share_of_attainable"] == pytest.approx(
            100 * entry["value"] / entry["attainable"]
        )
        assert entry["basis"].startswith("modelled")


def test_weights_on_chip_reach_most(figures):
    value = {entry["figure"]: entry["value"] for entry in figures}
    for name in ("SVDn", "block-diagonal, p = 4"):
        of = f"{roofline.NAMES[roofline.FASHION]}, {name}, weights "
        steps = value[of + "streamed each step"]
        sequences = value[of + f"streamed each sequence of {roofline.STEPS} steps"]
        assert value[of + "on chip"] > sequences > steps


def test_papers_are_quoted():
    found = {entry["figure"]: entry for entry in roofline.papers()}
    assert all(entry["basis"].startswith("quoted") for entry in found.values())
    assert found["Ribes et al. 2020, SVDn-HW"]["value"] == "not stated"
    assert found["Zheng et al., peak at 150 MHz"]["value"] == 2220


def test_the_roofs_of_the_device():
    computing, *_, memory = roofline.roofs()
    assert computing["value"] == pytest.approx(2 * 1728 * 0.2)
    assert (memory["value"], memory["unit"]) == (pytest.approx(13.44), "GB/s")
