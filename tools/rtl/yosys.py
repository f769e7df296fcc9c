"""Map leaf blocks to UltraScale+ cells with yosys and read its statistics."""

import re
from dataclasses import dataclass

from rtl import tables
from rtl.blocks import SOURCES
from rtl.programs import ToolError, run

SCRIPT = (
    "read_verilog -sv {sources} blocks.sv; hierarchy -check -top blocks; "
    "synth_xilinx -family xcup -top blocks -noiopad -noclkbuf -nowidelut -uram; {statistics}"
)
STATISTICS = "tee -o {name}.txt stat -top {name} -tech xilinx; "
WRAPPER = "module {name} (); (* keep *) {top} #({parameters}) block (); endmodule\n"
# LUTs that a memory primitive takes (UG574): eight make 32 x 14 or 64 x 7 bits with one read port.
MEMORY_LUTS = {"RAM32M16": 8, "RAM64M8": 8, "RAM32M": 4, "RAM64M": 4, "SRL16E": 1, "SRLC32E": 1}


@dataclass(frozen=True)
class Cells:
    """What yosys counted: `luts` is its estimate of logic cells plus the LUTs of LUTRAM."""

    dsp: int
    luts: int
    registers: int
    bram36: int
    bram18: int
    uram: int


def map_blocks(blocks, folder):
    """Map several blocks in one run, which loads the cell library once.

    Parameters
    ----------
    blocks : list of Block
    folder : pathlib.Path
        Gets the tables and the statistics.

    Returns
    -------
    list of Cells
    """
    folder.mkdir(parents=True, exist_ok=True)
    tables.write(folder)
    names = [f"block_{number}" for number in range(len(blocks))]
    text = "".join(_wrapper(name, block) for name, block in zip(names, blocks))
    instances = " ".join(f"(* keep *) {name} of_{name} ();" for name in names)
    (folder / "blocks.sv").write_text(f"{text}module blocks (); {instances} endmodule\n")
    sources = " ".join(str(path) for path in SOURCES)
    statistics = "".join(STATISTICS.format(name=name) for name in names)
    run(["yosys", "-q", "-p", SCRIPT.format(sources=sources, statistics=statistics)], folder)
    return [read_statistics(folder / f"{name}.txt") for name in names]


def _wrapper(name, block):
    parameters = ", ".join(f".{key}({value})" for key, value in block.parameters.items())
    return WRAPPER.format(name=name, top=block.top, parameters=parameters)


def read_statistics(path):
    """The `Cells` in a file of statistics that yosys wrote."""
    try:
        text = path.read_text().rpartition("Number of cells:")[2]
        logic = int(re.search(r"Estimated number of LCs:\s+(\d+)", text).group(1))
    except (OSError, AttributeError):
        problem, remedy = "yosys printed no statistics", "look at its output"
        raise ToolError("statistics", path.name, problem, remedy) from None
    cells = {name: int(count) for name, count in re.findall(r"^ +(\S+) +(\d+)$", text, re.M)}
    if not cells:
        raise ToolError("statistics", path.name, "no cells", "check the top module")
    unknown = sorted(name for name in cells if name.startswith("$"))
    if unknown:
        remedy = "write what synth_xilinx can map"
        raise ToolError("statistics", unknown, "cells that were not mapped", remedy)
    flip_flops = ("FDRE", "FDSE", "FDCE", "FDPE")
    return Cells(
        dsp=cells.get("DSP48E2", 0),
        luts=logic + sum(cells.get(name, 0) * luts for name, luts in MEMORY_LUTS.items()),
        registers=sum(cells.get(name, 0) for name in flip_flops),
        bram36=cells.get("RAMB36E2", 0),
        bram18=cells.get("RAMB18E2", 0),
        uram=cells.get("URAM288", 0),
    )
