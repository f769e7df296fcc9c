"""Helpers of other folders, and one small network that is explored once."""

import sys
from pathlib import Path

import numpy as np
import pytest

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / name) for name in ("accelerator", "budgets", "exploration")]

import small_networks  # noqa: E402

import pynq_lstm as pl  # noqa: E402

# one family of every kind is enough to see each step of a search
FIXED = {"weight_bits": 8, "form": "stacked", "u_tile": (4, 8), "v_tile": 4}
ASKED = {"max_drop": 4.0, "tries": 2, "engines": ("svdn", "svd1"), "progress": False, **FIXED}


@pytest.fixture(scope="session")
def task():
    """A network, labelled data and what to calibrate on."""
    rng = np.random.default_rng(0)
    network = small_networks.network(rng, inputs=6, hidden=10, rank=3)
    data = small_networks.labelled(rng, network, 50)
    return network, data, small_networks.inputs(rng, network, 10)


@pytest.fixture(scope="session")
def found(task):
    """What its exploration finds in one process."""
    network, data, calibration = task
    return pl.explore(network, validation=data, calibration=calibration, **ASKED)
