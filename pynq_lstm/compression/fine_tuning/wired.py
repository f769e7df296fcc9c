"""LSTMs that read one another, and a head, as one module: a `Network` that trains."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from pynq_lstm.errors import CompressionError
from pynq_lstm.exporters.torch_sequences import external, gathered
from pynq_lstm.sequences import Sequences
from pynq_lstm.stack import Stack
from pynq_lstm.wiring.gather import Sequence


class Wired(nn.Module):
    """What `Network.infer_logits` computes, by modules that stand for nn.LSTM.

    Parameters
    ----------
    lstms : sequence of nn.LSTM
        Of any layers and directions.
    head : nn.Linear
        On the joined h of the models that ``wiring.head`` names.
    wiring : Wiring

    Raises
    ------
    NetworkError
        Sizes that do not fit the wiring.
    CompressionError
        A head of another size.
    """

    def __init__(self, lstms, head, wiring):
        super().__init__()
        self.lstms, self.head, self.wiring = nn.ModuleList(lstms), head, wiring
        self.stacks = tuple(Stack(lstm.num_layers, lstm.bidirectional) for lstm in lstms)
        self.batch_first = lstms[0].batch_first
        reads, hidden = ([getattr(m, f"{n}_size") for m in lstms] for n in ("input", "hidden"))
        self.sequences = Sequences.of(wiring, self.stacks, tuple(reads), tuple(hidden))
        size = sum(self.sequences.head_sizes)
        if head.in_features != size:
            raise CompressionError(
                "head.in_features", head.in_features, f"not the {size} values that it reads",
                f"pass nn.Linear({size}, classes)",
            )  # fmt: skip

    def forward(self, x):
        """Logits of every step, (batch, time, classes) or, batch second, (time, batch, classes).

        x is what `external` takes.
        """
        if self.sequences.rates is not None:
            self.sequences.check_every_step(True)
        found = self._run(x)
        logits = self.head(torch.cat([found[name].steps for name in self.wiring.head], -1))
        return logits if self.batch_first else logits.transpose(0, 1)

    def classes(self, x, target):
        """Logits where `target` asks for them: (batch,) means of the last h only."""
        if target.ndim > 1:
            return self(x)
        found = self._run(x)
        return self.head(torch.cat([found[name].last for name in self.wiring.head], -1))

    def valid(self, x):
        """Which steps of `forward` are of a sequence and not behind its end, bool of that shape."""
        found = next(iter(self._external(x).values()))
        rates = self.sequences.rates
        every = 1 if rates is None else rates[self.sequences.head[0]]  # one for all of the head
        steps, lengths = found.steps.shape[1], found.lengths
        if every is None:
            steps, lengths = 1, torch.ones_like(lengths)
        else:
            steps, lengths = steps // every, lengths // every
        valid = torch.arange(steps) < lengths[:, None]
        return valid if self.batch_first else valid.T

    def _external(self, x):
        dtype = next(self.lstms.parameters()).dtype
        return external(x, self.sequences, self.batch_first, dtype=dtype)

    def _run(self, x):
        """A `Sequence` of tensors by the name of each external input and model."""
        found = self._external(x)
        for j in self.wiring.order:
            data, lengths = gathered(self.wiring.sources[j], found)
            packed = pack_padded_sequence(data, lengths, batch_first=True, enforce_sorted=False)
            out, (h, _) = self.lstms[j](packed)
            out, _ = pad_packed_sequence(out, batch_first=True, total_length=data.shape[1])
            last = torch.cat(list(h[-self.stacks[j].directions :]), -1)
            found[self.wiring.names[j]] = Sequence(out, last, lengths)
        return found
