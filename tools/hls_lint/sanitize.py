"""Build with AddressSanitizer and UndefinedBehaviorSanitizer, and run under them.

Tried with g++ 12 and CPython 3.11 on Debian 12:

* A program of its own needs nothing more. ``detect_leaks`` stays on.
* A library that Python loads needs the runtime first in the process: ``LD_PRELOAD`` of libasan, and
  of libstdc++ behind it, else the first exception that is thrown ends the process in a CHECK of
  ASan's. Leaks are not looked for there, since the interpreter leaks. ``PYTHONMALLOC=malloc`` lets
  ASan see the interpreter's small buffers.
* clang++ has no runtime on a plain Debian, so g++ is taken.
* ``-fno-sanitize-recover=all`` makes the first finding end the process with a status other than 0.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from .errors import HlsCheckError

FLAGS = (
    *("-O1", "-g", "-fno-omit-frame-pointer"),
    *("-fsanitize=address,undefined", "-fno-sanitize-recover=all"),
)
COMPILER = "g++"
_SIGNS = ("runtime error:", "ERROR: AddressSanitizer", "ERROR: LeakSanitizer")


@dataclass(frozen=True)
class SanitizedRun:
    """How a process under the sanitizers ended.

    Parameters
    ----------
    status : int
        Its exit status.
    output, errors : str
        What it wrote.
    """

    status: int
    output: str
    errors: str

    @property
    def finding(self):
        """The line in which a sanitizer says what is wrong, or None."""
        for line in self.errors.splitlines():
            if any(sign in line for sign in _SIGNS):
                return line.strip()
        return None


def sanitized_build(sources, flags, out, timeout=600):
    """Compile with the sanitizers; a shared library where `out` ends in .so, else a program.

    Parameters
    ----------
    sources : sequence of path-like
    flags : sequence of str
        The project's own: standard, include folders, definitions.
    out : path-like
    timeout : float, seconds

    Returns
    -------
    Path
        `out`.

    Raises
    ------
    HlsCheckError
        There is no g++, or it rejects the sources.
    """
    if shutil.which(COMPILER) is None:
        raise HlsCheckError("PATH", "", "no g++", "install it with its sanitizer libraries")
    out = Path(out)
    shared = ["-shared", "-fPIC"] if out.suffix == ".so" else []
    command = [COMPILER, *FLAGS, *shared, *flags, *map(str, sources), "-o", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
    if done.returncode:
        told = [line for line in done.stderr.splitlines() if "error" in line]
        reason = told[0] if told else "g++ failed"
        raise HlsCheckError("sources", list(map(str, sources)), reason, "make them compile first")
    return out


def python_environment():
    """The environment in which Python can load a sanitized library.

    Returns
    -------
    dict
    """
    runtimes = [_runtime("libasan.so"), _runtime("libstdc++.so")]
    return {
        **os.environ,
        "LD_PRELOAD": " ".join(runtimes),
        "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=0",
        "UBSAN_OPTIONS": "print_stacktrace=1",
        "PYTHONMALLOC": "malloc",
    }


def run_python(arguments, timeout=600):
    """Run this Python under the sanitizers' runtime: ``["-m", "pytest", ...]`` or a script.

    Parameters
    ----------
    arguments : sequence of str
    timeout : float, seconds

    Returns
    -------
    SanitizedRun
    """
    return _run([sys.executable, *map(str, arguments)], python_environment(), timeout)


def run_program(command, timeout=600):
    """Run a sanitized program.

    Parameters
    ----------
    command : sequence of str
    timeout : float, seconds

    Returns
    -------
    SanitizedRun
    """
    return _run([str(part) for part in command], dict(os.environ), timeout)


def _run(command, environment, timeout):
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, errors="replace", timeout=timeout
    )
    return SanitizedRun(done.returncode, done.stdout, done.stderr)


def _runtime(name):
    command = [COMPILER, f"-print-file-name={name}"]
    found = subprocess.run(command, capture_output=True, text=True, timeout=60).stdout.strip()
    if not Path(found).is_absolute():
        raise HlsCheckError(name, found, "g++ has none", "install the libraries of g++")
    return found
