"""The HLS sources compiled for this machine: the same C++ that becomes the bitstream, as a library.

Command, buffers and registers are those of ``docs/accelerator_image.md``.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

import cffi
import numpy as np

from pynq_lstm.accelerator.config import config_header
from pynq_lstm.errors import BackendError

SOURCES = Path(__file__).resolve().parents[1] / "hls_src"
BEAT = 16  # bytes
FLAGS = ("-O2", "-std=c++14", "-DHLS_NATIVE")
_COMPILERS = ("clang++", "g++", "c++")
_TIMEOUT = 600  # seconds for a build


class Command(IntEnum):
    """What the kernel can be told to do."""

    IDENTIFY, LOAD, RUN, ECHO, STATE_READ, STATE_WRITE, RESET_STATE = range(7)


@dataclass(frozen=True)
class Registers:
    """Outputs of a command; see ``docs/accelerator_image.md``, section 1."""

    status: int
    detail: int
    magic: int
    version: int
    hash_low: int
    hash_high: int
    steps: int
    u_words: int
    v_words: int
    clipped_p: int
    clipped_pre: int
    clipped_c: int
    written: int


def source_files():
    """All HLS sources, sorted."""
    return sorted(p for p in SOURCES.rglob("*") if p.suffix in (".h", ".cpp"))


def build(design, folder, flags=FLAGS, compiler=None, includes=(), entry=None):
    """Compile the kernel of a design; a library that is there already is taken as it is.

    Parameters
    ----------
    design : Design
    folder : path-like
        Where libraries are kept; their names carry a hash of all that went into them.
    flags : sequence of str
    compiler : str, optional
        Default: ``$CXX``, else clang++, g++ or c++.
    includes : sequence of path-like
        Searched before the project's own stand-ins for the Vitis headers.
    entry : str, optional
        The file to compile, below the HLS sources; default: the design's kernel.

    Returns
    -------
    Path

    Raises
    ------
    BackendError
        There is no compiler, or it fails, or does not end in time.
    """
    compiler = compiler or find_compiler()
    header = config_header(design)
    entry = entry or f"native/{design.kernel}.cpp"
    digest = hashlib.sha256(
        "\0".join([header, compiler, entry, *flags, *map(str, includes)]).encode()
    )
    for path in source_files():
        digest.update(path.read_bytes())
    library = Path(folder) / f"{design.name}-{digest.hexdigest()[:16]}.so"
    if library.exists():
        return library
    library.parent.mkdir(parents=True, exist_ok=True)
    if sys.stderr.isatty():
        sys.stderr.write(f"compiling the kernel of {design.name} with {compiler}, once\n")
    with tempfile.TemporaryDirectory(dir=library.parent) as work:
        Path(work, "config.h").write_text(header, encoding="utf-8")
        searched = [*includes, SOURCES, work, SOURCES / "shims"]
        built = Path(work, library.name)
        command = [compiler, *flags, *(f"-I{path}" for path in searched)]
        command += ["-Wno-unknown-pragmas", "-shared", "-fPIC", str(SOURCES / entry)]
        _run([*command, "-o", str(built)])
        os.replace(built, library)
    return library


def find_compiler():
    """``$CXX`` or the first compiler found.

    Raises
    ------
    BackendError
        None is installed.
    """
    named = os.environ.get("CXX")
    for candidate in (named,) if named else _COMPILERS:
        if shutil.which(candidate):
            return candidate
    raise BackendError(
        "CXX", named, "no C++ compiler found", "install g++ (apt install g++) or clang"
    )


def _run(command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT)
    except subprocess.TimeoutExpired:
        problem = f"did not end in {_TIMEOUT:g} seconds"
        remedy = "call again when the machine has less to do, or name another compiler by CXX"
        raise BackendError("CXX", command[0], problem, remedy) from None
    if done.returncode:
        raise BackendError(
            "CXX", command[0], f"it failed:\n{done.stderr[-4000:]}", "see its message"
        )


class NativeKernel:
    """A kernel in this process, with memories and state of its own.

    Parameters
    ----------
    library : path-like
        What `build` returns.
    """

    def __init__(self, library):
        self._ffi = cffi.FFI()
        self._ffi.cdef(
            "const char *kernel_start(const uint32_t *, const void *, void *, uint32_t *);"
        )
        self._registers = self._ffi.new("uint32_t[6]")
        self._results = self._ffi.new("uint32_t[13]")
        with tempfile.TemporaryDirectory() as folder:  # the same path would share its memories
            copy = shutil.copy(library, Path(folder, "kernel.so"))
            self._library = self._ffi.dlopen(str(copy))

    def close(self):
        """Unload the kernel with its memories; a second call does nothing."""
        library, self._library = self._library, None
        if library is not None:
            self._ffi.dlclose(library)

    def start(self, command, beats=None, out_beats=0, sequences=1, refinements=1, state=0):
        """Run one command.

        Parameters
        ----------
        command : int
            One of `Command`.
        beats : ndarray, (beats, 16), uint8, optional
            What the kernel reads.
        out_beats : int
            How many beats it may write.
        sequences, refinements, state : int
            Registers of RUN.

        Returns
        -------
        registers : Registers
        out : ndarray, (out_beats, 16), uint8

        Raises
        ------
        BackendError
            A stream was read while empty, or tokens were left over: a fault of the kernel.
        """
        given = np.zeros((0, BEAT), np.uint8) if beats is None else np.ascontiguousarray(beats)
        out = np.zeros((out_beats, BEAT), np.uint8)
        sizes = (command, sequences, refinements, state, len(given), out_beats)
        return self.start_at(sizes, given.ctypes.data, out.ctypes.data), out

    def start_at(self, registers, in_address, out_address):
        """Run one command on memory of this process.

        Parameters
        ----------
        registers : sequence of int
            command, sequences, refinements, state, in_beats, out_beats.
        in_address, out_address : int
            Addresses here; so many beats must be there, and may be written.

        Returns
        -------
        Registers

        Raises
        ------
        BackendError
            As `start`; or the kernel is closed.
        """
        if self._library is None:
            raise BackendError("kernel", "closed", "it was unloaded", "make another one")
        self._registers[0:6] = [int(value) for value in registers]
        source = self._ffi.cast("void *", int(in_address))
        target = self._ffi.cast("void *", int(out_address))
        error = self._library.kernel_start(self._registers, source, target, self._results)
        if self._ffi.string(error):
            raise BackendError(
                "kernel",
                self._ffi.string(error).decode(),
                "a fault in its dataflow",
                "report it with the model that shows it",
            )
        return Registers(*self._results)
