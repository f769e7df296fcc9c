"""A file that appears whole or not at all."""

import os
import secrets


def replace(path, raw):
    """Write bytes under a temporary name beside `path`, then rename.

    Parameters
    ----------
    path : str, bytes or path-like
        An existing file is replaced, that which a link names for a link; where writing fails it
        stays as it was.
    raw : bytes

    Raises
    ------
    OSError, TypeError, ValueError
        What is not a path, or cannot be written there; something other than a regular file.
    """
    path = os.path.realpath(os.fsdecode(path))
    if os.path.exists(path) and not os.path.isfile(path):
        raise OSError("not a regular file")
    temporary = os.path.join(os.path.dirname(path), f".pynq_lstm-{secrets.token_hex(8)}.tmp")
    try:
        with open(temporary, "xb") as stream:
            stream.write(raw)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    except BaseException:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise
