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


@pytest.fixture(scope="session")
def ap_types():
    """The ap_int headers, which `make hls` puts into build/."""
    folder = ROOT / "build" / "ap_types"
    if not (folder / "ap_int.h").exists():
        pytest.skip("no ap_int headers: make hls fetches them")
    return folder


@pytest.fixture
def make_vectors(tmp_path):
    """Makes a file of test vectors of a design."""
    sys.path.insert(0, str(ROOT / "hls_src" / "tests"))
    import make_vectors as maker

    from pynq_lstm.accelerator import vectors

    def make(design, cases):
        path = tmp_path / f"{design.name}.vectors"
        vectors.write(path, maker.make(design, cases, seed=3))
        return path

    return make
