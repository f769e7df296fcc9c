"""Checkpoints that an interruption cannot damage, and that go on as if there had been none."""

import os
from pathlib import Path

import torch

from pynq_lstm.errors import CompressionError


def save(path, training, identity=None):
    """Write what ``training.state()`` gives, under a temporary name that is then renamed.

    Parameters
    ----------
    path : path
        Its folder is made where it is missing.
    training : object
        With ``state()``, a dict of tensors, numbers and texts, and ``restore(state)``.
    identity : str, optional
        What it belongs to: `resume` refuses a checkpoint of something else.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".part")
    with open(partial, "wb") as file:
        torch.save({"identity": identity, "state": training.state()}, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)


def resume(path, training, identity=None):
    """Restore `training` from a checkpoint if there is one.

    Returns
    -------
    bool
        Whether there was.

    Raises
    ------
    CompressionError
        It cannot be read, or belongs to something else.
    """
    path = Path(path)
    if not path.exists():
        return False
    try:
        # tensors, numbers and texts only: no code of a foreign file runs
        found = torch.load(path, map_location="cpu", weights_only=True)
        known, state = found["identity"], found["state"]
    except Exception as error:  # torch names no common type of what a damaged file raises
        raise CompressionError(
            "checkpoint", str(path), f"cannot be read ({error})", "remove it to start again"
        ) from None
    if known != identity:
        raise CompressionError(
            "checkpoint", str(path), f"belongs to {known}, not to {identity}",
            "remove it, or give another path",
        )  # fmt: skip
    training.restore(state)
    return True
