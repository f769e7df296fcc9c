"""Ten thousand inferences: nothing grows. A million: ``make soak``."""

from small_model import small_case
from soak import soak

import pynq_lstm as pl

CALLS = 10_000


def test_nothing_grows(new_device, record_property):
    model, x = small_case()
    with pl.load(model, backend="reference") as session:
        expected = session.infer(x)[0]
    device = new_device()
    with pl.load(model, backend="emulator", device=device, overlay="svd_lstm_tiny") as session:
        found = soak(session, x, expected, CALLS)
    record_property("soak", found)
    assert found["wrong"] == found["files"] == found["buffers"] == 0
    assert found["grown_bytes"] < 1 << 20
    assert device.live_buffers == 0
