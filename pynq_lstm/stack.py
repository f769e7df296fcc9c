"""One model of a network: an LSTM with all its layers and directions, as one nn.LSTM is."""

import numbers
from dataclasses import dataclass

import numpy as np

from pynq_lstm.errors import NetworkError


@dataclass(frozen=True)
class Stack:
    """How the layers of one model stand to one another.

    Attributes
    ----------
    num_layers : int
        Each takes the h of the one below it.
    bidirectional : bool
        Each layer has a second LSTM that reads the sequence from its last valid step back.
    reverse : bool
        The only LSTM of each layer does so; nn.LSTM has no such form, ONNX has.
    """

    num_layers: int = 1
    bidirectional: bool = False
    reverse: bool = False

    def __post_init__(self):
        number = self.num_layers
        if isinstance(number, bool) or not isinstance(number, numbers.Integral) or number < 1:
            raise NetworkError("num_layers", number, "not a positive integer", "use 1 or more")
        for field in ("bidirectional", "reverse"):
            value = getattr(self, field)
            if not isinstance(value, (bool, np.bool_)):
                raise NetworkError(field, value, "not a bool", "use True or False")
            object.__setattr__(self, field, bool(value))
        if self.bidirectional and self.reverse:
            raise NetworkError(
                "reverse", True, "bidirectional has both directions", "leave one of them out"
            )
        object.__setattr__(self, "num_layers", int(number))

    @property
    def directions(self):
        """D: 2 if bidirectional."""
        return 2 if self.bidirectional else 1

    @property
    def cells(self):
        """Layers times directions: LSTMs that have an h and a c of their own."""
        return self.num_layers * self.directions

    def check(self, name, layers):
        """Refuse layers that do not stand on one another.

        Parameters
        ----------
        name : str
            Of the model, for errors.
        layers : sequence of Layer
            By layer, then by direction.

        Raises
        ------
        NetworkError
        """
        first = layers[0]
        for n, layer in enumerate(layers):
            below = first.input_size
            if n >= self.directions:
                below = self.directions * first.hidden_size
            field = f"{name}: layer {n // self.directions}, direction {n % self.directions}"
            if layer.hidden_size != first.hidden_size:
                raise NetworkError(
                    field,
                    f"{layer.hidden_size} hidden units",
                    f"not {first.hidden_size} as the first layer",
                    "make it a model of its own that reads the one below by wiring",
                )
            if layer.input_size != below:
                raise NetworkError(
                    field,
                    f"{layer.input_size} inputs",
                    f"what it reads has {below} values",
                    "give layers by layer, then direction",
                )

    def run(self, layers, x, h, c, lengths):
        """Run a batch of sequences in float32.

        Parameters
        ----------
        layers : sequence of Layer
            By layer, then by direction.
        x : ndarray, (batch, time, input), float32
        h, c : sequence of ndarray, (batch, hidden), float32
            One for each of `layers`.
        lengths : ndarray, (batch,), int

        Returns
        -------
        out : ndarray, (batch, time, directions * hidden)
            Of the top layer; zero beyond the lengths.
        h, c : list of ndarray, (batch, hidden)
        """
        ends = []
        for start in range(0, self.cells, self.directions):
            outs = []
            for direction in range(self.directions):
                n = start + direction
                turn = reversed_in_time if direction or self.reverse else _as_it_is
                out, *end = layers[n].run(turn(x, lengths), h[n], c[n], lengths)
                outs.append(turn(out, lengths))
                ends.append(end)
            x = outs[0] if len(outs) == 1 else np.concatenate(outs, axis=-1)
        return x, *map(list, zip(*ends))


def reversed_in_time(x, lengths):
    """The valid steps of each sequence from the last to the first; the others stay.

    Parameters
    ----------
    x : ndarray, (batch, time, size)
    lengths : ndarray, (batch,), int
    """
    steps = np.arange(x.shape[1])
    back = lengths[:, None] - 1 - steps
    return np.take_along_axis(x, np.where(back < 0, steps, back)[..., None], axis=1)


def _as_it_is(x, lengths):
    return x
