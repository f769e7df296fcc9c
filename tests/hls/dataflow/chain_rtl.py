"""Runs many configurations of chain.v in one Icarus simulation."""

import subprocess

LIMIT = 700  # cycles after which a configuration counts as deadlocked


def run_rtl(verilog, configurations, folder):
    """Cycle in which each configuration ends, or None where it does not.

    Parameters
    ----------
    verilog : Path
    configurations : list of dict
        Parameters of module chain.
    folder : Path
        For the bench and the compiled simulation.

    Returns
    -------
    list of int or None
    """
    lines = ["module bench;", "  reg clk = 0, rst = 1;", "  always #1 clk = ~clk;"]
    lines += [f"  wire [{len(configurations) - 1}:0] over;", "  initial #6 rst = 0;"]
    for i, parameters in enumerate(configurations):
        given = {"ID": i, "LIMIT": LIMIT, **parameters}
        text = ", ".join(f".{name}({value})" for name, value in given.items())
        lines.append(f"  chain #({text}) c{i} (clk, rst, over[{i}]);")
    lines += ["  always @(posedge clk) if (&over) $finish;", "endmodule", ""]
    bench, compiled = folder / "bench.v", folder / "bench.vvp"
    bench.write_text("\n".join(lines))
    command = ["iverilog", "-g2012", "-s", "bench", "-o", compiled, bench, verilog]
    subprocess.run(command, check=True, timeout=120)
    done = subprocess.run(
        ["vvp", "-n", compiled], check=True, timeout=120, capture_output=True, text=True
    )
    rows = [line.split() for line in done.stdout.splitlines() if line and line[0].isdigit()]
    cycles = {int(i): int(cycle) for i, cycle in rows}
    assert sorted(cycles) == list(range(len(configurations))), done.stdout[-500:]
    return [None if cycles[i] < 0 else cycles[i] for i in range(len(configurations))]
