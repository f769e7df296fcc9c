"""Kernels compiled once for all tests of a run; imported by the conftest files that need them."""

import shutil
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent
sys.path[:0] = [str(TESTS / "accelerator"), str(TESTS / "kernel")]


@pytest.fixture(scope="session")
def kernel_cases(request):
    """How many random cases to try."""
    return request.config.getoption("--kernel-cases")


@pytest.fixture(scope="session")
def libraries(tmp_path_factory):
    """Compiles the kernel of a design into a folder of this run."""
    from pynq_lstm.accelerator import native

    if not any(shutil.which(name) for name in ("clang++", "g++", "c++")):
        pytest.skip("no C++ compiler: install g++ or clang")
    folder = tmp_path_factory.mktemp("kernels")

    def library(design, **options):
        return native.build(design, folder, **options)

    return library


@pytest.fixture(scope="session")
def kernels(libraries):
    """A native kernel for a design, one for each."""
    from pynq_lstm.accelerator.native import NativeKernel

    made = {}

    def kernel(design):
        if design.name not in made:
            made[design.name] = NativeKernel(libraries(design))
        return made[design.name]

    return kernel
