"""Where generated files are kept: kernels compiled for this machine, overlays of the emulator."""

import os
import tempfile
from pathlib import Path

FOLDER = "PYNQ_LSTM_CACHE"  # environment


def cache_folder():
    """``$PYNQ_LSTM_CACHE``, else ``$XDG_CACHE_HOME/pynq_lstm``, else ``~/.cache/pynq_lstm``.

    Where that cannot be written, a folder of this user in the temporary one.

    Returns
    -------
    Path
        It exists.

    Raises
    ------
    OSError
        Not even the temporary folder can be written.
    """
    named, base = os.environ.get(FOLDER), os.environ.get("XDG_CACHE_HOME")
    wanted = Path(named) if named else Path(base or "~/.cache", "pynq_lstm")
    spare = Path(tempfile.gettempdir(), f"pynq_lstm-{os.getuid()}")
    for folder in (wanted, spare):
        try:
            folder = folder.expanduser().resolve()
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if folder.stat().st_uid != os.getuid():
                raise PermissionError(f"{folder} is another user's")
            with tempfile.TemporaryFile(dir=folder):
                return folder
        except (OSError, RuntimeError) as error:  # RuntimeError: there is no home
            failed = error
    raise failed
