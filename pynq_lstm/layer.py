"""One float LSTM of one layer and one direction."""

from dataclasses import dataclass

import numpy as np

from pynq_lstm.errors import NetworkError


def as_weight(name, value):
    """`value` as an array; nested lists of different lengths are refused by name."""
    try:
        return np.asarray(value)
    except ValueError as error:
        raise NetworkError(
            name, type(value).__name__, f"not an array ({error})", "pass rows of one length"
        ) from None


def finite_float32(name, value, shape):
    """Check and convert a weight: finite, of `shape`, float32, read-only.

    Raises
    ------
    NetworkError
        Shape or dtype do not fit, or NaN or infinity is inside.
    """
    array = as_weight(name, value)
    if array.dtype.kind != "f":
        raise NetworkError(
            f"{name}.dtype", str(array.dtype), "not floating point", "pass float weights"
        )
    if array.shape != tuple(shape):
        raise NetworkError(
            f"{name}.shape",
            array.shape,
            f"not {tuple(shape)}",
            "check the sizes and the gate order i, f, g, o",
        )
    with np.errstate(over="ignore"):
        array = np.array(array, dtype=np.float32, order="C")
    if not np.isfinite(array).all():
        raise NetworkError(
            name,
            array.flat[np.argmin(np.isfinite(array))],
            "not finite in float32",
            "train the network again or repair the weight",
        )
    array.flags.writeable = False
    return array


@dataclass(frozen=True, eq=False)
class Layer:
    """One LSTM of one direction; gates in the order i, f, g, o.

    Attributes
    ----------
    w_ih : ndarray, (4 * hidden, input), float32
    w_hh : ndarray, (4 * hidden, hidden), float32
    bias : ndarray, (4 * hidden,), float32
        The sum of PyTorch's two.
    """

    w_ih: np.ndarray
    w_hh: np.ndarray
    bias: np.ndarray

    def __post_init__(self):
        w_ih, shape = as_weight("w_ih", self.w_ih), as_weight("w_hh", self.w_hh).shape
        if len(shape) != 2 or not shape[1] or shape[0] != 4 * shape[1]:
            raise NetworkError(
                "w_hh.shape", shape, "not (4 * hidden, hidden)", "stack the four gates i, f, g, o"
            )
        if w_ih.ndim != 2 or not w_ih.shape[1]:
            raise NetworkError(
                "w_ih.shape",
                w_ih.shape,
                "not (4 * hidden, input)",
                "stack the four gates i, f, g, o",
            )
        for name, expected in (
            ("w_ih", (shape[0], w_ih.shape[1])),
            ("w_hh", shape),
            ("bias", shape[:1]),
        ):
            checked = finite_float32(name, getattr(self, name), expected)
            object.__setattr__(self, name, checked)

    @property
    def input_size(self):
        """Inputs of a step."""
        return self.w_ih.shape[1]

    @property
    def hidden_size(self):
        """Hidden units."""
        return self.w_hh.shape[1]

    def run(self, x, h, c, lengths, observe=None):
        """Run a batch of sequences in float32.

        Parameters
        ----------
        x : ndarray, (batch, time, input), float32
        h, c : ndarray, (batch, hidden), float32
        lengths : ndarray, (batch,), int
        observe : callable, optional
            Called as ``observe(step, live, h, pre, c)`` with the indices of the
            sequences that take this step, their previous h, their pre-activations
            (live, 4 * hidden) and their new c.

        Returns
        -------
        out, h, c : ndarray
        """
        out = np.zeros(x.shape[:2] + (self.hidden_size,), np.float32)
        h, c = h.copy(), c.copy()
        from_input = x @ self.w_ih.T + self.bias
        for t in range(x.shape[1]):
            live = np.flatnonzero(lengths > t)
            if not len(live):
                break
            before = h[live]
            pre = from_input[live, t] + before @ self.w_hh.T
            i, f, g, o = np.split(pre, 4, axis=1)
            c[live] = sigmoid(f) * c[live] + sigmoid(i) * np.tanh(g)
            h[live] = sigmoid(o) * np.tanh(c[live])
            out[live, t] = h[live]
            if observe is not None:
                observe(t, live, before, pre, c[live])
        return out, h, c


def sigmoid(x):
    """Logistic function in the dtype of `x`."""
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-x))
