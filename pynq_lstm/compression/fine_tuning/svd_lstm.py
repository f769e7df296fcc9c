"""`SvdLSTM`: in place of an nn.LSTM, with the weights that its rank-1 components stand for."""

import math

import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence

from pynq_lstm.compression.fine_tuning.svd_part import SvdPart
from pynq_lstm.compression.fine_tuning.trained import TrainedLSTM, straight_through, take_sizes
from pynq_lstm.compression.x_grid import FREE, HIDDEN, XGrid
from pynq_lstm.errors import CalibrationError, InputError
from pynq_lstm.numerics import limits


class SvdComponents(nn.Module):
    """Components of both parts, which some LSTMs share.

    Parameters
    ----------
    parts : dict of PartComponents
        "input" and "hidden".
    bits : int
        Of the codes of u and v.
    """

    def __init__(self, parts, bits):
        super().__init__()
        self.input, self.hidden = (SvdPart(parts[side], bits) for side in ("input", "hidden"))


class SvdLSTM(TrainedLSTM):
    """An nn.LSTM whose matrices are sums of rank-1 components with pruned tiles and integer codes.

    Called as nn.LSTM is, with the same shapes, packed sequences included. The weights of every
    step are those that the exported model has; x is rounded to its grid; the rest runs in float
    by PyTorch's own LSTM.

    Parameters
    ----------
    lstm : nn.LSTM
        Of one layer and one direction.
    components : SvdComponents
        Of all LSTMs that share them.
    j : int
        Which of these it is.
    bias : ndarray, (4 * hidden,), float32
        The sum of both.
    options : SvdOptions
    kind : str
        What the grid of x has to be like: that of an `XGrid`.

    Attributes
    ----------
    at_least : float
        Magnitude that the grid of x holds, whatever the data reach.
    """

    def __init__(self, lstm, components, j, bias, options, kind=FREE):
        super().__init__()
        take_sizes(self, lstm)
        self.components, self.j, self.options, self.kind = components, j, options, kind
        self.at_least = 0.0
        self.bias_sum = nn.Parameter(torch.tensor(bias))
        self.register_buffer("no_bias", torch.zeros_like(self.bias_sum.data), persistent=False)
        # largest x of evaluation and of training: dropout before an LSTM makes its input larger
        self.register_buffer("x_range", torch.zeros(2))
        self._met = None
        self.train(lstm.training)

    def matrices(self):
        """w_ih (4 * hidden, input) and w_hh (4 * hidden, hidden) of the present components."""
        sizes = {"input": self.input_size, "hidden": self.hidden_size}
        return tuple(
            getattr(self.components, side).matrix(self.j, size, self.hidden_size)
            for side, size in sizes.items()
        )

    @property
    def x_grid(self):
        """The `XGrid` of evaluation, which the export has."""
        return XGrid(float(self.x_range[0] or self.x_range[1]), self.kind)

    def observe(self):
        """See `TrainedLSTM`."""
        self._met = 0.0

    def settle(self, keep=True):
        """See `TrainedLSTM`."""
        met, self._met = self._met, None
        if keep:
            largest = max(met, self.at_least)
            if not 0 < largest < float("inf"):
                raise CalibrationError(
                    "calibration", largest, "no scale for x", "pass typical, finite inputs"
                )
            self.x_range[int(self.training)] = largest

    def forward(self, input, hx=None):
        """As nn.LSTM: (out, (h, c)) of padded, unbatched or packed x."""
        x, state = input, hx  # names of nn.LSTM, by which it may be called
        if isinstance(x, PackedSequence):
            return self._packed(x, state)
        if not isinstance(x, torch.Tensor) or x.ndim not in (2, 3):
            raise InputError(
                "x", type(x).__name__, "not a sequence", "pass (batch, time, input) or packed x"
            )
        batched = x.ndim == 3
        if not batched:
            x = x.unsqueeze(int(not self.batch_first))
            state = state and tuple(part.unsqueeze(1) for part in state)
        state = self._state(x.shape[int(not self.batch_first)], state)
        out, h, c = torch.lstm(
            self._on_grid(x), state, self._weights(), True, 1, 0.0, self.training, False,
            self.batch_first,
        )  # fmt: skip
        if not batched:
            return out.squeeze(int(not self.batch_first)), (h.squeeze(1), c.squeeze(1))
        return out, (h, c)

    def _packed(self, x, state):
        order, back = x.sorted_indices, x.unsorted_indices
        if state is not None and order is not None:
            state = tuple(part.index_select(1, order) for part in state)
        state = self._state(int(x.batch_sizes[0]), state)
        out, h, c = torch.lstm(
            self._on_grid(x.data), x.batch_sizes, state, self._weights(), True, 1, 0.0,
            self.training, False,
        )  # fmt: skip
        if back is not None:
            h, c = h.index_select(1, back), c.index_select(1, back)
        return PackedSequence(out, x.batch_sizes, order, back), (h, c)

    def _weights(self):
        return [*self.matrices(), self.bias_sum, self.no_bias]

    def _state(self, batch, state):
        shape = (1, batch, self.hidden_size)
        if state is None:
            return (self.bias_sum.new_zeros(shape),) * 2
        for name, part in zip("hc", state):
            if part.shape != shape:
                raise InputError(
                    f"state {name}.shape", tuple(part.shape), "does not fit", f"pass {shape}"
                )
        return tuple(state)

    def _on_grid(self, x):
        """x on its grid (docs/numerics.md, section 3); while observing as it is."""
        if x.shape[-1] != self.input_size:
            raise InputError(
                "x.shape", tuple(x.shape), "other inputs than trained",
                f"pass (..., {self.input_size})",
            )  # fmt: skip
        if self._met is not None:
            self._met = max(self._met, float(x.detach().abs().max()))
            return x
        largest = float(self.x_range[int(self.training)] or self.x_range[int(not self.training)])
        if not largest:
            raise CalibrationError(
                "calibration", None, "these modules have no scales yet", "call calibrate first"
            )
        bits = self.options.activation_bits
        unit = XGrid(kind=self.kind).inverse_scale(largest, bits)
        low, high = limits(bits)
        if self.kind == HIDDEN and self.training:  # h is within 1 but where dropout made it larger
            low, high = -math.inf, math.inf
        inside = x.clamp(low / unit, high / unit)  # no gradient passes where x saturates
        rounded = torch.round(inside.detach() * unit).clamp(low, high) / unit
        return straight_through(inside, rounded)
