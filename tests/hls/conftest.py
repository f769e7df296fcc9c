"""Checks of the HLS sources beyond native simulation; `make hls` prepares what they need."""

import sys
from pathlib import Path

import pytest
from kernel_fixtures import ROOT, kernel_cases, kernels, libraries  # noqa: F401

sys.path[:0] = [
    *(str(ROOT / folder) for folder in ("tools", "overlays/common", "hls_src/tests")),
    str(Path(__file__).parent),
]


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
    import make_vectors as maker

    from pynq_lstm.accelerator import vectors

    def make(design, cases):
        path = tmp_path / f"{design.name}.vectors"
        vectors.write(path, maker.make(design, cases, seed=3))
        return path

    return make
