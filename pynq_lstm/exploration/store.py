"""What an exploration has found so far, in a file of JSON lines, so that it can go on later.

The first line names the problem, every other one an evaluation: {"key": ..., "answer": ...}. A
line is written at once when its evaluation is done; a last one without an end is left out.
"""

import contextlib
import fcntl
import json
import os
from pathlib import Path

from pynq_lstm.errors import CompressionError
from pynq_lstm.version import __version__

FORMAT = 3  # another one whenever a key stands for something else, or an answer has changed


class Store:
    """Answers by key; without a path they are kept for this search only.

    Parameters
    ----------
    path : path-like or None
    problem : str
        Hash of what is searched.

    Raises
    ------
    CompressionError
        A file of another problem, one that is damaged, or one that cannot be written.
    """

    def __init__(self, path, problem):
        self._answers, self._file = {}, None
        self._head = {"format": FORMAT, "version": __version__, "problem": problem}
        if path is None:
            return
        if not isinstance(path, (str, os.PathLike)):
            raise CompressionError("store", path, "not a path", "name a file")
        self._path = Path(path)
        with self._told():
            before = self._path.exists()
            self._file = open(self._path, "ab")  # noqa: SIM115  closed by `close`
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                whole = self._read() if before else 0
            except BlockingIOError:
                self.close()
                self._refuse("used by another exploration", "wait for its end, or name another")
            except BaseException:
                self.close()
                raise
            self._file.truncate(whole)
            if not whole:
                self._write(self._head)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Close the file; a second call does nothing."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def get(self, key):
        """The answer of an evaluation, or None."""
        return self._answers.get(key)

    def put(self, key, answer):
        """Keep an answer."""
        self._answers[key] = answer
        if self._file is not None:
            self._write({"key": key, "answer": answer})

    def _write(self, value):
        with self._told():
            self._file.write(json.dumps(value, allow_nan=False).encode() + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())

    @contextlib.contextmanager
    def _told(self):
        try:
            yield
        except (OSError, ValueError) as error:
            if isinstance(error, CompressionError):
                raise
            problem = f"cannot be read and written ({getattr(error, 'strerror', error)})"
            remedy = "name another file"
            raise CompressionError("store", str(self._path), problem, remedy) from None

    def _read(self):
        """Take the answers; the length of what is whole."""
        content = self._path.read_bytes()
        whole = content.rfind(b"\n") + 1
        lines = content[:whole].splitlines()
        head = json.dumps(self._head).encode()
        if content and not lines and not head.startswith(content):  # but a first line cut short
            self._refuse("no store of an exploration", "name another file")
        for number, line in enumerate(lines, 1):
            try:
                value = json.loads(line)
                own = value == self._head if number == 1 else self._take(value)
            except (ValueError, KeyError, TypeError, RecursionError):
                self._refuse(f"damaged in line {number}", "delete it, and explore anew")
            if not own:
                self._refuse(
                    "of another network, validation, device, set of options or version",
                    "name another file, or delete it",
                )
        return whole

    def _take(self, value):
        self._answers[value["key"]] = value["answer"]
        return True

    def _refuse(self, problem, remedy):
        raise CompressionError("store", str(self._path), problem, remedy)
