"""Run a leaf block on arrays of inputs: Verilator makes C++ of it, g++ a shared library."""

import ctypes
import itertools
import os

import numpy as np

from rtl import tables
from rtl.blocks import SOURCES
from rtl.ports import assign, pack, read, unpack
from rtl.programs import ToolError, run

HARNESS = """\
{sources}
#include <cstddef>
extern "C" void run_block(const uint32_t *in, uint32_t *out, size_t cycles) {{
  V{top} block;
  for (size_t i = 0; i < cycles; ++i) {{
{inputs}
{clock}
{outputs}
  }}
}}
"""
CLOCK = "    block.clk = 0; block.eval(); block.clk = 1; block.eval();"


class Simulator:
    """Builds blocks in one folder; what all of them share is compiled once.

    Parameters
    ----------
    folder : pathlib.Path
        Gets the generated sources, libraries and tables.
    """

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        tables.write(folder)
        root = run(["verilator", "--getenv", "VERILATOR_ROOT"], folder).strip()
        self.flags = ["-std=c++17", "-fPIC", "-w", f"-I{root}/include", f"-I{root}/include/vltstd"]
        self.shared = [folder / "verilated.o", folder / "verilated_threads.o"]
        for target in self.shared:
            source = f"{root}/include/{target.stem}.cpp"
            run(["g++", "-O1", *self.flags, "-c", source, "-o", target], folder)
        self._built = {}

    def build(self, block, seeded=False):
        """The `block`, or with `seeded` the one with its seeded error, ready to run."""
        key = f"{block}{seeded}"
        if key not in self._built:
            made = self.folder / f"{block.top}_{len(self._built)}"
            self._built[key] = self._compile(block, seeded, made)
        return self._built[key]

    def _compile(self, block, seeded, made):
        made.mkdir(exist_ok=True)
        options = [f"-G{name}={value}" for name, value in block.parameters.items()]
        options += [f"-D{block.bug}"] if seeded else []
        verilate = ["verilator", "--cc", "-O3", "-Wno-fatal", "-Wno-lint", "--top-module"]
        run([*verilate, block.top, "--Mdir", made, *options, *SOURCES], self.folder)
        unit = made / "harness.cpp"
        unit.write_text(_harness(block, sorted(path.name for path in made.glob("*.cpp"))))
        library = made / "block.so"
        link = ["-shared", "-pthread", "-o", library]
        run(["g++", "-O1", *self.flags, f"-I{made}", unit, *self.shared, *link], self.folder)
        return Simulation(block, library, self.folder)


class Simulation:
    """A compiled block; `library` is its shared object, `folder` where its tables are."""

    def __init__(self, block, library, folder):
        self.block, self.folder = block, folder
        self._run = ctypes.CDLL(str(library)).run_block

    def __call__(self, **inputs):
        """Feed one row of each input a cycle; the outputs, latency taken out.

        Parameters
        ----------
        inputs : ndarray of int, (cycles,) or (cycles, count)
            One for each input port.

        Returns
        -------
        dict of ndarray of int64, (cycles,) or (cycles, count)
            Row i answers row i of the inputs.
        """
        named = {port.name for port in self.block.inputs}
        if set(inputs) != named:
            remedy = f"give {', '.join(sorted(named))}"
            raise ToolError("inputs", sorted(inputs), "not the ports of the block", remedy)
        words = np.concatenate([pack(port, inputs[port.name]) for port in self.block.inputs], 1)
        wait = max(self.block.latency - 1, 0)
        words = np.ascontiguousarray(np.pad(words, ((0, wait), (0, 0))))
        width = sum(port.words for port in self.block.outputs)
        answers = np.zeros((len(words), width), np.uint32)
        pointers = (array.ctypes.data_as(ctypes.c_void_p) for array in (words, answers))
        before = os.getcwd()
        os.chdir(self.folder)  # the block reads its tables when it starts
        try:
            self._run(*pointers, ctypes.c_size_t(len(words)))
        finally:
            os.chdir(before)
        places = itertools.accumulate((port.words for port in self.block.outputs), initial=0)
        return {
            port.name: unpack(port, answers[wait:, place : place + port.words])
            for port, place in zip(self.block.outputs, places)
        }


def _harness(block, sources):
    clock = CLOCK if block.latency else "    block.eval();"
    inputs = "\n".join(f"    {line}" for port in block.inputs for line in assign(port))
    outputs = "\n".join(f"    {line}" for port in block.outputs for line in read(port))
    sources = "\n".join(f'#include "{name}"' for name in sources)
    return HARNESS.format(
        sources=sources, top=block.top, inputs=inputs, clock=clock, outputs=outputs
    )
