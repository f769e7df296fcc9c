"""LSTMs that read one another, and a head, as one module: a `Network` that trains."""

import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from pynq_lstm.errors import CompressionError, InputError
from pynq_lstm.sequences import Sequences
from pynq_lstm.stack import Stack
from pynq_lstm.wiring import gather, names
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
        found = next(iter(external(x, self.sequences, self.batch_first).values()))
        rates = self.sequences.rates
        every = 1 if rates is None else rates[self.sequences.head[0]]  # one for all of the head
        steps, lengths = found.steps.shape[1], found.lengths
        if every is None:
            steps, lengths = 1, torch.ones_like(lengths)
        else:
            steps, lengths = steps // every, lengths // every
        valid = torch.arange(steps) < lengths[:, None]
        return valid if self.batch_first else valid.T

    def _run(self, x):
        """A `Sequence` of tensors by the name of each external input and model."""
        found = external(x, self.sequences, self.batch_first)
        for j in self.wiring.order:
            data, lengths = _gathered(self.wiring.sources[j], found)
            packed = pack_padded_sequence(data, lengths, batch_first=True, enforce_sorted=False)
            out, (h, _) = self.lstms[j](packed)
            out, _ = pad_packed_sequence(out, batch_first=True, total_length=data.shape[1])
            last = torch.cat(list(h[-self.stacks[j].directions :]), -1)
            found[self.wiring.names[j]] = Sequence(out, last, lengths)
        return found


def external(x, sequences, batch_first=True):
    """External inputs by name, each a `Sequence` of tensors.

    Parameters
    ----------
    x : tensor, PackedSequence, or list of either over the inputs
        (batch, time, input) each, or (time, batch, input).
    sequences : Sequences
    batch_first : bool

    Raises
    ------
    InputError
        Not so many, or of lengths that differ or that give some model no step.
    """
    listed = isinstance(x, (list, tuple)) and not isinstance(x, PackedSequence)
    given, count = list(x) if listed else [x], len(sequences.input_sizes)
    if len(given) != count:
        raise InputError("x", len(given), f"not {count} external inputs", "pass a list of them")
    padded = [_padded(one, batch_first) for one in given]
    lengths = padded[0][1]
    for j, (_, own) in enumerate(padded):
        if not torch.equal(own, lengths):
            raise InputError(
                f"x[{j}]", own.tolist(), "other lengths than x[0]", "pass sequences of equal length"
            )
    sequences.lengths(lengths.numpy(), len(lengths), padded[0][0].shape[1])
    batch = torch.arange(len(lengths))
    return {
        names.external(j): Sequence(one, one[batch, lengths - 1], lengths)
        for j, (one, _) in enumerate(padded)
    }


def _padded(x, batch_first):
    """(batch, time, input) and the lengths, on the CPU as `pack_padded_sequence` takes them."""
    if isinstance(x, PackedSequence):
        return pad_packed_sequence(x, batch_first=True)
    if not isinstance(x, torch.Tensor) or x.ndim != 3:
        raise InputError(
            "x", type(x).__name__, "not a batch of sequences",
            "pass (batch, time, input) or packed x",
        )  # fmt: skip
    x = x if batch_first else x.transpose(0, 1)
    return x, torch.full((len(x),), x.shape[1])


def _gathered(expression, found):
    """The input of one model and its lengths: `wiring.gather.gather`, of tensors."""
    parts, lengths = gather.parts(expression, found)
    return torch.cat(parts, -1), lengths
