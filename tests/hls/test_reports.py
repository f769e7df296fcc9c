"""Reports of Vitis HLS and Vivado: read whole; refused if they end early or are another tool's."""

import json
import re

import pytest
from overlay_build import SAMPLES
from reports import (
    OtherToolError,
    ReportError,
    Resources,
    TruncatedReportError,
    read_cosim,
    read_csynth_text,
    read_csynth_xml,
    read_timing,
    read_utilisation,
)
from reports.__main__ import main
from reports.comparison import Comparison, read_model

READERS = {
    "csynth.xml": read_csynth_xml,
    "csynth.rpt": read_csynth_text,
    "cosim.rpt": read_cosim,
    "utilization.rpt": read_utilisation,
    "timing.rpt": read_timing,
}
MODEL = {"dsp": 1364, "bram36": 150, "uram": 62, "lut": [90000, 140000], "cycles_a_step": 196}


def edited(folder, name, old, new):
    """A sample with something replaced, as a file of the same name."""
    text = (SAMPLES / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new))
    return folder / name


def test_estimates_of_the_kernel_its_modules_and_its_loops():
    report = read_csynth_xml(SAMPLES / "csynth.xml")
    assert (report.version, report.top, report.part) == (
        "2022.1",
        "svd_lstm",
        "xczu7ev-ffvc1156-2-e",
    )
    assert (report.target_ns, report.uncertainty_ns, report.estimated_ns) == (5.0, 1.35, 3.65)
    assert report.latency == report.interval == (None, None)
    assert report.resources == Resources(120000, 140000, 1364, 150.5, 62)
    assert report.available.bram36 == 312
    assert [module.name for module in report.modules] == ["input_u", "sigma"]
    assert report.modules[0].latency == (12, 4107)
    loops = [(loop.module, loop.name, loop.trip_count, loop.interval) for loop in report.loops]
    assert loops == [
        ("input_u", "u_words", None, 1),
        ("sigma", "steps", 4, None),
        ("sigma", "tiles", 64, 2),
    ]
    assert [loop.name for loop in report.slow_loops] == ["tiles"]


def test_both_forms_of_the_estimates_agree():
    whole, text = read_csynth_xml(SAMPLES / "csynth.xml"), read_csynth_text(SAMPLES / "csynth.rpt")
    for field in ("version", "top", "part", "target_ns", "estimated_ns", "latency", "resources"):
        assert getattr(whole, field) == getattr(text, field)
    assert whole.available == text.available


def test_known_latencies_are_numbers(tmp_path):
    old = "|        ?|        ?|         ?|         ?|    ?|    ?|       no|"
    new = "|      100|      200|  0.500 us|  1.000 us|   10|   20| dataflow|"
    report = read_csynth_text(edited(tmp_path, "csynth.rpt", old, new))
    assert (report.latency, report.interval) == ((100, 200), (10, 20))


def test_cosimulation(tmp_path):
    report = read_cosim(SAMPLES / "cosim.rpt")
    assert report.passed and report.latency == (41, 2210, 5120) and report.language == "Verilog"
    assert not read_cosim(edited(tmp_path, "cosim.rpt", "Pass|", "Fail|")).passed


def test_utilisation_and_timing():
    used = read_utilisation(SAMPLES / "utilization.rpt")
    assert used.resources == Resources(110250, 150100, 1364, 148.5, 62)
    assert used.dsp.share == pytest.approx(0.7894, abs=1e-4) and used.state == "Routed"
    timing = read_timing(SAMPLES / "timing.rpt")
    assert timing.met and timing.wns_ns == 0.042 and timing.endpoints == 512345
    assert timing.clocks_mhz == (("clk_pl_0", 200.0),)
    missed = read_timing(SAMPLES / "timing_missed.rpt")
    assert not missed.met and missed.wns_ns == -0.318 and missed.failing == (312, 0, 0)


def test_columns_are_found_by_name(tmp_path):
    """Vivado before 2021 had no column Prohibited; a later one may add another."""
    text = (SAMPLES / "utilization.rpt").read_text()
    text = re.sub(r"^((?:[+|][^+|\n]*){3})[+|][^+|\n]*", r"\1", text, flags=re.M)
    (tmp_path / "utilization.rpt").write_text(text)
    assert "Prohibited" not in text
    assert read_utilisation(tmp_path / "utilization.rpt").dsp.available == 1728


@pytest.mark.parametrize("name", READERS)
def test_a_report_that_ends_anywhere_early_is_refused(tmp_path, name):
    text = (SAMPLES / name).read_text()
    last = {"timing.rpt": "| Timing Details"}.get(name, "+" if name.endswith("rpt") else ">")
    end = text.rindex(last)  # nothing of value comes after it
    for length in range(0, end, max(1, end // 150)):
        (tmp_path / name).write_text(text[:length])
        with pytest.raises(ReportError):
            READERS[name](tmp_path / name)


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("other", [*READERS, "kernel_hw.h", "overlay.hwh"])
def test_a_report_of_another_tool_is_refused(name, other):
    if other != name:
        with pytest.raises(ReportError):
            READERS[name](SAMPLES / other)


@pytest.mark.parametrize(
    "name, old, new, error, text",
    [
        ("csynth.xml", "2022.1", "2019.2", OtherToolError, "ReportVersion = '2019.2'"),
        ("csynth.rpt", "Vitis HLS Report", "Vivado HLS Report", OtherToolError, "Vitis HLS"),
        ("utilization.rpt", "v.2022.1", "v.2021.2", OtherToolError, "2021.2"),
        ("timing.rpt", "v.2022.1", "v.2026.1", OtherToolError, "2022.1 to 2025.2"),
        ("timing.rpt", "report_timing_summary", "report_timing", OtherToolError, "Command"),
        ("csynth.xml", "<DSP>", "<DSPS>", TruncatedReportError, "mismatched tag"),
        ("csynth.xml", "<URAM>62</URAM>", "", TruncatedReportError, "Resources/URAM"),
        ("utilization.rpt", "| URAM ", "| VRAM ", TruncatedReportError, "no row URAM"),
        (
            "utilization.rpt",
            "| DSPs           | 1364",
            "| DSPs           | many",
            ReportError,
            "DSPs",
        ),
        ("timing.rpt", "      0.042", "         NA", TruncatedReportError, "no numbers"),
        ("timing.rpt", "      0.042", "     -0.042", ReportError, "but WNS is -0.042"),
        ("timing_missed.rpt", "constraints are not met", "is fine", TruncatedReportError, "whole"),
        ("cosim.rpt", "Pass|", "  NA|", TruncatedReportError, "no language"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, name, old, new, error, text):
    path = edited(tmp_path, name, old, new)
    reader = READERS.get(name, read_timing)
    with pytest.raises(error, match=re.escape(text)):
        reader(path)


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00binary"])
@pytest.mark.parametrize("name", READERS)
def test_no_file_or_no_text(tmp_path, name, content):
    if content:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ReportError):
        READERS[name](tmp_path / name)


@pytest.fixture
def build(tmp_path):
    """A build folder with a model only."""
    (tmp_path / "model.json").write_text(json.dumps(MODEL))
    (tmp_path / "hls/solution/syn/report").mkdir(parents=True)
    return tmp_path


def test_the_table_fills_as_the_build_goes_on(build, capsys):
    arguments = ["--build", str(build), "--model", str(build / "model.json")]
    assert main(arguments) == 0
    assert "| DSP | 1,364 | - | - | - |" in capsys.readouterr().out
    target = build / "hls/solution/syn/report/csynth.xml"
    target.write_text((SAMPLES / "csynth.xml").read_text())
    assert main(arguments) == 0
    first = capsys.readouterr().out
    assert "| BRAM36 | 150 | 150.5 | - | 312 |" in first and "above 1: sigma/tiles 2." in first
    for name in ("utilization.rpt", "timing.rpt"):
        (build / name).write_text((SAMPLES / name).read_text())
    assert main(arguments) == 0
    last = capsys.readouterr().out
    assert "| LUT | 90,000 to 140,000 | 120,000 | 110,250 | 230,400 |" in last
    assert "| cycles a step | 196 | - | - | - |" in last and "timing met" in last
    assert (build / "report.md").read_text() == last


def test_a_damaged_report_fails_the_table(build, capsys):
    (build / "timing.rpt").write_text("nothing")
    assert main(["--build", str(build), "--model", str(build / "model.json")]) == 1
    assert "Tool Version" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text",
    ["", "[]", json.dumps({**MODEL, "lut": [2, 1]}), json.dumps({**MODEL, "dsp": "many"}), "{}"]
    + [json.dumps({**MODEL, "cycles_a_step": -1}), json.dumps({**MODEL, "ff": [1, 2, 3]})],
)
def test_a_model_of_another_form_is_refused(build, text):
    (build / "model.json").write_text(text)
    with pytest.raises(ReportError, match="resource model's JSON"):
        read_model(build / "model.json")


def test_nothing_built_is_a_table_of_the_model(build):
    rows = list(Comparison.load(build, build / "model.json").rows())
    assert all(row[2] == row[3] == "-" for row in rows)
