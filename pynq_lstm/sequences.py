"""Shapes at the public surface: what a user passes, to lists over models, and back.

Inside the package everything is a list with one array for each model, batch
first. The conventions that users see are those of `docs/shapes.md`.
"""

from dataclasses import dataclass
from typing import Tuple

import numpy as np

from pynq_lstm.errors import InputError


@dataclass(frozen=True)
class Sequences:
    """Shape conventions for LSTMs side by side.

    Attributes
    ----------
    input_sizes, hidden_sizes : tuple of int
        One for each model.
    """

    input_sizes: Tuple[int, ...]
    hidden_sizes: Tuple[int, ...]

    @property
    def models(self):
        """How many LSTMs run side by side."""
        return len(self.hidden_sizes)

    def inputs(self, x):
        """Split `x` into one array for each model.

        Parameters
        ----------
        x : ndarray, (models, batch, time, input), float32
            The first axis is dropped for a single model, the second for an
            unbatched call; a list over models where input sizes differ.

        Returns
        -------
        x : list of ndarray, (batch, time, input), float32
        batched : bool

        Raises
        ------
        InputError
            Wrong shape or dtype, nothing in it, NaN or infinity.
        """
        arrays = self._over_models("x", x)
        arrays = [_float32("x", a) for a in arrays]
        batched = arrays[0].ndim == 3
        for j, (a, size) in enumerate(zip(arrays, self.input_sizes)):
            name = "x" if self.models == 1 else f"x[{j}]"
            if a.ndim not in (2, 3) or a.shape[-1] != size:
                raise InputError(
                    f"{name}.shape",
                    a.shape,
                    "not what the model takes",
                    f"pass (batch, time, {size}) or (time, {size})",
                )
            if 0 in a.shape:
                raise InputError(
                    f"{name}.shape",
                    a.shape,
                    "an empty sequence or batch",
                    "pass at least one step of one sequence",
                )
            if a.shape[:-1] != arrays[0].shape[:-1]:
                raise InputError(
                    f"{name}.shape",
                    a.shape,
                    "batch or time differ from x[0]'s",
                    f"bring it to {arrays[0].shape[:-1]}",
                )
            _check_finite(name, a, "remove NaN and infinity from the input")
        return [a if batched else a[None] for a in arrays], batched

    def state(self, state, batch, batched):
        """Split a state (h, c) into lists over models; zeros for None.

        Parameters
        ----------
        state : pair of ndarray, each (models, 1, batch, hidden), float32, or None
            As `pack_state` returns it.

        Returns
        -------
        h, c : list of ndarray, (batch, hidden), float32
        """
        if state is None:
            zeros = [np.zeros((batch, size), np.float32) for size in self.hidden_sizes]
            return zeros, [z.copy() for z in zeros]
        if not isinstance(state, (tuple, list)) or len(state) != 2:
            raise InputError("state", type(state).__name__, "not a pair", "pass (h, c)")
        return tuple(self._one_state(n, s, batch, batched) for n, s in zip("hc", state))

    def _one_state(self, name, value, batch, batched):
        name = f"state {name}"
        arrays = self._over_models(name, value)
        arrays = [_float32(name, a) for a in arrays]
        for a, size in zip(arrays, self.hidden_sizes):
            expected = (1, batch, size) if batched else (1, size)
            if a.shape != expected:
                raise InputError(
                    f"{name}.shape",
                    a.shape,
                    "does not fit x and the model",
                    f"pass {expected} for each model",
                )
            _check_finite(name, a, "pass None to start from zero")
        return [a[0] if batched else a for a in arrays]

    def lengths(self, lengths, batch, time):
        """Valid steps of each sequence, (batch,) int64; all of `time` for None."""
        if lengths is None:
            return np.full(batch, time, np.int64)
        array = np.atleast_1d(as_array("lengths", lengths))
        if array.shape != (batch,) or array.dtype.kind not in "iu":
            raise InputError(
                "lengths",
                lengths,
                f"not {batch} integers",
                "pass one length for each sequence of the batch",
            )
        if array.min() < 1 or array.max() > time:
            raise InputError(
                "lengths",
                lengths,
                f"outside 1 to {time}",
                "drop empty sequences and pad x to the longest",
            )
        return array.astype(np.int64)

    def pack_out(self, arrays, batched):
        """Lists over models of (batch, time, hidden) to what a user gets."""
        return self._join([a if batched else a[0] for a in arrays])

    def pack_state(self, arrays, batched):
        """Lists over models of (batch, hidden) to (models, 1, batch, hidden)."""
        return self._join([a[None] if batched else a for a in arrays])

    def logits(self, head, out, h, every_step):
        """Apply a `Head` to what `pack_out` and `pack_state` returned.

        Returns
        -------
        ndarray, (batch, classes) or (batch, time, classes), float32
            The first axis dropped for an unbatched call.
        """
        values = out if every_step else h
        hidden = [values] if self.models == 1 else list(values)
        return head.logits(hidden if every_step else [a[0] for a in hidden])

    def _over_models(self, name, value):
        if self.models == 1:  # the axis over models is dropped; a list of one array names it
            named = isinstance(value, (tuple, list)) and len(value) == 1 and np.ndim(value[0]) > 1
            return list(value) if named else [value]
        listed = isinstance(value, (tuple, list)) or getattr(value, "ndim", 0) > 2
        if listed and len(value) == self.models:
            return list(value)
        shape = getattr(value, "shape", type(value).__name__)
        raise InputError(
            name,
            shape,
            f"not one entry for each of {self.models} models",
            "pass (models, batch, time, size), or a list over models",
        )

    def _join(self, arrays):
        if self.models == 1:
            return arrays[0]
        return np.stack(arrays) if len(set(self.hidden_sizes)) == 1 else arrays


def as_array(name, value):
    """`value` as an array; sequences of different lengths are refused by name."""
    try:
        return np.asarray(value)
    except (ValueError, RuntimeError) as error:  # the latter from a tensor that requires grad
        problem = f"not an array ({error})"
    raise InputError(name, type(value).__name__, problem, "pass one array, padded to one length")


def _check_finite(name, array, remedy):
    finite = np.isfinite(array)
    if not finite.all():
        raise InputError(name, array.flat[np.argmin(finite)], "not finite", remedy)


def _float32(name, value):
    array = as_array(name, value)
    if array.dtype != np.float32:
        raise InputError(
            f"{name}.dtype",
            str(array.dtype),
            "not float32",
            "pass np.asarray(..., dtype=np.float32)",
        )
    return array
