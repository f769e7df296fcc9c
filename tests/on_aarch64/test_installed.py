"""What runs is the wheel, as aarch64 code: not the checkout, and no code of another machine."""

import importlib
import platform
import subprocess
import sys
from pathlib import Path

import pytest

import pynq_lstm
from pynq_lstm.runtime.cpu import _kernel

CHECKOUT = Path(__file__).resolve().parents[2]
AARCH64 = 183  # EM_AARCH64, in the header of an ELF file


def kernels():
    """Names of the kernels that this processor can run, the best first."""
    names = []
    while kernel := _kernel.lib.lstm_kernel_at(len(names)):
        names.append(_kernel.ffi.string(kernel.name).decode())
    return names


def test_the_package_is_installed():
    assert CHECKOUT / "pynq_lstm" not in Path(pynq_lstm.__file__).resolve().parents


@pytest.mark.parametrize("name", ["runtime.cpu._kernel", "runtime.fpga._access"])
def test_modules_are_aarch64_code_for_every_python(name):
    path = importlib.import_module(f"pynq_lstm.{name}").__file__
    header = Path(path).read_bytes()[:20]
    assert path.endswith(".abi3.so")
    assert header[:4] == b"\x7fELF" and int.from_bytes(header[18:20], "little") == AARCH64


def test_neon_is_the_best_kernel_and_plain_c_the_last():
    assert kernels() == ["neon", "portable"]


def test_programs_that_start_python_start_this_one():
    code = "import platform, numpy; print(platform.machine())"
    started = [sys.executable, "-c", code]
    done = subprocess.run(started, capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == platform.machine() == "aarch64"
