"""The package of an overlay: what its manifest says, and everything for which it is refused."""

import hashlib
import json
import shutil

import pytest
from hardware_handoff import HandoffError, read_driver_header, read_hwh
from manifest import OverlayError, TimingError, manifest
from overlay_build import ROOT, SAMPLES
from package import main, write_package
from reports import ReportError

from pynq_lstm.accelerator.design import Design
from pynq_lstm.accelerator.registers import REQUIRED, plain_name

DESIGN = ROOT / "overlays" / "svd_lstm" / "design.json"


@pytest.fixture
def build(tmp_path):
    """A build folder after ``make bit``, from the samples."""
    folder = tmp_path / "build"
    places = {
        "csynth.xml": "hls/solution/syn/report/csynth.xml",
        "kernel_hw.h": "hls/solution/impl/ip/drivers/svd_lstm_v1_0/src/xsvd_lstm_hw.h",
        "utilization.rpt": "utilization.rpt",
        "timing.rpt": "timing.rpt",
        "overlay.hwh": "overlay.hwh",
        "overlay.bit": "overlay.bit",
    }
    for sample, place in places.items():
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(SAMPLES / sample, folder / place)
    return folder


def package(build, *options):
    output = build.parent / "package"
    arguments = [str(DESIGN), "--build", str(build), "--kernel", "svd_lstm"]
    return main([*arguments, "--output", str(output), *options]), output


def test_the_package(build):
    status, output = package(build)
    assert status == 0
    assert sorted(path.name for path in output.iterdir()) == [
        "design.json",
        "manifest.json",
        "svd_lstm.bit",
        "svd_lstm.hwh",
    ]
    content = json.loads((output / "manifest.json").read_text())
    design = Design.load(DESIGN)
    assert Design.load(output / "design.json") == design
    assert content["design_hash"] == f"{design.hash64:016x}" and content["part"] == design.part
    for name, digest in content["files"].items():
        assert hashlib.sha256((output / name).read_bytes()).hexdigest() == digest
    kernel = content["kernel"]
    assert kernel["vlnv"] == "pynq-lstm:hls:svd_lstm:1.0" and kernel["base_address"] == 0xA0000000
    assert kernel["registers"]["in_1"] == 0x30 and kernel["registers"]["out_2"] == 0x48
    assert set(REQUIRED) <= set(kernel["registers"])
    assert content["cycle_counter"]["base_address"] == 0xA0010000
    assert content["timing"]["met"] and content["timing"]["wns_ns"] == 0.042
    assert content["tools"] == {"vitis_hls": "2022.1", "vivado": "2022.1"}
    assert content["utilisation"]["bram36"] == {"used": 148.5, "available": 312}


def test_missed_timing_is_refused_and_an_exception_is_written_down(build, capsys):
    shutil.copyfile(SAMPLES / "timing_missed.rpt", build / "timing.rpt")
    status, output = package(build)
    assert status == 1 and not output.exists()
    assert "wns_ns = -0.318: timing is not met" in capsys.readouterr().err
    status, output = package(build, "--allow-timing")
    timing = json.loads((output / "manifest.json").read_text())["timing"]
    assert status == 0 and timing["allowed_though_missed"] and not timing["met"]


def test_met_timing_needs_no_exception(build):
    _, output = package(build, "--allow-timing")
    timing = json.loads((output / "manifest.json").read_text())["timing"]
    assert not timing["allowed_though_missed"]


@pytest.mark.parametrize(
    "place, old, new, error, text",
    [
        ("timing.rpt", "200.000 ", "100.000 ", OverlayError, "none of 200 MHz"),
        ("timing.rpt", "Timing Details", "Timing", ReportError, "not whole"),
        ("utilization.rpt", ": Routed", ": Synthesized", OverlayError, "not routed"),
        ("utilization.rpt", "xczu7ev-", "xczu9eg-", OverlayError, "device of utilization.rpt"),
        ("hls/solution/syn/report/csynth.xml", "xczu7ev-", "xczu9eg-", OverlayError, "csynth.xml"),
        ("overlay.hwh", 'DEVICE="xczu7ev"', 'DEVICE="xczu9eg"', OverlayError, "device of the .hwh"),
        ("overlay.hwh", "ffvc1156", "ffvb1156", OverlayError, "package of the .hwh"),
        ("overlay.hwh", "hls:svd_lstm:1.0", "hls:svd_lstm:2.0", HandoffError, "svd_lstm:2.0"),
        (
            "overlay.hwh",
            'INSTANCE="svd_lstm_0" M',
            'INSTANCE="other_0" M',
            HandoffError,
            "svd_lstm_0",
        ),
        ("overlay.hwh", 'NAME="clipped_c"', 'NAME="clipped"', HandoffError, "clipped_c"),
        ("overlay.hwh", 'VALUE="0x58"', 'VALUE="0x5C"', HandoffError, "register status = 92"),
        ("overlay.hwh", "<SYSTEMINFO", "<SYSTEM", HandoffError, "no SYSTEMINFO"),
        ("overlay.hwh", "</EDKSYSTEM>", "", HandoffError, "no element found"),
        (
            "hls/solution/impl/ip/drivers/svd_lstm_v1_0/src/xsvd_lstm_hw.h",
            "0x044",
            "0x040",
            HandoffError,
            "register out = 68: not the offset 0x40",
        ),
    ],
)
def test_what_does_not_belong_together_is_refused(build, place, old, new, error, text):
    path = build / place
    content = path.read_text()
    assert old in content
    path.write_text(content.replace(old, new))
    with pytest.raises(error) as caught:
        manifest(Design.load(DESIGN), build, "svd_lstm")
    assert text in str(caught.value)
    status, output = package(build)
    assert status == 1 and not output.exists()


@pytest.mark.parametrize("name", ["overlay.bit", "overlay.hwh", "timing.rpt"])
def test_a_missing_file_is_refused(build, name, capsys):
    (build / name).unlink()
    status, output = package(build)
    assert status == 1 and name in capsys.readouterr().err and not output.exists()


def test_an_interrupted_package_leaves_the_old_one(build, monkeypatch):
    _, output = package(build)
    before = {path.name: path.read_bytes() for path in output.iterdir()}
    content = manifest(Design.load(DESIGN), build, "svd_lstm")
    monkeypatch.setattr("package.os.replace", lambda *_: (_ for _ in ()).throw(OSError("no")))
    with pytest.raises(OSError):
        write_package(content, Design.load(DESIGN), build, output)
    assert {path.name: path.read_bytes() for path in output.iterdir()} == before


def test_another_design_is_not_this_kernel(build):
    wide = Design.from_json(
        json.dumps({**json.loads(DESIGN.read_text()), "name": "svd_lstm_wide", "p_bits": 16})
    )
    with pytest.raises(HandoffError, match="svd_lstm_wide:1.0"):
        manifest(wide, build, "svd_lstm")


def test_registers_of_reserved_words():
    assert [plain_name(n) for n in ("in_r_1", "out_r_2", "in_r", "status_ctrl", "steps")] == [
        "in_1",
        "out_2",
        "in",
        "status_ctrl",
        "steps",
    ]
    header = read_driver_header(SAMPLES / "kernel_hw.h")
    assert header["in"] == (0x30, 64) and header["written"] == (0x118, 32)
    _, peripherals = read_hwh(SAMPLES / "overlay.hwh")
    assert peripherals["cycle_counter_0"].registers == {}


def test_timing_error_is_typed(build):
    shutil.copyfile(SAMPLES / "timing_missed.rpt", build / "timing.rpt")
    with pytest.raises(TimingError) as caught:
        manifest(Design.load(DESIGN), build, "svd_lstm")
    assert caught.value.field == "wns_ns" and "ALLOW_TIMING=1" in caught.value.remedy
