"""`load` opens a session; `infer` keeps the last few open behind one call."""

import atexit
import os
from collections import OrderedDict
from contextlib import ExitStack, suppress

from pynq_lstm import any_file
from pynq_lstm.compressed_network import CompressedNetwork
from pynq_lstm.errors import BackendError, DeviceError, DeviceFailed, InputError
from pynq_lstm.model import CompressedModel
from pynq_lstm.runtime.backends import check_name, open_backend
from pynq_lstm.runtime.network_session import NetworkSession
from pynq_lstm.runtime.session import Session
from pynq_lstm.runtime.turns import Turns

KEPT = 4
_ATTEMPTS = 100
_sessions = OrderedDict()
_turns = Turns()


def load(model_or_path, backend="auto", **options):
    """Open a compressed model or network on a back end.

    Parameters
    ----------
    model_or_path : CompressedModel, CompressedNetwork, str or os.PathLike
    backend : str
        "auto", "fpga", "emulator", "cpu" or "reference". "auto" takes the emulator where
        the environment says PYNQ_LSTM_EMULATE=1, else the board where there is one, else the
        CPU; ``session.backend`` says which.
    **options
        Of the CPU: `threads`, the number of threads of a call, 1 by default; `kernel`, one of the
        names that ``last_run.kernel`` gives. Of the device back ends: `overlay`, the name of a
        shipped design, the path of a .bit, or a folder with a design.json (an exploration saves
        such); `device`, a pynq Device; `access`, the way to the
        registers: "mmio", "memoryview" or "c". Of "emulator" also `memory_bytes`, `base` and
        `faults`. Of a network also `starts`: "auto" runs all LSTMs in one start of a device's
        kernel where that can be, else, and on other back ends, in passes; "one" raises where it
        cannot be; "passes" always runs passes. ``session.starts`` says which, and
        ``session.why_passes`` why.

    Returns
    -------
    Session or NetworkSession
        The latter of a network.

    Raises
    ------
    ModelFormatError
        The file is missing or not a valid model.
    BackendError
        The back end is unknown or not available here.
    InputError
        An option that the back end does not have.
    MissingExtraError
        A device is asked for and pynq cannot be imported.
    DeviceError
        Board, overlay or emulator cannot be used.
    CapacityError
        The model does not fit the overlay.
    PlanError
        `starts` is "one" and the network does not run so.
    """
    model = _model(model_or_path)
    if isinstance(model, CompressedNetwork):
        return NetworkSession(model, backend, **options)
    return Session(model, open_backend(backend, model, **options))


def infer(model_or_path, x, state=None, lengths=None, refinements=None, backend="auto"):
    """`Session.infer` on a session that is kept: the last 4 by content of the model and back end.

    Of a network, `NetworkSession.infer`.

    Returns
    -------
    out, (h, c)
        As `infer` of the session.
    """
    model = _model(model_or_path)
    check_name(backend)
    for _ in range(_ATTEMPTS):
        session = _kept(model, backend)
        try:
            return session.infer(x, state, lengths, refinements)
        except DeviceFailed:
            _forget(session)
            raise
        except BackendError as error:
            if (error.field, error.value) != ("session", "closed"):
                raise
            # another thread's calls pushed this session out between the two lines: open it again
    return _kept(model, backend).infer(x, state, lengths, refinements)


def _kept(model, backend):
    key = model.content_hash, backend

    def take():
        session = _sessions.pop(key, None) or load(model, backend)
        _sessions[key] = session
        return session, [_sessions.popitem(last=False)[1] for _ in range(len(_sessions) - KEPT)]

    session, dropped = _turns.run(take)
    _close(dropped)
    return session


def _forget(session):
    """Have the next call open another session than this one."""

    def take():
        for key in [key for key, kept in _sessions.items() if kept is session]:
            del _sessions[key]

    _turns.run(take)
    with suppress(DeviceError):  # what failed is told already
        session.close()


def _close(sessions):
    with ExitStack() as stack:  # whatever one of them raises
        for session in reversed(sessions):
            stack.callback(session.close)


def clear_sessions():
    """Close the sessions that `infer` keeps."""

    def take():
        dropped = list(_sessions.values())
        _sessions.clear()
        return dropped

    _close(_turns.run(take))


def _model(model_or_path):
    if isinstance(model_or_path, (CompressedModel, CompressedNetwork)):
        return model_or_path
    if isinstance(model_or_path, (str, os.PathLike)):
        return any_file.load(model_or_path)
    raise InputError(
        "model",
        type(model_or_path).__name__,
        "neither a CompressedModel, a CompressedNetwork nor a path",
        "compress a network first, or pass the path of a saved model",
    )


atexit.register(clear_sessions)
