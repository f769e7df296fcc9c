"""Instructions that an aarch64 program executes under qemu, in total and by function."""

import bisect
import os
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Tuple

HERE = Path(__file__).resolve().parent
QEMU = ("qemu-aarch64", "-cpu", "cortex-a53")
PYTHON = HERE / "python"  # of the emulated root
INSTRUCTION = 4  # bytes
LONGEST_BLOCK = 512 * INSTRUCTION  # that qemu translates at once


class EmulationError(Exception):
    """An emulated program failed, or could not be counted."""


@dataclass(frozen=True)
class Function:
    """Where a function is in its file, end excluded."""

    start: int
    end: int


@dataclass(frozen=True)
class Counts:
    """What a program executed.

    Attributes
    ----------
    blocks : tuple of (int, int, int)
        Address, instructions and executions of each straight run of code, addresses ascending.
    output : str
        What the program wrote to stdout.
    """

    blocks: Tuple[Tuple[int, int, int], ...]
    output: str

    def total(self):
        """Instructions executed."""
        return sum(instructions * executions for _, instructions, executions in self.blocks)

    def within(self, start, end):
        """Instructions executed at addresses from `start` up to `end`."""
        first = bisect.bisect(self.blocks, (start - LONGEST_BLOCK,))
        last = bisect.bisect(self.blocks, (end,))
        return sum(
            executions * max(0, (min(end, a + n * INSTRUCTION) - max(start, a)) // INSTRUCTION)
            for a, n, executions in self.blocks[first:last]
        )

    def by_function(self, functions, base=0):
        """Instructions of each function that ran, without those of the functions it calls.

        Parameters
        ----------
        functions : dict of str to Function
        base : int
            Address at which their file was loaded.

        Returns
        -------
        dict of str to int
        """
        counts = {name: self.within(base + f.start, base + f.end) for name, f in functions.items()}
        return {name: count for name, count in counts.items() if count}


def functions_of(path):
    """The functions of an aarch64 file by name, its local ones included.

    Parameters
    ----------
    path : Path
        Not stripped.

    Returns
    -------
    dict of str to Function
    """
    text = _run(["aarch64-linux-gnu-nm", "--print-size", "--defined-only", path]).stdout
    rows = re.findall(r"^(\w+) (\w+) [tTwW] (\S+)$", text, re.M)
    return {name: Function(int(a, 16), int(a, 16) + int(size, 16)) for a, size, name in rows}


def build_plugin(folder):
    """Compile the plugin that counts into a folder; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    plugin = folder / "block_counts.so"
    source = HERE / "block_counts.c"
    if not plugin.exists() or plugin.stat().st_mtime < source.stat().st_mtime:
        _run(["gcc", "-O2", "-Wall", "-Wextra", "-shared", "-fPIC", "-o", plugin, source])
    return plugin


def count(plugin, command, python=False, environment=None, seconds=300):
    """Run a program under qemu and count.

    Parameters
    ----------
    plugin : Path
        What `build_plugin` returns.
    command : list
        The aarch64 program and its arguments; without the interpreter where `python` is set.
    python : bool
        Run the Python of the root.
    environment : dict of str to str, optional
        Added to this process's.
    seconds : float
        Longest run.

    Returns
    -------
    Counts

    Raises
    ------
    EmulationError
        The program failed or took too long, or this qemu has no plugins.
    """
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "blocks")
        options = ["-plugin", f"{plugin},out={out}"]
        variables = {**os.environ, "PYTHONHASHSEED": "0", **(environment or {})}
        if python:
            start, variables["AARCH64_QEMU"] = [PYTHON], " ".join(options)
        else:
            start = [*QEMU, *options]
        done = _run([*start, *command], variables, seconds)
        if not out.exists():
            raise EmulationError(
                "qemu reported no counts: plugins need the dynamic qemu-user of Debian 12"
            )
        lines = out.read_text(encoding="ascii").splitlines()
    blocks = sorted(tuple(map(int, line.split())) for line in lines)
    return Counts(tuple(blocks), done.stdout)


def _run(command, environment=None, seconds=60):
    command = [str(word) for word in command]
    try:
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, check=True, timeout=seconds
        )
    except subprocess.CalledProcessError as error:
        raise EmulationError(f"{' '.join(command)}: {error}\n{error.stderr}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EmulationError(f"{' '.join(command)}: {error}") from error
