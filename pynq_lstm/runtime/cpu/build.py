"""Build the C kernels: ``python pynq_lstm/runtime/cpu/build.py``, or through setuptools.

Makes the extension module ``pynq_lstm.runtime.cpu._kernel``. Needs cffi, setuptools
and a C compiler, and not NumPy: setuptools runs this file in a bare environment,
so the knots are read from a file of plain integers, by its path.

All kernels are one translation unit, in which each instruction set's functions have a target of
their own: one build serves every processor of an architecture.
"""

import os
import re
import runpy
import shutil
import tempfile
from itertools import pairwise
from pathlib import Path

import cffi

HERE = Path(__file__).resolve().parent
MODULE = "pynq_lstm.runtime.cpu._kernel"
# Vectors made of the fields of structures stall what reads the fields. Python's own flags ask for
# debug information, of which there is ten times as much as code: it takes two fifths of the time.
FLAGS = ["-O3", "-g0", "-std=gnu11", "-fno-tree-slp-vectorize", "-Wall", "-Wextra", "-pthread"]


def curve(name, knots):
    """C definition of a ``struct curve``."""
    rises = [high - low for low, high in pairwise(knots)]
    knots = [knots[k + k % 2] for k in range(len(rises))]
    planes = [[v >> shift & 255 for v in values] for values in (knots, rises) for shift in (0, 8)]
    segments = [knot << 16 | rise for knot, rise in zip(knots, rises)]
    tables = [_braces(knots), _braces(rises), _braces(map(_braces, planes)), _braces(segments)]
    return f"static const struct curve {name} = {_braces(tables)};\n"


def _braces(values):
    return "{" + ", ".join(map(str, values)) + "}"


def source():
    """The kernels and the curves of section 6, as one translation unit."""
    knots = runpy.run_path(str(HERE.parents[1] / "sigma_knots.py"))
    return (
        '#include "kernels/arithmetic.h"\n'
        + curve("kSigmoid", knots["SIGMOID"])
        + curve("kTanh", knots["TANH"])
        + '#include "kernels/kernels.c"\n'
    )


def declarations():
    """The declarations of kernel.h, without its preprocessor lines."""
    return re.sub(r"^#.*$", "", (HERE / "kernel.h").read_text(encoding="utf-8"), flags=re.M)


ffi = cffi.FFI()
ffi.cdef(declarations())
ffi.set_source(
    MODULE,
    source(),
    include_dirs=[str(HERE)],
    depends=[str(path) for path in [HERE / "kernel.h", *sorted(HERE.glob("kernels/*"))]],
    extra_compile_args=FLAGS,
    extra_link_args=["-pthread"],
    py_limited_api=True,
)


def build_in_place():
    """Compile in a temporary folder and put the module beside this file; returns its path."""
    with tempfile.TemporaryDirectory() as folder:
        built = Path(ffi.compile(tmpdir=folder))
        module = HERE / built.name
        copy = shutil.copy(built, module.with_suffix(".tmp"))
        os.replace(copy, module)  # at once: who runs the old one keeps it
    return module


if __name__ == "__main__":
    print(build_in_place())
