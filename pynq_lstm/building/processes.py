"""make in a session of its own, so that its tools end with it, however it ends."""

import os
import re
import signal
import subprocess
import threading
from contextlib import contextmanager, suppress

from pynq_lstm.building import work_folder

GRACE = 60  # seconds for the tools to end by themselves
_OF_MAKE = ("MAKEFLAGS", "MFLAGS", "GNUMAKEFLAGS", "MAKEFILES", "MAKELEVEL", "MAKEOVERRIDES")


def environment():
    """This process's, without what would direct the rules of make elsewhere.

    What is set for a build is said by its arguments; a DESIGN or OUTPUT in somebody's shell is
    meant for something else.
    """
    rules = (work_folder.RULES / "overlay.mk").read_text(encoding="utf-8")
    ours = {*re.findall(r"^(\w+) \?=", rules, re.M), *_OF_MAKE}
    return {name: value for name, value in os.environ.items() if name not in ours}


def run(call, log, seconds):
    """Run a command with its output in a file.

    SIGTERM and SIGHUP are taken as Ctrl-C is, but where they are ignored (nohup).

    Returns
    -------
    int
        Its exit status.

    Raises
    ------
    subprocess.TimeoutExpired
        It and all that it began were ended.
    OSError
    """
    with open(log, "w", encoding="utf-8") as stream, _signals():
        process = subprocess.Popen(
            call,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=environment(),
        )
        try:
            return process.wait(seconds)
        except BaseException:
            _end(process)
            raise


def _end(process):
    """Ask a group to end; what did not is killed."""
    try:
        with suppress(ProcessLookupError, subprocess.TimeoutExpired):
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(GRACE)
    finally:  # a second Ctrl-C, too
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)


@contextmanager
def _signals():
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {n: signal.getsignal(n) for n in (signal.SIGTERM, signal.SIGHUP)}
    taken = {n: handler for n, handler in before.items() if handler == signal.SIG_DFL}
    try:
        for number in taken:
            signal.signal(number, _interrupt)
        yield
    finally:
        for number, handler in taken.items():
            signal.signal(number, handler)


def _interrupt(*_):
    raise KeyboardInterrupt
