"""Where overlays are looked for, and which of several is taken; docs/overlays.md."""

from dataclasses import replace
from pathlib import Path

import pytest

import pynq_lstm as pl
from pynq_lstm.runtime.emulator.overlay_files import overlay_files
from pynq_lstm.runtime.fpga import files

TINY = "svd_lstm_tiny"


@pytest.fixture
def places(tmp_path, monkeypatch):
    """The three folders, the first first; the package's is one of the test's own."""
    found = [tmp_path / "named", tmp_path / "data" / "pynq_lstm" / "overlays", tmp_path / "package"]
    monkeypatch.setenv("PYNQ_LSTM_OVERLAYS", str(found[0]))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("PYNQ_LSTM_CACHE", str(tmp_path / "cache"))
    design = files.designs()[TINY]
    monkeypatch.setattr(files, "SHIPPED", found[2])
    monkeypatch.chdir(tmp_path)
    (found[2] / TINY).mkdir(parents=True)
    (found[2] / TINY / "design.json").write_text(design.to_json())
    return found


def put(folder, name=TINY, clock_mhz=100):
    """An overlay of a design whose clock tells it from the others."""
    made = overlay_files(replace(files.designs()[TINY], name=name, clock_mhz=clock_mhz))
    (folder / name).mkdir(parents=True, exist_ok=True)
    for path in made.bit.parent.iterdir():
        if path.name != "design.json" or folder != files.SHIPPED:
            (folder / name / path.name).write_bytes(path.read_bytes())


def test_the_first_place_that_has_a_bitstream_is_taken(places):
    assert files.folders() == places
    for n, place in enumerate(places[:2]):
        put(place, clock_mhz=101 + n)
    assert files.find(TINY, None).design.clock_mhz == 101
    (places[0] / TINY / f"{TINY}.bit").unlink()
    assert files.find(TINY, None).design.clock_mhz == 102
    (places[1] / TINY / f"{TINY}.bit").unlink()
    with pytest.raises(pl.OverlayError) as refused:
        files.find(TINY, None)
    for place in places:
        assert str(place / TINY) in str(refused.value)
    assert "pynq-lstm build" in str(refused.value) and "pynq-lstm fetch" in str(refused.value)


def test_that_of_the_package_is_the_last(places):
    put(places[2], clock_mhz=files.designs()[TINY].clock_mhz)
    assert files.find(TINY, None).bit.parent == places[2] / TINY
    put(places[1], clock_mhz=102)
    assert files.find(TINY, None).bit.parent == places[1] / TINY


def test_a_name_that_does_not_ship_is_looked_for_as_well(places):
    with pytest.raises(pl.OverlayError, match="no design of this name ships"):
        files.design_for(None, "mine")
    put(places[1], "mine", 103)
    assert files.find("mine", None).design.clock_mhz == 103
    put(places[0], "mine", 104)
    assert files.find("mine", None).design.clock_mhz == 104
    put(Path(), "mine", 105)  # a folder of the working folder is named by the same word
    assert files.find("mine", None).design.clock_mhz == 105
    assert files.design_for(None, "mine").clock_mhz == 105


def test_a_place_with_a_bitstream_goes_before_one_with_a_design_alone(places):
    """As exploring in the working folder leaves one, and building at another place."""
    for n, place in enumerate((Path(), *places[:2])):
        put(place, "mine", 103 + n)
    for n, place in enumerate((Path(), *places[:2])):
        assert files.find("mine", None).design.clock_mhz == 103 + n
        assert files.design_for(None, "mine").clock_mhz == 103 + n
        (place / "mine" / "mine.bit").unlink()
    assert files.design_for(None, "mine").clock_mhz == 103
    with pytest.raises(pl.OverlayError, match="overlay = 'mine': no bitstream in mine; "):
        files.find("mine", None)


def test_a_damaged_design_beside_a_bitstream_is_an_error_of_the_overlay(places):
    put(places[0], "mine")
    (places[0] / "mine" / "design.json").write_text("{")
    for overlay in ("mine", places[0] / "mine" / "mine.bit"):
        with pytest.raises(pl.OverlayError, match="overlay = .*: no valid design"):
            files.find(overlay, None)
    put(places[1], "mine", 103)
    assert files.find("mine", None).design.clock_mhz == 103


def test_without_the_variable_the_users_folder_is_first(places, monkeypatch):
    monkeypatch.delenv("PYNQ_LSTM_OVERLAYS")
    assert files.folders() == places[1:] and files.own_folder() == places[1]
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", str(places[0].parent / "home"))
    own = places[0].parent / "home" / ".local" / "share" / "pynq_lstm" / "overlays"
    assert files.folders() == [own, places[2]]


def test_a_user_without_a_home(places, monkeypatch):
    for name in ("PYNQ_LSTM_OVERLAYS", "XDG_DATA_HOME"):
        monkeypatch.delenv(name)

    def homeless(_):
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "expanduser", homeless)
    assert files.folders() == [places[2]]
    with pytest.raises(pl.OverlayError, match="PYNQ_LSTM_OVERLAYS = None: nor is there a home"):
        files.own_folder()
