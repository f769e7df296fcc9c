"""The temporary folder of a fetch, and what earlier ones left that were killed."""

import errno
import fcntl
import os
import shutil
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = ".fetch-"
_TRIES, _PAUSE = 200, 0.05  # 10 s
OLD = "old-"  # and the name of an overlay that gives way to another


@contextmanager
def staged(folder):
    """A new folder in `folder`, gone after the block.

    It is locked as long as its process lives, so that a later fetch tells one that runs from one
    that was killed; what such a one took out of its place goes back there.
    """
    with _locked(folder):
        _sweep(folder)
        work = tempfile.TemporaryDirectory(prefix=PREFIX, dir=folder)
        held = os.open(work.name, os.O_RDONLY)
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    try:
        with work:
            yield Path(work.name)
    finally:
        os.close(held)


@contextmanager
def _locked(folder):
    """Nobody else begins meanwhile."""
    held = os.open(folder, os.O_RDONLY)
    try:
        for _ in range(_TRIES):
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:  # another one sweeps
                time.sleep(_PAUSE)
        else:
            raise TimeoutError(errno.ETIMEDOUT, "another fetch keeps the folder locked")
        yield
    finally:
        os.close(held)


def _sweep(folder):
    for left in folder.glob(f"{PREFIX}*"):
        if left.is_symlink() or not left.is_dir():
            continue
        with suppress(OSError):  # of another user: it stays
            held = os.open(left, os.O_RDONLY)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _put_back(left, folder)
                shutil.rmtree(left)
            except BlockingIOError:  # a fetch that runs
                pass
            finally:
                os.close(held)


def _put_back(left, folder):
    for old in left.glob(f"{OLD}*"):
        target = folder / old.name[len(OLD) :]
        if not os.path.lexists(target):
            os.rename(old, target)
