"""The compiled kernel as a library: raw addresses, unloading, and what the user is told."""

import gc
import io
from pathlib import Path

import numpy as np
import pytest
from designs import TINY

from pynq_lstm.accelerator import native
from pynq_lstm.accelerator.native import Command, NativeKernel
from pynq_lstm.errors import BackendError


@pytest.fixture
def compiler(tmp_path):
    """A stand-in that writes an empty library at once."""
    path = tmp_path / "compiler"
    path.write_text('#!/bin/sh\nwhile [ $# -gt 1 ]; do shift; done\n: > "$1"\n')
    path.chmod(0o755)
    return str(path)


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize("stream", [Terminal, io.StringIO])
def test_a_terminal_is_told_of_the_compilation_once(tmp_path, monkeypatch, compiler, stream):
    monkeypatch.setattr(native.sys, "stderr", stream())
    for _ in range(2):
        native.build(TINY, tmp_path, compiler=compiler)
    said = native.sys.stderr.getvalue()
    assert said.count("compiling the kernel of svd_lstm_tiny") == (stream is Terminal)


def test_without_a_compiler_the_remedy_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    with pytest.raises(BackendError, match="no C\\+\\+ compiler found; install g\\+\\+"):
        native.build(TINY, tmp_path)


def test_a_compiler_that_does_not_end(tmp_path, monkeypatch):
    path = tmp_path / "slow"
    path.write_text("#!/bin/sh\nexec sleep 60\n")
    path.chmod(0o755)
    monkeypatch.setattr(native, "_TIMEOUT", 0.2)
    with pytest.raises(BackendError, match="CXX = '.*slow': did not end in 0.2 seconds; call ag"):
        native.build(TINY, tmp_path / "cache", compiler=str(path))
    assert not any((tmp_path / "cache").iterdir())


def test_commands_at_raw_addresses(libraries):
    kernel = NativeKernel(libraries(TINY))
    given, out = np.arange(64, dtype=np.uint8), np.zeros(64, np.uint8)
    results = kernel.start_at((Command.ECHO, 0, 0, 0, 4, 4), given.ctypes.data, out.ctypes.data)
    assert (results.status, results.written) == (0, 4)
    np.testing.assert_array_equal(out, given)


def test_a_closed_kernel_says_so(libraries):
    kernel, other = (NativeKernel(libraries(TINY)) for _ in range(2))
    kernel.close()
    kernel.close()
    with pytest.raises(BackendError, match="unloaded"):
        kernel.start(Command.IDENTIFY)
    assert other.start(Command.IDENTIFY)[0].status == 0


def test_closing_unmaps_the_library(libraries):
    def mapped():
        return Path("/proc/self/maps").read_text().count("kernel.so")

    gc.collect()  # kernels that other tests left are not unmapped in between
    before = mapped()
    kernel = NativeKernel(libraries(TINY))
    assert mapped() > before
    kernel.close()
    assert mapped() == before
