"""Memory for answers: arrays that serve again once the caller has dropped them.

For a small network new arrays, and pointers to them, take longer than anything else that a call
does in Python.
"""

import math
from collections import deque
from sys import getrefcount

import numpy as np

MOST_BYTES = 1 << 18  # of an answer that is kept: others take far longer to compute than to make
_KEPT = 2  # the caller's last one, often the state of the next call, and the one before it


class Answers:
    """Arrays for answers of one shape, with pointers to them for C.

    An answer is a tuple: out; h and c; the array of both; a pointer to out and one to that array.
    Whoever holds an array of it, or a view, a buffer or a pointer made of one, holds a reference
    to the array; so an answer without references from outside is nobody's. Only `take` gives it
    away, and to one caller, whatever threads ask.

    Parameters
    ----------
    out_shape, side_shape : tuple of int
        Of out, and of h and c each.
    view : callable
        Makes a pointer of an array.
    """

    def __init__(self, out_shape, side_shape, view):
        self._shapes, self._view = (out_shape, (2, *side_shape)), view
        answer = self._new()
        self._own = _references(answer)
        kept = _KEPT if answer[0].nbytes + answer[3].nbytes <= MOST_BYTES else 0
        self._kept = deque([answer], kept)
        self.give = self._kept.append  # an answer that was taken; the oldest makes room

    def take(self):
        """An answer that nobody else has, the values in its arrays not set."""
        kept = self._kept
        for _ in range(_KEPT):
            try:
                answer = kept.popleft()
            except IndexError:  # taken by other threads, or none is kept
                break
            if _references(answer) == self._own:
                return answer
            kept.append(answer)  # still the caller's
        return self._new()

    def _new(self):
        out, state = (np.empty(shape, np.float32) for shape in self._shapes)
        h, c = state
        return out, h, c, state, self._view(out), self._view(state)


def _references(answer):
    out, h, c, state, _, _ = answer
    return getrefcount(out) + getrefcount(h) + getrefcount(c) + getrefcount(state)


def parts(array, sizes, shape):
    """The models' parts of a flat array, one behind the other, each of `shape` and its size: views.

    ``np.split`` would take longer than a small network.
    """
    views, at = [], 0
    for size in sizes:
        count = math.prod(shape) * size
        views.append(array[at : at + count].reshape(*shape, size))
        at += count
    return views
