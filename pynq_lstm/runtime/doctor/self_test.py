"""A small model through a back end: load, which identifies and self-tests a device, then infer."""

import time
from functools import lru_cache

import numpy as np

from pynq_lstm.compression.compress import compress
from pynq_lstm.network import Layer, Network
from pynq_lstm.runtime.doctor.findings import OK, WRONG, Finding

INPUTS, HIDDEN, STEPS = 12, 20, 9


@lru_cache(maxsize=1)
def example():
    """A model of two LSTMs and an input for it.

    Returns
    -------
    model : CompressedModel
    x : ndarray, (2, 3, STEPS, INPUTS), float32
    """
    rng = np.random.default_rng(0)
    shapes = (4 * HIDDEN, INPUTS), (4 * HIDDEN, HIDDEN), (4 * HIDDEN,)
    layers = [
        Layer(*(rng.uniform(-0.5, 0.5, shape).astype(np.float32) for shape in shapes))
        for _ in range(2)
    ]
    model = compress(Network(tuple(layers)), input_range=(-1, 1), refinements=4)
    return model, rng.uniform(-1, 1, (2, 3, STEPS, INPUTS)).astype(np.float32)


def self_test(x, open_session, open_reference):
    """Do two back ends give the same bits?

    Parameters
    ----------
    x : ndarray
        As `Session.infer` takes it.
    open_session, open_reference : callable
        Return a Session.

    Returns
    -------
    Finding

    Raises
    ------
    PynqLstmError
        As the session's, which says what to do.
    """
    begin = time.perf_counter()
    with open_session() as session, open_reference() as reference:
        opened = time.perf_counter()
        answers = [_flat(each.infer(x)) for each in (session, reference)]
        report = session.last_run
    found = f"{report.backend}, load {1e3 * (opened - begin):.0f} ms"
    if all(np.array_equal(ours, exact) for ours, exact in zip(*answers)):
        return Finding("self-test", OK, f"{found}, infer equals the reference")
    return Finding(
        "self-test",
        WRONG,
        f"{found}, infer differs from the reference",
        "report it; until then backend='cpu' gives exact answers",
    )


def _flat(answer):
    out, (h, c) = answer
    return out, h, c
