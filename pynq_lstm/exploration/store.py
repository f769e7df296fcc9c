"""What an exploration has found so far, in a file of JSON lines, so that it can go on later.

The first line names the problem, every other one an evaluation: {"key": ..., "answer": ...}. A
line is written at once when its evaluation is done; a last one without an end is left out.
"""

import json
import os
from pathlib import Path

from pynq_lstm.errors import CompressionError
from pynq_lstm.version import __version__

FORMAT = 1


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
        self._path = Path(path)
        try:
            whole = self._read() if self._path.exists() else 0
            self._file = open(self._path, "ab")  # noqa: SIM115  closed by `close`
            self._file.truncate(whole)
            if not whole:
                self._write(self._head)
        except OSError as error:
            problem = f"cannot be read and written ({error.strerror})"
            raise CompressionError("store", str(path), problem, "name another file") from None

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
        self._file.write(json.dumps(value, allow_nan=False).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def _read(self):
        """Take the answers; the length of what is whole."""
        content = self._path.read_bytes()
        whole = content.rfind(b"\n") + 1
        lines = content[:whole].splitlines()
        if content and not lines and not _begins(content):
            self._refuse("no store of an exploration", "name another file")
        for number, line in enumerate(lines, 1):
            try:
                value = json.loads(line)
                own = value == self._head if number == 1 else self._take(value)
            except (ValueError, KeyError, TypeError):
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


def _begins(content):
    """Whether it is the beginning of a first line that was cut short."""
    return b'{"format": '.startswith(content[:11]) or content.startswith(b'{"format": ')
