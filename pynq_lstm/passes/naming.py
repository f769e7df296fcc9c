"""What errors call a pass: its number, and the LSTMs that it holds."""

from contextlib import contextmanager


def title(p, own, lstms, wiring, what="pass"):
    """As "pass 1 (m0 layer 1; m0 layer 1, reverse)".

    Parameters
    ----------
    p : int
    own : sequence of int
        Flat indices of its LSTMs.
    lstms : sequence of Lstm
        All of the network's.
    wiring : Wiring
    what : str
        "pass" or "group".
    """
    return f"{what} {p} ({'; '.join(lstms[k].name(wiring) for k in own)})"


@contextmanager
def named(kinds, p, own, lstms, wiring, what="pass"):
    """Errors of some kinds, raised again with the pass or group in front of their field."""
    try:
        yield
    except kinds as error:
        field = f"{title(p, own, lstms, wiring, what)}: {error.field}"
        raise type(error)(field, error.value, error.problem, error.remedy) from error
