"""Overlays that are not what they say: refused before anything is started, with what to do."""

import hashlib
import json
import re
import shutil
from pathlib import Path

import pytest
from designs import TINY
from recording import RecordingDevice
from small_model import small_case

import pynq_lstm as pl
from pynq_lstm.runtime.emulator.overlay_files import overlay_files
from pynq_lstm.runtime.fetching import fetch
from pynq_lstm.runtime.fpga import checks
from pynq_lstm.runtime.fpga.manifest import Manifest

MODEL, X = small_case()


@pytest.fixture
def folder(tmp_path):
    """A copy of the emulated overlay."""
    files = overlay_files(TINY)
    shutil.copytree(files.bit.parent, tmp_path / "overlay")
    return tmp_path / "overlay"


def open_session(folder, device):
    bit = next(folder.glob("*.bit"))
    return pl.load(MODEL, backend="emulator", device=device, overlay=bit)


def change_manifest(folder, change):
    path = folder / "manifest.json"
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def change_hwh(folder, pattern, replacement):
    """Another .hwh under the same name, with its hash in the manifest."""
    path = next(folder.glob("*.hwh"))
    text, count = re.subn(pattern, replacement, path.read_text(), count=1)
    assert count == 1
    path.write_text(text)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    change_manifest(folder, lambda content: content["files"].update({path.name: digest}))


def test_the_overlay_as_it_is_works(folder, new_device):
    with open_session(folder, new_device()) as session:
        session.infer(X)


CHANGES = {
    "VLNV": lambda kernel: kernel.update(vlnv="pynq-lstm:hls:other:1.0"),
    "base address": lambda kernel: kernel.update(base_address=0xB000_0000),
    "address range": lambda kernel: kernel.update(address_range=0x2_0000),
    "offset of register status": lambda kernel: kernel["registers"].update(status=0x5C),
    "instance": lambda kernel: kernel.update(instance="other_0"),
}


@pytest.mark.parametrize("field", CHANGES)
def test_a_stale_hwh_is_refused(folder, new_device, field):
    change_manifest(folder, lambda content: CHANGES[field](content["kernel"]))
    device = new_device(kind=RecordingDevice)
    with pytest.raises(pl.OverlayError, match=f"{field}.*as the manifest says.*cache is stale"):
        open_session(folder, device)
    assert device.downloads == 0  # before anything is changed


def test_a_hwh_with_a_missing_register_is_refused(folder, new_device):
    change_hwh(folder, 'NAME="clipped_c"', 'NAME="clipped"')
    with pytest.raises(pl.OverlayError, match="offset of register clipped_c"):
        open_session(folder, new_device())


@pytest.mark.parametrize("suffix", ["bit", "hwh"])
def test_files_of_two_builds_are_refused(folder, new_device, suffix):
    path = next(folder.glob(f"*.{suffix}"))
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(pl.OverlayError, match="sha256.*build or copy the overlay again"):
        open_session(folder, new_device())


@pytest.mark.parametrize("name", ["*.hwh", "manifest.json"])
def test_a_missing_file_is_named(folder, new_device, name):
    next(folder.glob(name)).unlink()
    with pytest.raises(pl.OverlayError, match="missing"):
        open_session(folder, new_device())


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"format": 1}', '{"format": 9}', '{"format": 1, "name": null}']
)
def test_a_damaged_manifest_is_refused(folder, new_device, text):
    (folder / "manifest.json").write_text(text)
    with pytest.raises(pl.OverlayError, match=r"damaged|format"):
        open_session(folder, new_device())


def test_an_unknown_design_is_refused(folder, new_device):
    (folder / "design.json").unlink()
    change_manifest(folder, lambda content: content.update(design_hash="0" * 16))
    with pytest.raises(pl.OverlayError, match="design_hash.*of no design that is known"):
        open_session(folder, new_device())


def test_a_bitstream_of_another_design_is_refused_by_the_kernel_itself(folder, new_device):
    device = new_device()
    device.faults.add("wrong_hash")
    with pytest.raises(pl.OverlayError, match="design's hash.*another bitstream is loaded"):
        open_session(folder, device)


def test_a_name_that_ships_without_a_bitstream_says_what_to_do(new_device):
    with pytest.raises(pl.OverlayError, match='no bitstream.*pynq-lstm build.*"emulator"'):
        pl.load(MODEL, backend="fpga", device=new_device())
    with pytest.raises(pl.OverlayError, match="choose from.*svd_lstm_tiny"):
        pl.load(MODEL, backend="emulator", device=new_device(), overlay="svd_gru")


def test_the_back_end_of_a_board_does_not_take_an_emulated_one_by_itself(folder, new_device):
    new_device()  # pynq's active device
    with pytest.raises(pl.DeviceError, match='is an emulated one; use backend="emulator"'):
        pl.load(MODEL, backend="fpga", overlay=next(folder.glob("*.bit")))


def test_overlays_are_found_in_a_named_folder(folder, new_device, monkeypatch):
    named = folder.parent / "named"
    shutil.copytree(folder, named / "svd_lstm_tiny")
    monkeypatch.setenv("PYNQ_LSTM_OVERLAYS", str(named))
    device = new_device()
    with pl.load(MODEL, backend="fpga", device=device, overlay="svd_lstm_tiny") as session:
        assert session.backend == "fpga"
        session.infer(X)


def test_a_fetched_overlay_is_found_by_its_name(folder, new_device, monkeypatch, tmp_path):
    monkeypatch.delenv("PYNQ_LSTM_OVERLAYS", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    archive = Path(shutil.make_archive(str(tmp_path / "overlay"), "zip", folder))
    fetch(archive.as_uri(), hashlib.sha256(archive.read_bytes()).hexdigest())
    with pl.load(MODEL, backend="fpga", device=new_device(), overlay="svd_lstm_tiny") as session:
        assert session.backend == "fpga"
        session.infer(X)


def test_a_board_without_a_bitstream_runs_on_its_cpu_and_says_so(monkeypatch, tmp_path):
    monkeypatch.delenv("PYNQ_LSTM_OVERLAYS", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr("pynq_lstm.runtime.fpga.presence.board_name", lambda: "ZCU104")
    said = f"the CPU runs instead .*no bitstream in {tmp_path}/data/pynq_lstm/overlays/svd_lstm or "
    with (
        pytest.warns(pl.BackendFallbackWarning, match=f"{said}.*pynq-lstm fetch"),
        pl.load(MODEL) as session,
    ):
        assert session.backend == "cpu"


def test_pynq_binds_the_driver_to_every_overlay_of_this_package(folder, new_device):
    import pynq

    from pynq_lstm.runtime.fpga.kernel import LstmKernel

    overlay = pynq.Overlay(str(next(folder.glob("*.bit"))), device=new_device())
    kernel = overlay.svd_lstm_0
    assert isinstance(kernel, LstmKernel)
    assert kernel.registers.read("magic") == 0  # outputs hold nothing before a first start
    assert kernel.registers.way == "mmio"


class Clocks:
    """Divisors of one PLL, as `pynq.Clocks`: what is asked for is rounded to the nearest."""

    def __init__(self, pll, divisor, lowest=1):
        self.pll, self.divisor, self.lowest = pll, divisor, lowest

    @property
    def fclk0_mhz(self):
        return self.pll / self.divisor

    @fclk0_mhz.setter
    def fclk0_mhz(self, mhz):
        self.divisor = min(range(1, 64), key=lambda n: abs(max(self.lowest, mhz) - self.pll / n))


@pytest.mark.parametrize(
    ("clocks", "mhz"),
    [
        (Clocks(1000, 5), 200),
        (Clocks(1500, 8), 187.5),
        (Clocks(1500, 7), 187.5),  # 214 MHz would be the nearest
        (Clocks(1500, 6), 187.5),  # divisors for a PLL of 1,200 MHz
        (Clocks(1000, 4), 200),
    ],
)
def test_a_clock_that_is_too_fast_is_lowered(tiny_files, clocks, mhz):
    assert checks.fit_clock(Manifest.load(tiny_files.manifest), clocks) == mhz


def test_a_clock_that_stays_too_fast_is_refused(tiny_files):
    with pytest.raises(pl.OverlayError, match="250 MHz.*faster than the 200 MHz"):
        checks.fit_clock(Manifest.load(tiny_files.manifest), Clocks(1000, 4, lowest=250))


def test_the_clock_is_looked_at_whenever_an_overlay_is_loaded(folder, new_device):
    import pynq

    change_manifest(folder, lambda content: content.update(clock_mhz=100))
    with open_session(folder, new_device()) as session:
        overlay = session._calls.backend.board.overlay
        assert overlay.clock_mhz == pytest.approx(100, rel=0.01)
        if overlay.clock_dict:  # 3.0 knows the clocks of its host's processor only
            pynq.Clocks.fclk0_mhz = 250
            overlay.reload()
            assert pynq.Clocks.fclk0_mhz == pytest.approx(100, rel=0.01)
