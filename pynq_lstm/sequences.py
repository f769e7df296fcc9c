"""Shapes at the public surface: what a user passes, to lists over models, and back.

Inside the package everything is a list with one array for each model, batch
first; of x for each external input, of states for each LSTM of one layer and one
direction. The conventions that users see are those of `docs/shapes.md`.
"""

from dataclasses import dataclass
from typing import Optional, Tuple

import numpy as np

from pynq_lstm.array_checks import as_array, check_finite, float32, over
from pynq_lstm.errors import InputError
from pynq_lstm.packed import is_packed
from pynq_lstm.stack import Stack
from pynq_lstm.wiring import sizes


@dataclass(frozen=True)
class Sequences:
    """Shape conventions of a network.

    Attributes
    ----------
    input_sizes : tuple of int
        One for each external input.
    hidden_sizes : tuple of int
        One for each model.
    stacks : tuple of Stack, optional
        Layers and directions of each model. None: LSTMs of one layer and one direction side by
        side, each with an external input of its own; then the fields below are None too.
    rates : tuple of int or None, optional
        Every how many steps of the external inputs each model runs; None: once a sequence.
    head : tuple of int, optional
        The models that the head reads.
    """

    input_sizes: Tuple[int, ...]
    hidden_sizes: Tuple[int, ...]
    stacks: Optional[Tuple[Stack, ...]] = None
    rates: Optional[Tuple[Optional[int], ...]] = None
    head: Optional[Tuple[int, ...]] = None

    @classmethod
    def of(cls, wiring, stacks, reads, hidden_sizes):
        """The conventions of models that a wiring connects.

        Parameters
        ----------
        wiring : Wiring
        stacks : tuple of Stack
        reads, hidden_sizes : tuple of int
            Of each model: values that a step reads, and hidden units of one direction.

        Raises
        ------
        NetworkError
            Sizes that do not fit together, or that nothing tells.
        """
        gives = [stack.directions * size for stack, size in zip(stacks, hidden_sizes)]
        inputs = sizes.external(wiring, reads, gives)
        if wiring.side_by_side and all(stack.cells == 1 for stack in stacks):
            return cls(inputs, hidden_sizes)
        head = tuple(wiring.names.index(name) for name in wiring.head)
        return cls(inputs, hidden_sizes, stacks, wiring.rates, head)

    @property
    def models(self):
        """How many models there are."""
        return len(self.hidden_sizes)

    @property
    def output_sizes(self):
        """Values of a step of each model's output, both directions together."""
        if self.stacks is None:
            return self.hidden_sizes
        return tuple(s.directions * size for s, size in zip(self.stacks, self.hidden_sizes))

    @property
    def head_sizes(self):
        """Of the values that a head joins."""
        sizes = self.output_sizes
        return sizes if self.head is None else tuple(sizes[j] for j in self.head)

    def inputs(self, x):
        """Split `x` into one array for each external input.

        Parameters
        ----------
        x : ndarray, (inputs, batch, time, input), float32
            The first axis is dropped for a single input, the second for an
            unbatched call; a list over inputs where their sizes differ.

        Returns
        -------
        x : list of ndarray, (batch, time, input), float32
        batched : bool

        Raises
        ------
        InputError
            Wrong shape or dtype, nothing in it, NaN or infinity.
        """
        count = len(self.input_sizes)
        if is_packed(x):  # `packed.padded` is for callers that take lengths
            raise InputError(
                "x",
                "PackedSequence",
                "not taken here",
                "pad it, as with torch.nn.utils.rnn.pad_packed_sequence(x, batch_first=True)",
            )
        arrays = over("x", x, count, "models" if self.stacks is None else "external inputs")
        arrays = [float32("x", a) for a in arrays]
        batched = arrays[0].ndim == 3
        for j, (a, size) in enumerate(zip(arrays, self.input_sizes)):
            name = "x" if count == 1 else f"x[{j}]"
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
            check_finite(name, a, "remove NaN and infinity from the input")
        return [a if batched else a[None] for a in arrays], batched

    def state(self, state, batch, batched):
        """Split a state (h, c) into lists over LSTMs; zeros for None.

        Parameters
        ----------
        state : pair of ndarray, each (models, layers * D, batch, hidden), float32, or None
            As `pack_state` returns it.

        Returns
        -------
        h, c : list of ndarray, (batch, hidden), float32
        """
        if state is None:
            sizes = self.hidden_sizes
            if self.stacks is not None:
                sizes = [size for s, size in zip(self.stacks, sizes) for _ in range(s.cells)]
            zeros = [np.zeros((batch, size), np.float32) for size in sizes]
            return zeros, [z.copy() for z in zeros]
        if not isinstance(state, (tuple, list)) or len(state) != 2:
            raise InputError("state", type(state).__name__, "not a pair", "pass (h, c)")
        return tuple(self._one_state(n, s, batch, batched) for n, s in zip("hc", state))

    def _one_state(self, name, value, batch, batched):
        name = f"state {name}"
        arrays = over(name, value, self.models, "models")
        arrays = [float32(name, a) for a in arrays]
        cells = [1] * self.models if self.stacks is None else [s.cells for s in self.stacks]
        for a, count, size in zip(arrays, cells, self.hidden_sizes):
            expected = (count, batch, size) if batched else (count, size)
            if a.shape != expected:
                raise InputError(
                    f"{name}.shape",
                    a.shape,
                    "does not fit x and the model",
                    f"pass {expected} for each model",
                )
            check_finite(name, a, "pass None to start from zero")
        return [cell if batched else cell[None] for a in arrays for cell in a]

    def lengths(self, lengths, batch, time):
        """Valid steps of each sequence, (batch,) int64; all of `time` for None."""
        if lengths is None:
            self._check_shortest(time)
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
        self._check_shortest(array.min())
        return array.astype(np.int64)

    @property
    def slowest(self):
        """Steps of the external inputs that every model needs to run at all."""
        return 1 if self.rates is None else max(rate or 1 for rate in self.rates)

    def _check_shortest(self, steps):
        slowest = self.slowest
        if steps < slowest:
            raise InputError(
                "lengths",
                int(steps),
                f"no step for a model that takes one in {slowest}",
                f"pass sequences of at least {slowest} steps",
            )

    def pack_out(self, arrays, batched):
        """Lists over models of (batch, time, D * hidden) to what a user gets."""
        same = self.hidden_sizes
        if self.stacks is not None:
            same = tuple(zip(self.output_sizes, self.rates))
        return self._join([a if batched else a[0] for a in arrays], same)

    def pack_state(self, arrays, batched):
        """Lists over LSTMs of (batch, hidden) to (models, layers * D, batch, hidden)."""
        if self.stacks is None:
            return self._join([a[None] if batched else a for a in arrays], self.hidden_sizes)
        arrays = iter(arrays if batched else [a[0] for a in arrays])
        models = [np.stack([next(arrays) for _ in range(s.cells)]) for s in self.stacks]
        return self._join(models, [a.shape for a in models])

    def check_every_step(self, every_step):
        """Refuse logits of every step where the head reads models of different rates."""
        rates = [] if self.head is None else [self.rates[j] for j in self.head]
        if every_step and len(set(rates)) > 1:
            raise InputError(
                "every_step",
                every_step,
                "the head reads models that run at different rates",
                "leave it out, or let the head read one of them: wiring={..., 'head': 'm1'}",
            )

    def logits(self, head, out, h, every_step):
        """Apply a `Head` to what `pack_out` and `pack_state` returned.

        Returns
        -------
        ndarray, (batch, classes) or (batch, time, classes), float32
            The first axis dropped for an unbatched call.
        """
        values = out if every_step else h
        hidden = [values] if self.models == 1 else list(values)
        if self.head is not None:
            hidden = [hidden[j] for j in self.head]
        if not every_step:
            hidden = [a[0] for a in hidden] if self.stacks is None else self._top(hidden)
        return head.logits(hidden)

    def _top(self, hidden):
        """Of what the head reads: h of the top layer, both directions."""
        directions = [self.stacks[j].directions for j in self.head]
        return [np.concatenate(a[-d:], axis=-1) for a, d in zip(hidden, directions)]

    def _join(self, arrays, same):
        """One array over models if `same` holds nothing but one value, else a list."""
        if self.models == 1:
            return arrays[0]
        return np.stack(arrays) if len(set(same)) == 1 else arrays
