"""A `Network` as one PyTorch module, to be evaluated, or trained further, outside this package."""

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from pynq_lstm.errors import InputError, NetworkError
from pynq_lstm.exporters import torch_modules
from pynq_lstm.exporters.torch_sequences import external, gathered
from pynq_lstm.wiring.gather import Sequence


class TorchNetwork(nn.Module):
    """LSTMs that read one another as the wiring says, and a head.

    Called, it gives what `logits` gives where there is a head, else what `infer` gives. Shapes are
    those of `Network.infer`, of tensors. What stands in the place of an nn.LSTM is given packed
    sequences only where their lengths differ.

    Parameters
    ----------
    network : Network

    Attributes
    ----------
    lstms : nn.ModuleList of nn.LSTM
        In the order of ``wiring.names``, ``batch_first``, float32. One of a model whose only
        direction is the reverse one is given its steps from the last to the first.
    head : nn.Linear or None
    wiring : Wiring
    """

    def __init__(self, network):
        super().__init__()
        models = zip(network.stacks, network.models)
        self.lstms = nn.ModuleList(torch_modules.lstm(*model) for model in models)
        self.head = torch_modules.head(network)
        self.wiring, self.stacks = network.wiring, network.stacks
        self.sequences = network.sequences

    def forward(self, x, state=None, lengths=None, every_step=False):
        """As `logits`; without a head as `infer`, which has all steps."""
        if self.head is not None:
            return self.logits(x, state, lengths, every_step)
        if every_step:
            raise NetworkError(
                "every_step", True, "this network has no head", "leave it out: out has all steps"
            )
        return self.infer(x, state, lengths)

    def infer(self, x, state=None, lengths=None):
        """What every model gives.

        Parameters
        ----------
        x : tensor, (inputs, batch, time, input), float32
            The first axis is dropped for a single input, the second for an unbatched call; a list
            over inputs where their sizes differ. Or a PackedSequence, or a list of them.
        state : (h, c), optional
            As an earlier call returned it; zeros by default.
        lengths : tensor or array, (batch,), int, optional
            Valid steps of x; all by default.

        Returns
        -------
        out : tensor, (models, batch, time, D * hidden)
            Of the top layers; zero beyond the lengths.
        (h, c) : pair of tensor, (models, layers * D, batch, hidden)
            The first axis is dropped for a single model, the batch axis for an unbatched call;
            lists over models where sizes or rates differ.

        Raises
        ------
        InputError
            x, state or lengths of other shapes, x of another dtype than the weights, a state that
            is not of tensors, nothing in x, or sequences without a step for every model.
        """
        found, ends, batched = self._run(x, state, lengths)
        outs = [found[name].steps for name in self.wiring.names]
        same = self.sequences.hidden_sizes
        if self.sequences.rates is not None:
            same = list(zip(self.sequences.output_sizes, self.sequences.rates))
        out = _joined([one if batched else one[0] for one in outs], same)
        sides = [[end if batched else end[:, 0] for end in side] for side in zip(*ends)]
        h, c = (_joined(side, [tuple(end.shape) for end in side]) for side in sides)
        return out, (h, c)

    def logits(self, x, state=None, lengths=None, every_step=False):
        """What the head gives; arguments and errors as of `infer`.

        Parameters
        ----------
        every_step : bool
            Of every step; default: of the last h.

        Returns
        -------
        tensor, (batch, classes) or (batch, time, classes)
            The batch axis dropped for an unbatched call.

        Raises
        ------
        NetworkError
            There is no head.
        """
        if self.head is None:
            raise NetworkError("head", None, "this network has none", "use infer")
        self.sequences.check_every_step(every_step)
        found, _, batched = self._run(x, state, lengths)
        read = [found[name] for name in self.wiring.head]
        logits = self.head(torch.cat([s.steps if every_step else s.last for s in read], -1))
        return logits if batched else logits[0]

    def _run(self, x, state, lengths):
        """A `Sequence` by the name of each input and model, (h, c) of each model, and whether x is
        a batch."""
        x, batched = self._batched(x)
        dtype = next(self.lstms.parameters()).dtype
        found, ends = external(x, self.sequences, lengths=lengths, dtype=dtype), {}
        starts = self._starts(state, len(found["x0"].lengths), batched)
        for j in self.wiring.order:
            data, steps = gathered(self.wiring.sources[j], found)
            reverse = self.stacks[j].reverse
            data = _reversed(data, steps) if reverse else data
            start = starts and tuple(one.to(data) for one in starts[j])
            out, ends[j] = _through(self.lstms[j], data, steps, start)
            out = _reversed(out, steps) if reverse else out
            last = torch.cat(list(ends[j][0][-self.stacks[j].directions :]), -1)
            found[self.wiring.names[j]] = Sequence(out, last, steps)
        return found, [ends[j] for j in sorted(ends)], batched

    def _batched(self, x):
        """(batch, time, input) of each external input, and whether they were a batch."""
        if isinstance(x, torch.Tensor) and len(self.sequences.input_sizes) > 1:
            x = list(x)
        if isinstance(x, PackedSequence):
            return x, True
        given = list(x) if isinstance(x, (list, tuple)) else [x]
        single = [isinstance(one, torch.Tensor) and one.ndim == 2 for one in given]
        if given and all(single):
            return [one[None] for one in given], False
        return given, True

    def _starts(self, state, batch, batched):
        """(h, c) of each model; None of zeros."""
        if state is None:
            return None
        if not isinstance(state, (tuple, list)) or len(state) != 2:
            raise InputError("state", type(state).__name__, "not a pair", "pass (h, c)")
        models, sides = len(self.stacks), []
        for name, side in zip("hc", state):
            given = _over_models(side, models)
            for one in given:
                if not isinstance(one, torch.Tensor):
                    raise InputError(
                        f"state {name}", type(one).__name__, "not a tensor",
                        "pass tensors, as infer returned them, or no state for zeros",
                    )  # fmt: skip
            wanted = [
                (stack.cells, batch, size) if batched else (stack.cells, size)
                for stack, size in zip(self.stacks, self.sequences.hidden_sizes)
            ]
            shapes = [tuple(one.shape) for one in given]
            if shapes != wanted:
                problem = f"not {wanted}, one for each model"
                raise InputError(f"state {name}.shape", shapes, problem, "pass what infer returned")
            sides.append(given if batched else [one[:, None] for one in given])
        return list(zip(*sides))


def _through(lstm, data, steps, start):
    """out and (h, c) of one model; packed, which not all take that stand for an nn.LSTM, only
    where the lengths differ."""
    most, time = int(steps.max()), data.shape[1]
    if int(steps.min()) < most:
        packed = pack_padded_sequence(data, steps, batch_first=True, enforce_sorted=False)
        out, ends = lstm(packed, start)
        return pad_packed_sequence(out, batch_first=True, total_length=time)[0], ends
    out, ends = lstm(data[:, :most], start)
    return functional.pad(out, (0, 0, 0, time - most)), ends


def _over_models(side, models):
    """One of h and c as a list over models."""
    stacked = models > 1 and isinstance(side, torch.Tensor) and side.ndim > 0
    return list(side) if stacked or isinstance(side, (tuple, list)) else [side]


def _joined(tensors, same):
    """One tensor over models if `same` holds nothing but one value, else a list."""
    if len(tensors) == 1:
        return tensors[0]
    return torch.stack(list(tensors)) if len(set(same)) == 1 else list(tensors)


def _reversed(x, lengths):
    """`stack.reversed_in_time`, of tensors."""
    steps = torch.arange(x.shape[1])
    back = lengths[:, None] - 1 - steps
    index = torch.where(back < 0, steps, back).to(x.device)
    return torch.take_along_dim(x, index[..., None], dim=1)
