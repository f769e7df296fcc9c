"""Files that a command will write: refused before the work, not after it."""

import os
from pathlib import Path

from pynq_lstm.errors import InputError


def check_file(path, field="output", makes_folder=False):
    """Find out whether a file can be written, as far as that shows without writing.

    Parameters
    ----------
    path : str
    field : str
        What an error calls it.
    makes_folder : bool
        Whether a folder that is not there will be made.

    Raises
    ------
    InputError
        Its folder is not there or not to be written to, or a folder has its name.
    """
    path = Path(path)
    folder = path.absolute().parent
    if makes_folder:
        folder = next(one for one in (folder, *folder.parents) if os.path.lexists(one))
    problem = None
    if path.is_dir():
        problem = "is a folder"
    elif not folder.is_dir():
        problem = "its folder is not there"
    elif not os.access(folder, os.W_OK | os.X_OK):
        problem = "its folder cannot be written to"
    if problem:
        remedy = "give a path in a folder that can be written"
        raise InputError(field, str(path), problem, remedy)
