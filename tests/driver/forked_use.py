"""A process that forks while a session is open; run by test_fork.

python forked_use.py NAME_OF_THE_LOCK

Prints what the child saw, then what the parent saw: one JSON object a line.
"""

import gc
import json
import os
import sys
import warnings
from pathlib import Path

import numpy as np

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "accelerator")]

from small_sessions import CASES, expected, open_session  # noqa: E402

import pynq_lstm as pl  # noqa: E402
from pynq_lstm.runtime.emulator.device import EmulatedDevice  # noqa: E402

MODEL, X = CASES[0]
WANTED = expected(MODEL, X)


def error_of(use):
    """Name of the error that a use ends in; None: it ends well."""
    try:
        use()
    except pl.PynqLstmError as error:
        return type(error).__name__


def main(lock_name):
    """Fork amid a generator, try everything in the child, go on in the parent."""
    warnings.simplefilter("ignore")
    device = EmulatedDevice()
    if lock_name:
        device.lock_name = lock_name
    session = open_session(device, MODEL)
    stream = session.stream()
    stream.step(X[:, 0, 0])
    answers = session.infer_many([X, X, X])
    next(answers)
    live, child = device.live_buffers, os.fork()
    if not child:
        operations = device.operations
        seen = {
            "infer": error_of(lambda: session.infer(X)),
            "step": error_of(lambda: stream.step(X[:, 0, 1])),
            "next": error_of(lambda: next(answers)),
            "close": error_of(session.close),
            "open": lock_name and error_of(lambda: open_session(device, MODEL).close()),
        }
        del stream, answers, session
        gc.collect()
        seen["freed"] = live - device.live_buffers
        seen["operations"] = not lock_name or device.operations - operations
        print(json.dumps(seen), flush=True)
        return  # what runs at exit runs here too
    _, status = os.waitpid(child, 0)
    left = [out for out, _ in answers]
    seen = {
        "child": status,
        "answers": len(left) == 2 and all(np.array_equal(out, WANTED) for out in left),
        "step": np.array_equal(stream.step(X[:, 0, 1]), WANTED[:, 0, 1]),
        "infer": np.array_equal(session.infer(X)[0], WANTED),
    }
    session.close()
    seen["buffers"], seen["bus_faults"] = device.live_buffers, device.bus_faults
    print(json.dumps(seen), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
