"""All targets of overlays/svd_lstm, dry, with stand-ins for two generations of the tools."""

import json
import os
import re
import shutil

import pytest
from overlay_build import CHECK, COMMON, GENERATIONS, ROOT, SAMPLES, make

pytestmark = pytest.mark.hls
DESIGN = ROOT / "overlays" / "svd_lstm" / "design.json"
MODEL = {"dsp": 1364, "bram36": 150, "uram": 62, "lut": [90000, 140000], "cycles_a_step": 196}
TARGETS = ("csim", "csynth", "cosim", "ip", "bd", "bit", "report", "package")


@pytest.fixture
def commands(tmp_path):
    """Stand-ins for what makes vectors and the model's numbers, which other tests run."""
    (tmp_path / "model.json").write_text(json.dumps(MODEL))
    return [f"RESOURCES_COMMAND=cat {tmp_path / 'model.json'}", "VECTORS_COMMAND=touch $@"]


def built(work, *parts):
    return work.joinpath("build", "svd_lstm", *parts)


@pytest.mark.parametrize("generation", GENERATIONS)
def test_every_target(tmp_path, generation):
    for target in TARGETS:
        ran = make(target, tmp_path, generation=generation)
        assert ran.returncode == 0, ran.stdout
    folder = built(tmp_path)
    assert (folder / "config.h").read_text().startswith("// Generated from design.json")
    for step in ("csim", "csynth", "ip", "bd", "bit"):
        assert (folder / f"{step}.done").is_file()
    assert (tmp_path / "build" / "svd_lstm_tiny" / "cosim.done").is_file()
    assert re.search(
        r"^\| DSP \| [\d,]+ \| 1,364 \| 1,364 \| 1,728 \|$",
        (folder / "report.md").read_text(),
        re.M,
    )
    for design in ("svd_lstm", "svd_lstm_tiny"):
        assert (tmp_path / "build" / design / "vectors.bin").stat().st_size > 1000
    manifest = json.loads((folder / "package" / "manifest.json").read_text())
    assert manifest["kernel"]["base_address"] == 0xA0000000


@pytest.mark.parametrize("generation", GENERATIONS)
def test_the_address_map_is_that_of_the_documents(tmp_path, commands, generation):
    ran = make("bd", tmp_path, *commands, generation=generation)
    addresses = [line.split()[2:] for line in ran.stdout.splitlines() if " address " in line]
    memory = "/zynq_ultra_ps_e_0/SAXIGP"
    assert addresses == [
        ["/zynq_ultra_ps_e_0/Data", "/svd_lstm_0/s_axi_control/Reg", "0xA0000000", "0x10000"],
        ["/zynq_ultra_ps_e_0/Data", "/cycle_counter_0/s_axi/reg0", "0xA0010000", "0x1000"],
        ["/svd_lstm_0/Data_m_axi_gmem0", f"{memory}2/HP0_DDR_LOW", "0x0", "0x80000000"],
        ["/svd_lstm_0/Data_m_axi_gmem1", f"{memory}3/HP1_DDR_LOW", "0x0", "0x80000000"],
    ]
    handoff = (SAMPLES / "overlay.hwh").read_text()  # the sample is that of this address map
    assert 'BASEVALUE="0xA0000000"' in handoff and 'BASEVALUE="0xA0010000"' in handoff


@pytest.mark.parametrize("generation", GENERATIONS)
def test_the_block_diagonal_overlay(tmp_path, commands, generation):
    """Every target but those that compare with samples of the other kernel."""
    overlay = ROOT / "overlays" / "block_diagonal_lstm"
    for target in ("csim", "csynth", "cosim", "ip", "bd", "bit"):
        ran = make(target, tmp_path, *commands, generation=generation, overlay=overlay)
        assert ran.returncode == 0, ran.stdout
    assert "/block_diagonal_lstm_0/s_axi_control/Reg" in ran.stdout or target == "bit"
    assert (tmp_path / "build" / "block_diagonal_lstm_tiny" / "cosim.done").is_file()


def test_a_design_without_dsps_tells_the_tool(tmp_path, commands):
    overlay = ROOT / "overlays" / "block_diagonal_lstm"
    for name, told in (("block_diagonal_lstm_lut", "lut"), ("block_diagonal_lstm", "dsp")):
        design = f"DESIGN=../{name}/design.json"
        ran = make("csynth", tmp_path, *commands, design, generation="2025.2", overlay=overlay)
        assert ran.returncode == 0, ran.stdout
        settings = (tmp_path / "build" / name / "settings.tcl").read_text()
        assert f"set multipliers {told}\n" in settings


def test_power_optimisation_is_offered(tmp_path, commands):
    ran = make("bit", tmp_path, *commands, "POWER_OPT=1", generation="2025.2")
    assert ran.returncode == 0, ran.stdout


def test_without_the_board_part_it_says_so_and_goes_on(tmp_path, commands):
    ran = make("bd", tmp_path, *commands, generation="2025.2", TCL_CHECK_NO_BOARD="1")
    assert ran.returncode == 0, ran.stdout
    assert "WARNING: the board part xilinx.com:zcu104:part0:1.1 is missing" in ran.stdout
    assert "HP1_DDR_HIGH 0x800000000" in ran.stdout


@pytest.mark.parametrize(
    "target, text",
    [
        ("csim", "lacking: Vitis HLS: neither vitis_hls nor vitis-run is on PATH."),
        ("cosim", "lacking: Vitis HLS"),
        ("package", "lacking: Vi"),
    ],
)
def test_a_tool_that_is_lacking_is_named(tmp_path, commands, target, text):
    ran = make(target, tmp_path, *commands)
    assert ran.returncode != 0
    assert text in ran.stdout and "Versions 2022.1 to 2025.2 do." in ran.stdout


def test_vivado_alone_is_lacking(tmp_path, commands):
    assert make("ip", tmp_path, *commands, generation="2022.1").returncode == 0
    ran = make("bit", tmp_path, *commands)
    assert ran.returncode != 0 and "lacking: Vivado: vivado is not on PATH." in ran.stdout


def test_what_is_done_needs_no_tool(tmp_path, commands):
    assert make("csynth", tmp_path, *commands, generation="2022.1").returncode == 0
    assert make("csynth", tmp_path, *commands).returncode == 0


def test_nothing_is_done_twice_and_a_change_is_seen(tmp_path, commands):
    stamp = built(tmp_path, "csynth.done")
    assert make("csynth", tmp_path, *commands, generation="2022.1").returncode == 0
    first = stamp.stat().st_mtime_ns
    assert make("csynth", tmp_path, *commands, generation="2022.1").returncode == 0
    assert stamp.stat().st_mtime_ns == first
    os.utime(built(tmp_path, "config.h"))
    assert make("csynth", tmp_path, *commands, generation="2022.1").returncode == 0
    assert stamp.stat().st_mtime_ns > first


def test_another_design_has_a_folder_of_its_own(tmp_path, commands):
    folder = tmp_path / "svd_lstm_other"
    folder.mkdir()
    design = {**json.loads(DESIGN.read_text()), "name": "svd_lstm_other", "clock_mhz": 150}
    (folder / "design.json").write_text(json.dumps(design))
    ran = make(
        "csynth", tmp_path, f"DESIGN={folder / 'design.json'}", *commands, generation="2025.2"
    )
    assert ran.returncode == 0, ran.stdout
    settings = (tmp_path / "build" / "svd_lstm_other" / "settings.tcl").read_text()
    assert "set design_name svd_lstm_other\n" in settings and "set clock_mhz 150\n" in settings


@pytest.mark.parametrize(
    "change, text",
    [
        (None, "no such file"),
        ({"name": "a;exit"}, "name = 'a;exit'"),
        ({"u_tile": 7}, "u_tile = 7"),
    ],
)
def test_a_bad_design_is_refused(tmp_path, commands, change, text):
    path = tmp_path / "design.json"
    if change:
        path.write_text(json.dumps({**json.loads(DESIGN.read_text()), **change}))
    ran = make("csynth", tmp_path, f"DESIGN={path}", *commands, generation="2022.1")
    assert ran.returncode != 0 and text in ran.stdout


def test_a_tool_that_says_nothing_failed_is_not_believed(tmp_path, commands):
    liar = tmp_path / "liar"
    liar.mkdir()
    (liar / "vitis_hls").write_text("#!/bin/sh\nexit 0\n")
    (liar / "vitis_hls").chmod(0o755)
    shutil.copytree(liar, tmp_path / "tools")
    for name in ("sh", "make", "cmp", "mv", "rm", "mkdir", "basename", "dirname", "cat", "touch"):
        (tmp_path / "tools" / name).symlink_to(shutil.which(name))
    ran = make("csynth", tmp_path, *commands)
    assert ran.returncode != 0 and "ended with status 0 and without the stamp" in ran.stdout


# an edit of one of our own scripts, and the rule that it breaks
EDITS = [
    ("hls.tcl", "-m_axi_addr64 ", "-m_axi_addr_64 ", "csynth", "unknown-option"),
    (
        "hls.tcl",
        "-m_axi_alignment_byte_size 16",
        "-m_axi_alignment_byte_size 24",
        "csynth",
        "bad-value",
    ),
    ("hls.tcl", "    set_part $part\n", "", "csynth", "order"),
    ("hls.tcl", "csim_design -O", "csim_design -profile", "csim", "wrong-generation"),
    ("hls.tcl", "-I$root/hls_src", "-I$root/hls_sources", "csynth", "missing-file"),
    (
        "hls.tcl",
        "open_solution solution\n            export",
        "open_solution other\n            exit 0\n            export",
        "ip",
        "no-work",
    ),
    ("block_design.tcl", "CONFIG.PSU__USE__M_AXI_GP1 0 ", "", "bd", "open-pin"),
    ("block_design.tcl", "$ps/saxihp1_fpd_aclk ", "", "bd", "open-pin"),
    ("block_design.tcl", "CONFIG.PSU__USE__IRQ0 1 ", "", "bd", "unknown-pin"),
    ("block_design.tcl", "__PERIPHERAL__IO 1", "__PERIPHERAL__IO 2", "bd", "width"),
    ("block_design.tcl", "$k/m_axi_gmem1 write", "$k/m_axi_gmem0 write", "bd", "two-connections"),
    ("block_design.tcl", "{control 2 read", "{control 1 read", "bd", "unknown-interface"),
    ("block_design.tcl", "    assign_addresses $kernel\n", "", "bd", "no-address"),
    ("block_design.tcl", "    save_bd_design\n", "", "bd", "order"),
    (
        "block_design.tcl",
        "xilinx.com:ip:smartconnect ",
        "xilinx.com:ip:smartconect ",
        "bd",
        "unknown-ip",
    ),
    (
        "block_design.tcl",
        "kernel_reset/aux_reset_in",
        "kernel_reset/slowest_sync_clk",
        "bd",
        "two-drivers",
    ),
    ("addresses.tcl", "counter_address 0xA0010000", "counter_address 0xA0008000", "bd", "overlap"),
    (
        "addresses.tcl",
        "kernel_address 0xA0000000",
        "kernel_address 0xC0000000",
        "bd",
        "outside-window",
    ),
    ("addresses.tcl", "{QSPI LPS_OCM}", "{QSPI}", "bd", "no-address"),
    ("cycle_counter.v", "s_axi:kernel,", "s_axi,", "bd", "no-clock"),
    (
        "cycle_counter.v",
        "    input  wire        kernel_rready\n",
        "    input  wire        other\n",
        "bd",
        "incomplete-interface",
    ),
    (
        "hls.tcl",
        "{$multipliers eq",
        "{1} {config_op mull -impl fabric} elseif {$multipliers eq",
        "csynth",
        "bad-value",
    ),
    (
        "implement.tcl",
        "if {$power_opt} {\n        set_property STEPS.POWER_OPT",
        "if 1 {\n        set_property STEPS.POWEROPT",
        "bit",
        "unknown-property",
    ),
    ("implement.tcl", " -timeout $timeout", "", "bit", "endless-wait"),
    ("implement.tcl", "    launch_runs synth_1 -jobs $jobs\n", "", "bit", "order"),
    ("implement.tcl", "-to_step write_bitstream", "-to_step bitstream", "bit", "bad-value"),
]


@pytest.fixture(scope="module")
def whole_tree(tmp_path_factory):
    """A copy of the scripts in which everything up to the bitstream is built."""
    work = tmp_path_factory.mktemp("whole")
    tree = work / "tree"
    shutil.copytree(ROOT / "overlays", tree / "overlays")
    for folder in ("hls_src", "pynq_lstm", "tools"):
        (tree / folder).symlink_to(ROOT / folder)
    for target in ("csim", "bit"):
        ran = make(
            target,
            work,
            "VECTORS_COMMAND=touch $@",
            generation="2025.2",
            overlay=tree / "overlays" / "svd_lstm",
        )
        assert ran.returncode == 0, ran.stdout
    return work


@pytest.mark.parametrize("name, old, new, target, rule", EDITS)
def test_an_edit_that_the_tool_would_refuse_is_caught(
    whole_tree, tmp_path, name, old, new, target, rule
):
    work = tmp_path / "work"
    shutil.copytree(whole_tree, work, symlinks=True)
    overlays = work / "tree" / "overlays"
    script = overlays / "common" / name
    text = script.read_text()
    assert old in text
    script.write_text(text.replace(old, new, 1))
    ran = make(target, work, generation="2025.2", overlay=overlays / "svd_lstm")
    assert ran.returncode != 0 and f": {rule}: " in ran.stdout, ran.stdout


def test_the_scripts_and_the_check_agree_on_where_they_run():
    names = {path.name for path in COMMON.glob("*.tcl")}
    assert names == {"addresses.tcl", "block_design.tcl", "hls.tcl", "implement.tcl"}
    for generation in GENERATIONS:
        assert (CHECK / generation / "vivado").is_file()
