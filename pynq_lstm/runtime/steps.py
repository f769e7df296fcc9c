"""Steps of one sequence: as users pass them, and on a back end that knows whole sequences only."""

import numpy as np

from pynq_lstm.array_checks import as_array
from pynq_lstm.errors import InputError

_ONE = np.ones(1, np.int64)


class HostSteps:
    """Keeps h and c, as codes; what ``open_stream`` of a device is like.

    Parameters
    ----------
    model : CompressedModel
    backend : object
        With ``run``.
    refinements : int
    """

    def __init__(self, model, backend, refinements):
        self._sizes, self._backend, self._refinements = model.hidden_sizes, backend, refinements
        self.reset()

    def step(self, x):
        """One step.

        Parameters
        ----------
        x : list of ndarray, (input,), int

        Returns
        -------
        IntegerResult
            `out` is a list of (1, 1, hidden).
        """
        x = [a[None, None] for a in x]
        result = self._backend.run(x, *self._state, _ONE, self._refinements)
        self._state = result.h, result.c
        return result

    def read_state(self):
        """(h, c): lists of ndarray, (hidden,), int."""
        return tuple([a[0] for a in side] for side in self._state)

    def write_state(self, h, c):
        """Go on from h and c: lists of ndarray, (hidden,), int."""
        self._state = [a[None] for a in h], [a[None] for a in c]

    def reset(self):
        """Go on from zero."""
        zeros = [np.zeros(size, np.int64) for size in self._sizes]
        self.write_state(zeros, zeros)

    def close(self):
        """Nothing is held; for the interface's sake."""


def one_step(shapes, x):
    """Split one step into one array for each external input.

    Parameters
    ----------
    shapes : Sequences
    x : ndarray, (inputs, input), float32
        The axis is dropped for a single input; a list over inputs where sizes differ. A model of
        LSTMs side by side has one for each of them.

    Returns
    -------
    list of ndarray, (input,), float32

    Raises
    ------
    InputError
        Wrong shape or dtype, NaN or infinity.
    """
    arrays = [as_array("x", a) for a in _over_inputs(shapes, x)]
    for j, (array, size) in enumerate(zip(arrays, shapes.input_sizes)):
        if array.shape != (size,):
            name = "x.shape" if len(shapes.input_sizes) == 1 else f"x[{j}].shape"
            raise InputError(name, array.shape, "not one step of the model", f"pass ({size},)")
    if not all(a.dtype == np.float32 and np.isfinite(a).all() for a in arrays):
        shapes.inputs([a[None] for a in arrays])  # says which it is
    return arrays


def _over_inputs(shapes, x):
    listed, count = isinstance(x, (list, tuple)), len(shapes.input_sizes)
    if count == 1:
        return x if listed and len(x) == 1 and np.ndim(x[0]) else [x]
    if (listed or getattr(x, "ndim", 0) > 1) and len(x) == count:
        return x
    what = "models" if shapes.stacks is None else "external inputs"
    raise InputError(
        "x",
        getattr(x, "shape", type(x).__name__),
        f"not one entry for each of {count} {what}",
        f"pass ({what.split()[-1]}, input), or a list over {what}",
    )
