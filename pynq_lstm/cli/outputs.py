"""Files that a command will write: refused before the work, not after it."""

import os
from pathlib import Path

from pynq_lstm.errors import InputError


def check_file(path, field="output", makes_folder=False, inputs=None):
    """Find out whether a file can be written, as far as that shows without writing.

    Parameters
    ----------
    path : str
    field : str
        What an error calls it.
    makes_folder : bool
        Whether a folder that is not there will be made.
    inputs : dict of str to (str or None), optional
        Paths that the command reads or writes besides, by what an error calls them. None: not
        given.

    Raises
    ------
    InputError
        Its folder is not there or not to be written to, a folder or a device has its name, or it
        is one of `inputs`, whatever the two are called.
    """
    path = Path(path)
    folder = path.absolute().parent
    if makes_folder:
        folder = next(one for one in (folder, *folder.parents) if os.path.lexists(one))
    problem, remedy = None, "give a path in a folder that can be written"
    if path.is_dir():
        problem = "is a folder"
    elif path.exists() and not path.is_file():
        problem = "is not a regular file"
    elif not folder.is_dir():
        problem = "its folder is not there"
    elif not os.access(folder, os.W_OK | os.X_OK):
        problem = "its folder cannot be written to"
    else:
        for name, other in (inputs or {}).items():
            if other is not None and _same(path, other):
                problem = f"is the same file as {name}, which would be overwritten"
                remedy = "give a path of its own"
    if problem:
        raise InputError(field, str(path), problem, remedy)


def _same(path, other):
    """Whether two paths are of one file: links, hard ones too, or a name that is still free."""
    try:
        return os.path.samefile(path, other)
    except OSError:
        return os.path.realpath(path) == os.path.realpath(other)
