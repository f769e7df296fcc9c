"""Where a notebook's models run: on a board, else on an emulated one, else on the CPU."""

import importlib
import os

from pynq_lstm.accelerator.native import find_compiler
from pynq_lstm.errors import BackendError, DeviceError
from pynq_lstm.runtime.backends import EMULATE
from pynq_lstm.runtime.fpga import presence


def emulate_without_board(required=False):
    """Set PYNQ_LSTM_EMULATE=1 where there is no board and pynq can be imported.

    Call it before the first model is loaded. A variable that is set already stays as it is:
    PYNQ_LSTM_EMULATE=0 keeps the CPU.

    Parameters
    ----------
    required : bool
        Whether the CPU would not do.

    Returns
    -------
    str
        Where models run from now on, and why, as one line.

    Raises
    ------
    DeviceError
        It is `required`, and there is neither a board nor what an emulated one needs.
    """
    board, lacking = presence.board_name(), ""
    if board is None and EMULATE not in os.environ:
        os.environ[EMULATE] = "1"  # first: the emulator's package looks at it
        lacking = _lacking()
        if lacking:
            del os.environ[EMULATE]
    if os.environ.get(EMULATE) == "1":
        return f"models run on: an emulated ZCU104 ({EMULATE}=1)"
    if board is not None:
        return f"models run on: this {board}, where an overlay for them is found, else its CPU"
    why = lacking or f"{EMULATE}={os.environ[EMULATE]}"
    if required:
        raise DeviceError(
            "board",
            None,
            f"no board is here, and none can be emulated ({why})",
            "run it on a ZCU104, or: pip install 'pynq-lstm[pynq]', g++ or clang++; docs/board.md",
        )
    return f"models run on: the CPU; no board is here, and none is emulated ({why})"


def _lacking():
    """What the emulator does not find here; empty where nothing is lacking."""
    try:
        find_compiler()
        for module in ("backend", "probe"):  # by the latter pynq itself finds the emulated board
            importlib.import_module(f"pynq_lstm.runtime.emulator.{module}")
    except BackendError as error:
        return error.problem
    except Exception as error:  # a pynq that is too old for its NumPy raises anything
        return f"pynq cannot be imported: {error}"
    return ""
