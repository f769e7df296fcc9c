"""Helpers of other folders, and one small network that is explored once."""

import sys
from pathlib import Path

import numpy as np
import pytest

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / name) for name in ("accelerator", "budgets", "exploration", "kernel")]

import small_networks  # noqa: E402
from explored import ASKED  # noqa: E402
from kernel_fixtures import kernels, libraries  # noqa: E402, F401

import pynq_lstm as pl  # noqa: E402
from pynq_lstm.exploration import search  # noqa: E402


@pytest.fixture(scope="session", autouse=True)
def short_fronts():
    """Beside what a search makes, five models of a front instead of twelve: less time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "FRONT", 5)
        yield


@pytest.fixture(scope="session")
def task():
    """A network, labelled data and what to calibrate on."""
    rng = np.random.default_rng(0)
    network = small_networks.network(rng, inputs=10, hidden=24, rank=8, noise=0.1)
    data = small_networks.labelled(rng, network, 50)
    return network, data, small_networks.inputs(rng, network, 10)


@pytest.fixture(scope="session")
def found(task):
    """What its exploration finds in one process."""
    network, data, calibration = task
    return pl.explore(network, validation=data, calibration=calibration, **ASKED)
