"""The doctor's self-test on overlays of both engines, through the driver."""

import shutil

import pytest

from pynq_lstm.runtime.doctor import Place, examination
from pynq_lstm.runtime.emulator.overlay_files import overlay_files
from pynq_lstm.runtime.fpga import files
from pynq_lstm.runtime.sessions import load


@pytest.mark.parametrize("name", ["block_diagonal_lstm_tiny", "svd_lstm_tiny"])
def test_a_board_with_one_overlay_only(device, tmp_path, monkeypatch, name):
    """On the emulator, told that it is a board."""
    found = overlay_files(files.designs()[name])
    shutil.copytree(found.bit.parent, tmp_path / "overlays" / name)
    monkeypatch.setenv("PYNQ_LSTM_OVERLAYS", str(tmp_path / "overlays"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    def open_session(model, backend, **options):
        if backend == "fpga":
            assert options == {"overlay": str(tmp_path / "overlays" / name / f"{name}.bit")}
            return load(model, "emulator", device=device, **options)
        return load(model, backend)

    monkeypatch.setattr(examination, "load", open_session)
    told = examination._self_test(Place("ZCU104", False))
    assert told.verdict == "ok", told
    assert told.found.startswith(f"emulator on {name}, load ")
    assert told.found.endswith("infer equals the reference")
