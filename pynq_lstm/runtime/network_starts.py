"""Whether a network runs in one start of a device's kernel, and the calls that do."""

from pynq_lstm.accelerator import starts as in_one
from pynq_lstm.errors import BackendError, DeviceError, InputError, MissingExtraError, PlanError
from pynq_lstm.runtime.backends import check_name, device_of, open_backend
from pynq_lstm.runtime.one_start import OneStartCalls

STARTS = ("auto", "one", "passes")


def one(network, backend, starts, options):
    """Open a network in one start, where that is asked for and can be.

    Parameters
    ----------
    network : CompressedNetwork
    backend, starts : str
    options : dict
        As `pynq_lstm.load` takes them.

    Returns
    -------
    calls : OneStartCalls or None
    why : str or None
        Why there are none.

    Raises
    ------
    InputError
        Another value of `starts`, or "one" where there is no kernel to be started.
    PlanError
        "one", and something of the network does not run so, by name, or does not fit.
    BackendError, DeviceError, MissingExtraError
        As `open_backend`.
    """
    check_name(backend)
    if not isinstance(starts, str) or starts not in STARTS:
        raise InputError("starts", starts, "unknown", f"choose from {list(STARTS)}")
    device = device_of(backend)
    if starts == "passes":
        return None, "passes were asked for"
    if device is None:
        why = f"the back end {backend!r} has no kernel that is started"
        why = "there is no device here" if backend == "auto" else why
        if starts == "one":
            remedy = 'leave it out, or choose the back end "fpga" or "emulator"'
            raise InputError("starts", starts, why, remedy)
        return None, why
    try:
        plan, flat = in_one.plan(network)
        opened = open_backend(device, plan, **options)
    except PlanError as error:
        if starts == "one":
            raise
        return None, str(error)
    except (BackendError, DeviceError, MissingExtraError) as error:
        if backend != "auto" or device != "fpga" or options or starts == "one":
            raise
        return None, str(error)  # `open_backend` of the passes warns of it, and takes the CPU
    return OneStartCalls(network, plan, flat, opened), None
