"""Which back end runs a model."""

import os
import warnings

from pynq_lstm.errors import BackendError, BackendFallbackWarning
from pynq_lstm.runtime.cpu.backend import CpuBackend
from pynq_lstm.runtime.reference_backend import ReferenceBackend

EMULATE = "PYNQ_LSTM_EMULATE"
_BACKENDS = {"cpu": CpuBackend, "reference": ReferenceBackend}
_PLANNED = ("fpga", "emulator")


def open_backend(name, model):
    """Open a back end on a model.

    Parameters
    ----------
    name : str
        "cpu", "reference", or "auto": the CPU's C kernels; where they are not
        built the reference, with a warning.
    model : CompressedModel

    Raises
    ------
    BackendError
        An unknown name, or a back end that is not available here.
    """
    if name == "auto":
        return _automatic(model)
    if name in _PLANNED:
        raise BackendError(
            "backend",
            name,
            "not part of this version",
            f"choose from {sorted(_BACKENDS)} or 'auto'",
        )
    if not isinstance(name, str) or name not in _BACKENDS:
        raise BackendError("backend", name, "unknown", f"choose from {sorted(_BACKENDS)} or 'auto'")
    return _BACKENDS[name](model)


def _automatic(model):
    if os.environ.get(EMULATE) == "1":
        return open_backend("emulator", model)
    try:
        return CpuBackend(model)
    except BackendError as error:
        warnings.warn(
            f"the slow reference runs instead of the CPU back end: {error}",
            BackendFallbackWarning,
            stacklevel=4,
        )
        return ReferenceBackend(model)
