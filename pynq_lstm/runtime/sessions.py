"""`load` opens a session; `infer` keeps the last few open behind one call."""

import atexit
import os
import threading
from collections import OrderedDict

from pynq_lstm.errors import BackendError, InputError
from pynq_lstm.model import CompressedModel
from pynq_lstm.runtime.backends import open_backend
from pynq_lstm.runtime.session import Session

KEPT = 4
_sessions = OrderedDict()
_lock = threading.Lock()


def load(model_or_path, backend="auto"):
    """Open a compressed model on a back end.

    Parameters
    ----------
    model_or_path : CompressedModel, str or os.PathLike
    backend : str
        "auto", "cpu" or "reference"; ``session.last_run.backend`` says which ran.

    Returns
    -------
    Session

    Raises
    ------
    ModelFormatError
        The file is missing or not a valid model.
    BackendError
        The back end is unknown or not available here.
    """
    model = _model(model_or_path)
    return Session(model, open_backend(backend, model))


def infer(model_or_path, x, state=None, lengths=None, refinements=None, backend="auto"):
    """`Session.infer` on a session that is kept: the last 4 by content of the model and back end.

    Returns
    -------
    out, (h, c)
        As `Session.infer`.
    """
    model = _model(model_or_path)
    while True:
        session = _kept(model, backend)
        try:
            return session.infer(x, state, lengths, refinements)
        except BackendError as error:
            if error.field != "session":
                raise
            # another thread's calls pushed this session out between the two lines: open it again


def _kept(model, backend):
    key = model.content_hash, backend
    with _lock:
        session = _sessions.pop(key, None) or load(model, backend)
        _sessions[key] = session
        dropped = [_sessions.popitem(last=False)[1] for _ in range(len(_sessions) - KEPT)]
    for old in dropped:
        old.close()
    return session


def clear_sessions():
    """Close the sessions that `infer` keeps."""
    with _lock:
        dropped = list(_sessions.values())
        _sessions.clear()
    for session in dropped:
        session.close()


def _model(model_or_path):
    if isinstance(model_or_path, CompressedModel):
        return model_or_path
    if isinstance(model_or_path, (str, os.PathLike)):
        return CompressedModel.load(model_or_path)
    raise InputError(
        "model",
        type(model_or_path).__name__,
        "neither a CompressedModel nor a path",
        "compress a network first, or pass the path of a saved model",
    )


atexit.register(clear_sessions)
