"""Which back end runs a model.

A back end has ``name``, ``timing`` (`report.Timing` of its last run, None on the host),
``run(x, h, c, lengths, refinements)`` as `reference.run` takes them, and ``close()``. It may
have more, which a session finds by name:

* ``run_many(jobs)``: a generator of results in order, over an iterable of what ``run`` takes. It
  pulls two jobs for the first result and one for each further one. Between two results
  the session may call anything else, and it closes the generator before the back end.
* ``interrupts`` and ``async run_async(x, h, c, lengths, refinements)``. Cancelled, it leaves
  the back end usable.
* ``open_stream(refinements)``: what `steps.HostSteps` is, on the device; h and c of the result of
  a step are not looked at.
* ``count_cycles``: settable; whether a run's `Timing` has the kernel's cycles.
* ``idle``: the `Timing` of a step that does not run it; a back end without it is on the host.
* ``bind`` and ``infer``: floats in, floats out, as `direct.DirectCalls` calls them.

Arrays that a back end returns belong to the caller.
"""

import importlib
import os
import warnings

from pynq_lstm.accelerator.plan import Plan
from pynq_lstm.caller import stack_level
from pynq_lstm.errors import (
    BackendError,
    BackendFallbackWarning,
    DeviceError,
    InputError,
    MissingExtraError,
    PlanError,
)
from pynq_lstm.runtime import supported
from pynq_lstm.runtime.fpga import presence

EMULATE = "PYNQ_LSTM_EMULATE"
DEVICES = ("fpga", "emulator")
HOSTS = ("cpu", "reference")
_BACKENDS = {  # module and class, imported when asked for
    "cpu": ("pynq_lstm.runtime.cpu.backend", "CpuBackend"),
    "emulator": ("pynq_lstm.runtime.emulator.backend", "EmulatorBackend"),
    "fpga": ("pynq_lstm.runtime.fpga.backend", "FpgaBackend"),
    "reference": ("pynq_lstm.runtime.reference_backend", "ReferenceBackend"),
}
_FPGA_OPTIONS = ("overlay", "device", "access")
_OPTIONS = {
    "cpu": ("threads", "kernel"),
    "fpga": _FPGA_OPTIONS,
    "emulator": (*_FPGA_OPTIONS, "memory_bytes", "base", "faults"),
}


def open_backend(name, model, **options):
    """Open a back end on a model.

    Parameters
    ----------
    name : str
        "cpu", "reference", "fpga", "emulator", or "auto": the emulator where
        PYNQ_LSTM_EMULATE=1, else the board's accelerator where there is a board, else the
        CPU's C kernels, else the reference. Whatever is not available
        is passed over with a warning.
    model : CompressedModel or Plan
        A plan is for a device that is named.
    **options
        Of "cpu": `threads` and `kernel`. Of "fpga" and "emulator": `overlay`, `device`, `access`;
        of "emulator" also `memory_bytes`, `base`, `faults`.

    Raises
    ------
    BackendError
        An unknown name, a back end that is not available here, a model that it does not
        compute, or a plan for no device that is named.
    InputError
        An option that the back end does not have.
    MissingExtraError
        A device is asked for and pynq cannot be imported.
    DeviceError
        Board, overlay or emulator cannot be used.
    """
    check_name(name)
    if isinstance(model, Plan) and name not in DEVICES:
        remedy = f"choose one of {', '.join(map(repr, DEVICES))}, or load the models"
        raise BackendError("backend", name, "runs no plan: only a device does", remedy)
    if name == "auto":
        return _automatic(model, options)
    check_options(name, options)
    for one in model.models if isinstance(model, Plan) else [model]:
        supported.check(name, one)
    return _imported(name)(model, **options)


def check_name(name):
    """Raise `BackendError` for a name that `open_backend` does not know."""
    if not isinstance(name, str) or name not in (*_BACKENDS, "auto"):
        raise BackendError("backend", name, "unknown", f"choose from {sorted(_BACKENDS)} or 'auto'")


def device_of(name):
    """The device back end that a name of `open_backend` stands for here, or None.

    "auto" may take another one all the same, where it cannot be opened.
    """
    if name == "auto":
        if os.environ.get(EMULATE) == "1":
            return "emulator"
        return None if presence.board_name() is None else "fpga"
    return name if name in DEVICES else None


def _automatic(model, options):
    device = device_of("auto")
    if device == "emulator":
        return open_backend("emulator", model, **options)
    if device == "fpga":
        if options:  # they ask for a device: nothing else would do
            return open_backend("fpga", model, **options)
        try:
            return open_backend("fpga", model)
        except (BackendError, DeviceError, MissingExtraError, PlanError) as error:
            _warn(f"the CPU runs instead of the accelerator: {error}")
    check_options("cpu", options)
    try:
        return open_backend("cpu", model, **options)
    except BackendError as error:
        _warn(f"the slow reference runs instead of the CPU back end: {error}")
        return open_backend("reference", model)


def check_options(name, options):
    """Raise what `open_backend` does for a name, or for options by name, that there are not."""
    check_name(name)
    if name == "auto":
        name = device_of(name) or "cpu"
    known = _OPTIONS.get(name, ())
    for option, value in options.items():
        if option not in known:
            having = [repr(other) for other, has in _OPTIONS.items() if option in has]
            remedy = f"choose from {sorted(known)}" if known else "leave it out"
            if having:
                remedy += f", or choose the back end {' or '.join(having)}"
            raise InputError(option, value, f"not an option of the back end {name!r}", remedy)


def _imported(name):
    module, cls = _BACKENDS[name]
    try:
        return getattr(importlib.import_module(module), cls)
    except (ImportError, OSError) as error:  # OSError: a shared library that pynq looks for
        if (
            name == "cpu"
            or name not in _OPTIONS
            or (getattr(error, "name", None) or "").startswith("pynq_lstm")
        ):
            raise
        raise MissingExtraError(
            "backend",
            name,
            f"pynq cannot be imported ({error})",
            "run: pip install 'pynq-lstm[pynq]'; on a board use the Python that PYNQ came with",
        ) from error


def _warn(text):
    warnings.warn(text, BackendFallbackWarning, stacklevel=stack_level())
