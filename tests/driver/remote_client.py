"""What a client of pynq.remote does: ``remote_client.py SCENARIO BIT`` in a process of its own.

PYNQ_REMOTE_DEVICES is set by whoever starts it; words on standard output and input keep both in
step. Errors of the driver are printed, as type and message.
"""

import asyncio
import faulthandler
import sys
import time
import warnings

import numpy as np
import pynq
from small_model import small_case

import pynq_lstm as pl
from pynq_lstm.accelerator.registers import RESET_GPIO
from pynq_lstm.runtime.fpga.remote_calls import bound_calls
from pynq_lstm.runtime.fpga.reset_line import ResetLine

faulthandler.dump_traceback_later(100, exit=True)
warnings.simplefilter("ignore", pl.SaturationWarning)


def expected(model, *arguments, **options):
    with pl.load(model, "reference") as session:
        return session.infer(*arguments, **options)


def same(found, wanted):
    np.testing.assert_array_equal(found[0], wanted[0])
    for a, b in zip(found[1], wanted[1]):
        np.testing.assert_array_equal(a, b)


def tell_and_wait(word):
    """Say a word, go on when a line comes."""
    print(word, flush=True)
    sys.stdin.readline()


def attempt(call, *arguments):
    """Call and print what came of it."""
    try:
        found = call(*arguments)
    except pl.PynqLstmError as error:
        print(f"{type(error).__name__}: {error}", flush=True)
        return None
    print("done", flush=True)
    return found


def bits(bit):
    """Every kind of call gives the bits of the reference."""
    assert type(pynq.Device.active_device).__name__ == "RemoteDevice"
    large_buffer()
    for models in (2, 1):
        model, x = small_case(models=models)
        whole = expected(model, x)
        lengths = np.array([5, 2])
        with pl.load(model, "fpga", overlay=bit) as session:
            same(session.infer(x), whole)
            assert session.last_run.backend == "fpga" and session.last_run.access == "mmio"
            assert not session.last_run.modelled
            same(session.infer(x, lengths=lengths), expected(model, x, lengths=lengths))
            same(session.infer(x, refinements=2), expected(model, x, refinements=2))
            state = whole[1]
            same(session.infer(x, state), expected(model, x, state))
            for found in session.infer_many(iter([x] * 3)):
                same(found, whole)
            same(asyncio.run(session.infer_async(x)), whole)
            first = x[..., :1, :, :]  # one sequence
            with session.stream() as stream:
                for t in range(x.shape[-2]):
                    out = stream.step(first[..., 0, t, :])
                    np.testing.assert_array_equal(out, expected(model, first)[0][..., 0, t, :])


def large_buffer():
    """More than a message of gRPC holds goes there and back."""
    sent = np.random.default_rng(0).integers(0, 256, 6 << 20).astype(np.uint8)
    with pynq.allocate(sent.shape, np.uint8) as buffer:
        buffer[:] = sent
        buffer.flush()
        buffer[:] = 0
        buffer.invalidate()
        np.testing.assert_array_equal(buffer, sent)


def reset(bit):
    """The reset wire forgets the image; the driver notices and loads it again."""
    model, x = small_case()
    with pl.load(model, "fpga", overlay=bit) as session:
        same(session.infer(x), expected(model, x))
        tell_and_wait("ready")
        ResetLine(pynq.Device.active_device, RESET_GPIO).pulse(time)
        tell_and_wait("reset")
        attempt(session.infer, x)
        same(session.infer(x), expected(model, x))


def trouble(bit):
    """Two calls after something happened to the board."""
    model, x = small_case()
    bound_calls(pynq.Device.active_device, 1)  # before the driver does so with a longer time
    with pl.load(model, "fpga", overlay=bit) as session:
        same(session.infer(x), expected(model, x))
        tell_and_wait("ready")
        attempt(session.infer, x)
        found = attempt(session.infer, x)
        if found is not None:
            same(found, expected(model, x))


def load(bit):
    """Open and close a session."""
    session = attempt(lambda: pl.load(small_case()[0], "fpga", overlay=bit))
    if session is not None:
        session.close()


if __name__ == "__main__":
    {"bits": bits, "reset": reset, "trouble": trouble, "load": load}[sys.argv[1]](sys.argv[2])
    print("END", flush=True)
