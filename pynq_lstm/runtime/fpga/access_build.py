"""Build the register access in C: ``python pynq_lstm/runtime/fpga/access_build.py``.

Makes the extension module ``pynq_lstm.runtime.fpga._access``, as setuptools does. Needs cffi,
setuptools and a C compiler, and nothing of this package: setuptools runs this file by itself.
"""

import re
import shutil
import tempfile
from pathlib import Path

import cffi

HERE = Path(__file__).resolve().parent
MODULE = "pynq_lstm.runtime.fpga._access"


def declarations():
    """The declarations of access.h, without its preprocessor lines."""
    return re.sub(r"^#.*$", "", (HERE / "access.h").read_text(encoding="utf-8"), flags=re.M)


ffi = cffi.FFI()
ffi.cdef(declarations())
ffi.set_source(
    MODULE,
    '#include "access.c"\n',
    include_dirs=[str(HERE)],
    depends=[str(HERE / name) for name in ("access.h", "access.c")],
    extra_compile_args=["-O2", "-std=gnu11", "-Wall", "-Wextra"],
    py_limited_api=True,
)


def build_in_place():
    """Compile in a temporary folder and put the module beside this file; returns its path."""
    with tempfile.TemporaryDirectory() as folder:
        built = Path(ffi.compile(tmpdir=folder))
        return shutil.copy(built, HERE / built.name)


if __name__ == "__main__":
    print(build_in_place())
