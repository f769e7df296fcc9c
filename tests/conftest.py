"""Helpers of the tests are importable from every folder; ``--no-skips`` makes a skip a failure.

Tests that need what is not here are not collected, and a line says so: a skip would be a failure.
"""

import importlib.util
import platform
import shutil
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
sys.path.insert(0, str(TESTS))


def pytest_addoption(parser):
    parser.addoption(
        "--no-skips",
        action="store_true",
        help="fail if a test is skipped: for machines that must run them all",
    )
    parser.addoption(
        "--kernel-cases",
        type=int,
        default=500,
        help="random cases of the compiled kernel against the naive model",
    )
    parser.addoption(
        "--cpu-cases",
        type=int,
        default=1000,
        help="random models of the C kernels against the naive model",
    )
    parser.addoption(
        "--driver-cases",
        type=int,
        default=100,
        help="random cases of the whole driver on the emulator against the naive model",
    )
    parser.addoption(
        "--board",
        action="store_true",
        help="run tests/board: on a board as root, or on the emulator with PYNQ_LSTM_EMULATE=1",
    )


_NEEDED_BY = {  # packages: folders and files that import them
    "distributed": ["exploration/test_dask.py"],
    "h5py": ["keras_models"],
    "onnxruntime": ["onnx_models/test_onnxruntime.py"],
    "onnxscript": ["onnx_models/test_torch_dynamo.py"],
    "onnx": ["onnx_models"],
    "torch": [
        "fine_tuning",
        "benchmarks/test_compression_report.py",
        "benchmarks/test_compression_run.py",
        "benchmarks/test_paper_pbd_report.py",
        "benchmarks/test_paper_pbd_teacher.py",
        "onnx_models/test_torch_dynamo.py",
        "onnx_models/test_torch_script.py",
    ],
}
_PROGRAMS = {
    "chromium": ["browser"],
    "fish": ["cli/test_completion_fish.py"],
    "zsh": ["cli/test_completion_zsh.py"],
}


def _left_out(config):
    """Folders and files that cannot be run here, and what they need."""
    folders = {}
    if not config.getoption("--board"):
        folders["board"] = "--board, on a board"
    if importlib.util.find_spec("pynq") is None:
        folders["driver"] = "an environment with pynq: make pynq"
    for package, needing in _NEEDED_BY.items():
        if importlib.util.find_spec(package) is None:
            folders.update(dict.fromkeys(needing, f"{package}, which make test installs"))
    if platform.machine() != "aarch64":
        folders["on_aarch64"] = "an aarch64 Python: make aarch64"
    for program, needing in _PROGRAMS.items():
        if shutil.which(program) is None:
            folders.update(dict.fromkeys(needing, f"Debian's {program}"))
    if shutil.which("qemu-aarch64") is None:
        folders["aarch64"] = "an emulator and a cross compiler: make aarch64"
    return {TESTS / name: needs for name, needs in folders.items()}


def pytest_ignore_collect(collection_path, config):
    if any(folder in (collection_path, *collection_path.parents) for folder in _left_out(config)):
        return True
    return None


def pytest_terminal_summary(terminalreporter, config):
    for folder, needs in _left_out(config).items():
        name = folder.relative_to(TESTS)
        terminalreporter.write_line(f"tests/{name} left out: needs {needs}")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = len(reporter.stats.get("skipped", ())) if reporter else 0
    if session.config.getoption("--no-skips") and skipped:
        reporter.write_line(f"\n{skipped} skipped, and --no-skips was given", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
