"""Kernels compiled once for all tests; ``--kernel-cases`` says how many random cases to try."""

import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path[:0] = [
    str(ROOT / "tools"),
    str(ROOT / "tests" / "accelerator"),
    str(Path(__file__).parent),
]


@pytest.fixture(scope="session")
def kernel_cases(request):
    return request.config.getoption("--kernel-cases")


@pytest.fixture(scope="session")
def libraries(tmp_path_factory):
    """Where compiled kernels are kept during the tests."""
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
