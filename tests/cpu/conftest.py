"""Tests of the CPU path: every kernel that runs here, as a parameter, and numbers of threads."""

import importlib.util

import pytest

from pynq_lstm.runtime.cpu import library

BUILT = importlib.util.find_spec("pynq_lstm.runtime.cpu._kernel") is not None
KERNELS = tuple(library.kernels()) if BUILT else ("none",)
THREADS = (1, 2)


@pytest.fixture(scope="session", autouse=True)
def built():
    """What is not built cannot be tested: a skip, which --no-skips makes a failure."""
    pytest.importorskip("pynq_lstm.runtime.cpu._kernel")


@pytest.fixture
def cases(request, kernel, threads):
    """Random models of this kernel: all of them for the default one, a quarter for the others."""
    most = request.config.getoption("--cpu-cases")
    return most if (kernel, threads) == (KERNELS[0], 1) else -(-most // 4)


def pytest_generate_tests(metafunc):
    for name, values in (("kernel", KERNELS), ("threads", THREADS)):
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, values)
