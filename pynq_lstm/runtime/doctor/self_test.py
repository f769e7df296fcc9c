"""A small model through a back end: load, which identifies and self-tests a device, then infer."""

import time

import numpy as np

from pynq_lstm.runtime.doctor.findings import OK, WRONG, Finding


def self_test(x, open_session, open_reference, design=None):
    """Do two back ends give the same bits?

    Parameters
    ----------
    x : ndarray
        As `Session.infer` takes it.
    open_session, open_reference : callable
        Return a Session.
    design : Design or BlockDesign, optional
        Of the overlay that was named to the first.

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
    on = "" if design is None else f" on {design.name}"
    found = f"{report.backend}{on}, load {1e3 * (opened - begin):.0f} ms"
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
