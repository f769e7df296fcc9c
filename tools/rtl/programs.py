"""Starts the external tools, with a deadline and an error that shows what they said."""

import shutil
import subprocess

from pynq_lstm.errors import PynqLstmError

DEADLINE = 300  # seconds


class ToolError(PynqLstmError, RuntimeError):
    """A tool is missing, failed, or did not answer in time."""


def run(command, folder):
    """Run `command` in `folder`; its output, or `ToolError`."""
    command = [str(part) for part in command]
    if shutil.which(command[0]) is None:
        raise ToolError("tool", command[0], "it is not installed", "install the Debian package")
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=DEADLINE,
        )
    except subprocess.TimeoutExpired:
        problem = f"no answer within {DEADLINE} s"
        raise ToolError("tool", command[0], problem, "make the block smaller") from None
    if done.returncode:
        tail = done.stdout.strip()[-2000:]
        raise ToolError("tool", command[0], f"it failed:\n{tail}", "correct the source")
    return done.stdout
