"""Build the C kernels: ``python pynq_lstm/runtime/cpu/build.py``, or through setuptools.

Makes the extension module ``pynq_lstm.runtime.cpu._kernel``. Needs cffi, setuptools
and a C compiler, and not NumPy: setuptools runs this file in a bare environment,
so the knots are read from a file of plain integers, by its path.
"""

import re
import runpy
import shutil
import tempfile
from itertools import pairwise
from pathlib import Path

import cffi

HERE = Path(__file__).resolve().parent
MODULE = "pynq_lstm.runtime.cpu._kernel"


def segment_table(name, knots):
    """C definition of a table of segments: knot << 16 | rise to the next knot."""
    segments = (low << 16 | high - low for low, high in pairwise(knots))
    return f"static const int32_t {name}[] = {{{', '.join(map(str, segments))}}};\n"


def source():
    """The kernels behind their tables, as one translation unit."""
    knots = runpy.run_path(str(HERE.parents[1] / "sigma_knots.py"))
    return (
        "#include <stdint.h>\n"
        + segment_table("kSigmoidSegments", knots["SIGMOID"])
        + segment_table("kTanhSegments", knots["TANH"])
        + '#include "kernel.c"\n'
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
    depends=[str(HERE / name) for name in ("kernel.h", "arithmetic.h", "kernel.c")],
    extra_compile_args=["-O3", "-std=gnu11", "-Wall", "-Wextra"],
    py_limited_api=True,
)


def build_in_place():
    """Compile in a temporary folder and put the module beside this file; returns its path."""
    with tempfile.TemporaryDirectory() as folder:
        built = Path(ffi.compile(tmpdir=folder))
        return shutil.copy(built, HERE / built.name)


if __name__ == "__main__":
    print(build_in_place())
