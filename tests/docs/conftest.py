"""Helpers of other folders."""

import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / name) for name in ("budgets", "keras_models")]


@pytest.fixture
def one_thread():
    """Where networks are this small, PyTorch's threads cost more than they bring."""
    torch = pytest.importorskip("torch")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
