"""Inner loops of aarch64 functions: their instructions, multiplications and modelled cycles."""

import re
import subprocess
from dataclasses import dataclass
from typing import Tuple

MCA = ("llvm-mca", "-mtriple=aarch64", "-mcpu=cortex-a53")
MCA_ITERATIONS = 100
# products of a vector multiplication, by the arrangement of its sources
LANES = {"8b": 8, "16b": 8, "4h": 4, "8h": 4, "2s": 2, "4s": 4}
WIDENING = r"(smull|smlal|umull|umlal|smlsl|umlsl)2?$"
BRANCHES = r"(b\.\w+|cbn?z|tbn?z|b)$"


@dataclass(frozen=True)
class Loop:
    """A loop without a loop inside.

    Attributes
    ----------
    start, end : int
        Addresses in the file; `end` is behind the branch.
    instructions : tuple of (int, str, str)
        Address, mnemonic and operands.
    """

    start: int
    end: int
    instructions: Tuple[Tuple[int, str, str], ...]

    def products(self):
        """Multiply-accumulate operations of an iteration, by its vector multiplications."""
        count = 0
        for _, operation, operands in self.instructions:
            if re.match(WIDENING, operation):
                count += LANES[re.findall(r"v\d+\.(\w+)", operands)[1]]
        return count

    def assembly(self):
        """The loop as llvm-mca reads it: the addresses of branches as a label."""
        lines = []
        for _, operation, operands in self.instructions:
            if re.match(BRANCHES, operation):
                operands = re.sub(r"(0x)?[0-9a-f]+ <.*>", "loop", operands)
            lines.append(f"\t{operation}\t{operands}")
        return "\n".join(["loop:", *lines, ""])


def disassemble(path):
    """The functions of an aarch64 file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict of str to list of (int, str, str)
        Address, mnemonic and operands.
    """
    command = ["aarch64-linux-gnu-objdump", "--disassemble", "--no-show-raw-insn", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    functions, current = {}, []
    for line in done.stdout.splitlines():
        if head := re.match(r"[0-9a-f]+ <(.+)>:$", line):
            current = functions.setdefault(head[1], [])
        elif found := re.match(r"\s+([0-9a-f]+):\s+(\S+)\s*(.*)", line):
            operands = re.sub(r"\s*//.*", "", found[3])
            current.append((int(found[1], 16), found[2], operands))
    return functions


def inner_loops(instructions):
    """The loops of a function that hold no other.

    Parameters
    ----------
    instructions : list of (int, str, str)

    Returns
    -------
    list of Loop
    """
    spans = set()
    first = instructions[0][0] if instructions else 0
    for address, operation, operands in instructions:
        target = re.search(r"([0-9a-f]+) <", operands)
        if re.match(BRANCHES, operation) and target and first <= int(target[1], 16) <= address:
            spans.add((int(target[1], 16), address))
    inner = [
        (a, b)
        for a, b in spans
        if not any(a <= c and d <= b and (a, b) != (c, d) for c, d in spans)
    ]
    return [
        Loop(a, b + 4, tuple(i for i in instructions if a <= i[0] <= b)) for a, b in sorted(inner)
    ]


def modelled_cycles(loop):
    """Cycles of an iteration in llvm-mca's model of the Cortex-A53, the data in the first cache.

    Parameters
    ----------
    loop : Loop

    Returns
    -------
    tuple of float
        In steady state; and the bound of the execution units alone.
    """
    totals = []
    for iterations in (MCA_ITERATIONS, 2 * MCA_ITERATIONS):
        done = subprocess.run(
            [*MCA, f"-iterations={iterations}"],
            input=loop.assembly(),
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        totals.append(int(re.search(r"Total Cycles:\s+(\d+)", done.stdout)[1]))
    bound = float(re.search(r"Block RThroughput:\s+([\d.]+)", done.stdout)[1])
    return (totals[1] - totals[0]) / MCA_ITERATIONS, bound
