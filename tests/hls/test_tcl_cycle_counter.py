"""The cycle counter of the block design, simulated; the bench must catch mutants of it."""

import pytest
from overlay_build import COMMON, HERE, run

pytestmark = pytest.mark.hls
SOURCE = (COMMON / "cycle_counter.v").read_text()
MUTANTS = {
    "starts one cycle late": ("count <= 64'd1;", "count <= 64'd0;"),
    "starts at any offset": ("&& address == 16'd0", ""),
    "starts at 0x100": ("address == 16'd0", "address[7:0] == 8'd0"),
    "starts without bit 0": ("&& kernel_wdata[0] &&", "&&"),
    "starts without the strobe": ("kernel_wdata[0] && kernel_wstrb[0]", "kernel_wdata[0]"),
    "forgets the address": ("address_now ? kernel_awaddr : held_address", "kernel_awaddr"),
    "ends on a level": ("done_interrupt && !done_before", "done_interrupt"),
    "runs on through the kernel's reset": ("else if (!active)", "else if (1'b0)"),
    "forgets the runs": ("runs <= runs + 16'd1;", "runs <= 16'd1;"),
    "32 bits only": ("reg [63:0] count,", "reg [31:0] count,"),
    "halves swapped": (
        "10'd2: s_axi_rdata <= cycles[31:0];",
        "10'd2: s_axi_rdata <= cycles[63:32];",
    ),
    "writes go through": (
        "assign s_axi_bresp",
        "always @(posedge aclk) if (write) cycles <= s_axi_wdata;\n    assign s_axi_bresp",
    ),
    "refuses writes": ("assign s_axi_bresp = 2'b00;", "assign s_axi_bresp = 2'b10;"),
    "answers too long": (
        "else if (s_axi_rready) begin\n            s_axi_rvalid <= 1'b0;",
        "else if (1'b0) begin",
    ),
    "other id": ("32'h4C435943", "32'h4C435944"),
}


def simulate(folder, source):
    (folder / "cycle_counter.v").write_text(source)
    bench = HERE / "cycle_counter_tb.v"
    built = run(
        [
            "iverilog",
            "-g2005",
            "-Wall",
            "-Wno-timescale",
            "-o",
            "bench.vvp",
            bench,
            "cycle_counter.v",
        ],
        folder,
    )
    assert built.returncode == 0, built.stdout
    return run(["vvp", "-n", "bench.vvp"], folder).stdout, built.stdout


def test_counts_what_it_should(tmp_path):
    output, warnings = simulate(tmp_path, SOURCE)
    assert output.strip() == "PASS"
    assert warnings == ""


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_is_caught(tmp_path, name):
    old, new = MUTANTS[name]
    assert SOURCE.count(old) == 1
    output, _ = simulate(tmp_path, SOURCE.replace(old, new))
    assert "FAIL" in output and "PASS" not in output
