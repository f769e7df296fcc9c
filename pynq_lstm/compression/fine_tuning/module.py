"""`QuantisedLSTM`: in place of an nn.LSTM, with the numbers that the exported model will have."""

import torch
from torch import nn

from pynq_lstm.compression.block_options import BlockDiagonalOptions
from pynq_lstm.compression.fine_tuning.direction import Direction
from pynq_lstm.compression.fine_tuning.trained import TrainedLSTM, take_sizes
from pynq_lstm.errors import InputError


class QuantisedLSTM(TrainedLSTM):
    """An nn.LSTM under a block-diagonal mask and quantisation (Zheng et al., Algorithm 1).

    Called as nn.LSTM is, with the same shapes and the same parameter names; PackedSequence is
    not taken. It must be calibrated before its first call (`calibrate`). In evaluation its
    outputs are, bit by bit, those of the exported model.

    Parameters
    ----------
    lstm : nn.LSTM
        Its parameters become this module's: an optimiser that holds them goes on working.
    options : BlockDiagonalOptions
    maximum : bool
        Scale activations by the largest magnitude of each step's vector (eq. 12) instead of a
        calibrated power of two. To be measured only: such a module cannot be exported.

    Raises
    ------
    CompressionError
        Not an nn.LSTM, or one with projections.
    """

    def __init__(self, lstm, options=None, maximum=False):
        super().__init__()
        take_sizes(self, lstm)
        self.options = options or BlockDiagonalOptions()
        for name, parameter in lstm.named_parameters(recurse=False):
            self.register_parameter(name, parameter)
        scale = float(1 << (self.options.activation_bits - 1))
        self.directions = nn.ModuleDict({
            suffix: Direction([self.options], maximum, scale if layer else None)
            for layer in range(self.num_layers) for suffix in self.suffixes(layer)
        })  # fmt: skip
        self.train(lstm.training)

    def suffixes(self, layer):
        """Ends of the parameter names of one layer: of its forward, and of its reverse LSTM."""
        return [f"l{layer}", f"l{layer}_reverse"][: 1 + self.bidirectional]

    def weights(self, suffix):
        """w_ih, w_hh and the sum of the biases of one LSTM, each with a leading axis of one."""
        w_ih, w_hh = (getattr(self, f"weight_{side}_{suffix}") for side in ("ih", "hh"))
        if self.bias:
            bias = getattr(self, f"bias_ih_{suffix}") + getattr(self, f"bias_hh_{suffix}")
        else:
            bias = w_hh.new_zeros(len(w_hh))
        return w_ih[None], w_hh[None], bias[None]

    def observe(self):
        """See `TrainedLSTM`."""
        for direction in self.directions.values():
            direction.observe()

    def settle(self, keep=True):
        """See `TrainedLSTM`."""
        for suffix, direction in self.directions.items():
            direction.settle(*self.weights(suffix)[:2] if keep else ())

    def forward(self, input, hx=None):
        """As nn.LSTM: (out, (h, c)) of (time, batch, input), batch first or unbatched."""
        x, state = input, hx  # names of nn.LSTM, by which it may be called
        if not isinstance(x, torch.Tensor):
            raise InputError(
                "x", type(x).__name__, "not a tensor",
                "batch sequences of one length, or pad sequences that are read forward only",
            )  # fmt: skip
        batched = x.ndim == 3
        if not batched:
            x = x.unsqueeze(1)
        elif self.batch_first:
            x = x.transpose(0, 1)
        first = self._first_state(x, state, batched)
        h_last, c_last = [], []
        for layer in range(self.num_layers):
            outs = []
            for suffix in self.suffixes(layer):
                h, c = (part[len(h_last)][None] for part in first)
                backwards = suffix.endswith("reverse")
                steps = (x.flip(0) if backwards else x).unsqueeze(1).float()
                out, h, c = self.directions[suffix](steps, *self.weights(suffix), h, c)
                out = out.squeeze(1)
                outs.append(out.flip(0) if backwards else out)
                h_last.append(h)
                c_last.append(c)
            x = torch.cat(outs, -1)
            if self.dropout and layer + 1 < self.num_layers:
                x = nn.functional.dropout(x, self.dropout, self.training)
        h, c = torch.cat(h_last), torch.cat(c_last)
        if not batched:
            return x.squeeze(1), (h.squeeze(1), c.squeeze(1))
        return x.transpose(0, 1) if self.batch_first else x, (h, c)

    def _first_state(self, x, state, batched):
        shape = (len(self.directions), x.shape[1], self.hidden_size)
        if state is None:
            return (x.new_zeros(shape),) * 2
        state = tuple(part if batched else part.unsqueeze(1) for part in state)
        for name, part in zip("hc", state):
            if part.shape != shape:
                raise InputError(
                    f"state {name}.shape", tuple(part.shape), "does not fit", f"pass {shape}"
                )
        return state
