"""Tools of tools/aarch64, and the C kernels cross-built from the sources that build.py names."""

import runpy
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parents[1]
CPU = CHECKOUT / "pynq_lstm" / "runtime" / "cpu"
sys.path.insert(0, str(CHECKOUT / "tools" / "aarch64"))

from cross_compiler import cross_compiled  # noqa: E402 behind the path it needs


@pytest.fixture(scope="session")
def kernels_under_test(tmp_path_factory):
    """A static aarch64 program that compares all kernels: compare_kernels.c."""
    folder = tmp_path_factory.mktemp("kernels")
    build = runpy.run_path(str(CPU / "build.py"))
    source = folder / "kernels.c"
    source.write_text(build["source"](), encoding="utf-8")
    flags = [*build["FLAGS"], "-static", f"-I{CPU}", f"-I{HERE}", "-lm"]
    sources = [source, HERE / "compare_kernels.c"]
    return cross_compiled(flags, sources, folder / "compare_kernels")
