"""Run a command with stderr on a terminal, or on a pipe, and read what it says there."""

import fcntl
import os
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pynq_lstm

ROOT = Path(pynq_lstm.__file__).resolve().parents[1]
SECONDS = 240  # of a command, at most


def run(words, folder, terminal):
    """Run ``pynq-lstm`` in a process of its own.

    Parameters
    ----------
    words : list of str
    folder : Path
        Where it runs.
    terminal : bool
        Whether stderr is a pseudo-terminal of 24 lines of 80 characters, else a pipe.

    Returns
    -------
    code : int
    out, err : str
    """
    reader, writer = os.openpty() if terminal else os.pipe()
    if terminal:
        fcntl.ioctl(writer, termios.TIOCSWINSZ, struct.pack("4H", 24, 80, 0, 0))
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    with open(folder / "stdout", "w+b") as stdout:
        process = subprocess.Popen(
            [sys.executable, "-m", "pynq_lstm.cli.main", *words],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=writer,
            env={**os.environ, "PYTHONPATH": path, "TERM": "xterm"},
        )
        os.close(writer)
        try:
            err = _all(reader, time.monotonic() + SECONDS)
            code = process.wait(timeout=SECONDS)
        finally:
            os.close(reader)
            process.kill()
            process.wait(timeout=SECONDS)
        stdout.seek(0)
        return code, stdout.read().decode(), err.decode()


def _all(reader, deadline):
    """What comes until the other side is closed, which a terminal tells by an error."""
    found = b""
    while time.monotonic() < deadline:
        if not select.select([reader], [], [], 1)[0]:
            continue
        try:
            piece = os.read(reader, 4096)
        except OSError:
            return found
        if not piece:
            return found
        found += piece
    raise TimeoutError(f"the command did not end: {found!r}")
