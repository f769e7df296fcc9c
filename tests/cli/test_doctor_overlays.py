"""Which overlay the doctor tests itself on, and the model that it makes for it."""

from dataclasses import replace

import numpy as np
import overlay_folder
import pytest

import pynq_lstm as pl
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.plan import Plan
from pynq_lstm.errors import CapacityError, OverlayError, PlanError
from pynq_lstm.runtime.doctor import Place, examination
from pynq_lstm.runtime.doctor import example as example_module
from pynq_lstm.runtime.doctor.example import example, overlay
from pynq_lstm.runtime.fpga import files
from pynq_lstm.runtime.sessions import load

BOARD = Place("ZCU104", False)
DESIGNS = files.designs()
SIZES = [(20, 20), (8,), (4,), (2,)]  # of the models that are tried, the largest first


@pytest.mark.parametrize("name", sorted(DESIGNS))
@pytest.mark.parametrize("change", [{}, {"max_pairs": 1}, {"max_inputs": 16, "max_hidden": 16}])
def test_every_design_has_room_for_a_model_of_its_own(name, change):
    design = replace(DESIGNS[name], **change)
    model, x = example(design)
    assert pack(Plan.of_model(model), design).design is design
    assert (model.method, model.activation_bits) == (design.engine, design.activation_bits)
    assert model.p_bits == design.p_bits
    assert model.weight_bits == getattr(design, "weight_bits", 8)
    with pl.load(model, "reference") as session:
        assert np.ptp(session.infer(x)[0]) > 0.1


def test_a_design_without_room_is_told(monkeypatch):
    tried = []

    def full(plan, design):
        tried.append(plan.models[0].hidden_sizes)
        raise CapacityError("pairs", len(tried), "too many", "fewer")

    monkeypatch.setattr(example_module, "pack", full)
    with pytest.raises(PlanError, match=f"pairs = {len(SIZES)}: too many"):
        example(replace(DESIGNS["svd_lstm"], clock_mhz=123))
    assert tried == SIZES


@pytest.fixture
def places(tmp_path, monkeypatch):
    """Two folders where overlays are looked for, and none besides."""
    named, data = tmp_path / "named", tmp_path / "data"
    monkeypatch.setenv("PYNQ_LSTM_OVERLAYS", str(named))
    monkeypatch.setenv("XDG_DATA_HOME", str(data))
    return named, data / "pynq_lstm" / "overlays"


@pytest.fixture
def opened(monkeypatch):
    """The sessions that the examination opens, each on the reference."""
    calls = []

    def open_session(model, backend, **options):
        calls.append((model.method, model.activation_bits, backend, options))
        return load(model, "reference")

    monkeypatch.setattr(examination, "load", open_session)
    return calls


@pytest.mark.parametrize("there", ["block_diagonal_lstm", "svd_lstm_wide", "mine"])
def test_a_board_with_another_overlay_only_is_tested_on_that(places, opened, there):
    mine = replace(DESIGNS["block_diagonal_lstm_w8"], name="mine", units=2)
    design = {**DESIGNS, "mine": mine}[there]
    folder = overlay_folder.make(places[1], design)
    found = examination._self_test(BOARD)
    assert found.verdict == "ok" and f" on {there}, load" in found.found
    named = {"overlay": str(folder / f"{there}.bit")}
    own = (design.engine, design.activation_bits)
    assert opened == [(*own, "fpga", named), (*own, "reference", {})]


def test_the_one_for_most_models_comes_first(places, opened):
    for name in ("block_diagonal_lstm", "svd_lstm", "svd_lstm_tiny"):
        overlay_folder.make(places[0], DESIGNS[name])
    assert " on svd_lstm, load" in examination._self_test(BOARD).found


def test_what_is_damaged_is_not_taken(places):
    overlay_folder.make(places[0], DESIGNS["svd_lstm"])
    (places[0] / "svd_lstm" / "svd_lstm.bit").write_bytes(b"other")
    overlay_folder.make(places[1], DESIGNS["svd_lstm"])  # not the one that a model would get
    assert overlay(places) is None
    overlay_folder.make(places[1], DESIGNS["svd_lstm_wide"])
    assert overlay(places).design == DESIGNS["svd_lstm_wide"]


def test_a_board_without_an_overlay_is_told_of_it_as_before(places):
    with pytest.raises(OverlayError, match="overlay = 'svd_lstm': no bitstream in"):
        examination._clock(BOARD)
    assert overlay(places) is None


@pytest.mark.parametrize("place", [Place(None, False), Place(None, True), Place("ZCU104", True)])
def test_elsewhere_the_model_is_as_it_was(places, opened, place):
    overlay_folder.make(places[0], DESIGNS["block_diagonal_lstm"])
    assert examination._self_test(place).verdict == "ok"
    assert opened[0] == ("svd", 8, place.backend, {})
