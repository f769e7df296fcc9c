"""`SvdStack`: in place of an nn.LSTM of several layers or both directions, of `SvdLSTM`."""

import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence

from pynq_lstm.compression.fine_tuning.trained import take_sizes
from pynq_lstm.errors import InputError


class SvdStack(nn.Module):
    """LSTMs of one layer and one direction each, run as the layers and directions of an nn.LSTM.

    Called as nn.LSTM is, with the same shapes, packed sequences included. Between the layers x
    is h on its own grid, as the exported network has it.

    Parameters
    ----------
    lstm : nn.LSTM
        In whose place it stands.
    cells : sequence of SvdLSTM
        By layer, then direction.
    """

    mode = "LSTM"

    def __init__(self, lstm, cells):
        super().__init__()
        take_sizes(self, lstm)
        self.cells = nn.ModuleList(cells)
        self.train(lstm.training)

    def forward(self, input, hx=None):
        """As nn.LSTM: (out, (h, c)) of padded, unbatched or packed x."""
        x, state = input, hx  # names of nn.LSTM, by which it may be called
        single = isinstance(x, torch.Tensor) and x.ndim == 2
        if single:
            x = x.unsqueeze(int(not self.batch_first))
            state = state and tuple(part.unsqueeze(1) for part in state)
        for name, part in zip("hc", state or ()):
            if len(part) != len(self.cells):
                raise InputError(
                    f"state {name}.shape", tuple(part.shape), "does not fit",
                    f"pass one for each of {len(self.cells)} layers and directions",
                )  # fmt: skip
        directions, ends = 1 + self.bidirectional, []
        for layer in range(self.num_layers):
            if layer and self.dropout:
                x = _each(lambda a: nn.functional.dropout(a, self.dropout, self.training), x)
            outs = []
            for direction in range(directions):
                k = layer * directions + direction
                own = state and tuple(part[k : k + 1] for part in state)
                turn = self._turned if direction else _as_it_is
                out, end = self.cells[k](turn(x), own)
                outs.append(turn(out))
                ends.append(end)
            x = outs[0] if directions == 1 else _each(_joined, *outs)
        h, c = (torch.cat(side) for side in zip(*ends))
        if single:
            return x.squeeze(int(not self.batch_first)), (h.squeeze(1), c.squeeze(1))
        return x, (h, c)

    def _turned(self, x):
        """The valid steps of each sequence from the last to the first."""
        if not isinstance(x, PackedSequence):
            return x.flip(int(self.batch_first))
        back = _back(x.batch_sizes).to(x.data.device)
        return _each(lambda a: a.index_select(0, back), x)

    def extra_repr(self):
        """For print."""
        return f"{self.input_size}, {self.hidden_size}, num_layers={self.num_layers}"


def _as_it_is(x):
    return x


def _joined(*arrays):
    return torch.cat(arrays, -1)


def _each(function, *sequences):
    """A function of tensors, of what tensors or packed sequences of one order hold."""
    first = sequences[0]
    if not isinstance(first, PackedSequence):
        return function(*sequences)
    data = function(*(sequence.data for sequence in sequences))
    return PackedSequence(data, first.batch_sizes, first.sorted_indices, first.unsorted_indices)


def _back(batch_sizes):
    """Where the packed data of reversed sequences come from, (steps of all,), int64.

    Packed data are ordered by step, then sequence: step t of sequence b is at starts[t] + b.
    """
    starts = torch.cat([batch_sizes.new_zeros(1), batch_sizes.cumsum(0)])
    lengths = (batch_sizes[:, None] > torch.arange(int(batch_sizes[0]))).sum(0)
    found = []
    for t, count in enumerate(batch_sizes.tolist()):
        b = torch.arange(count)
        found.append(starts[lengths[:count] - 1 - t] + b)
    return torch.cat(found)
