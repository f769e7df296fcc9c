"""What goes from pass to pass: what each LSTM reads, put together from what ran before it."""

import numpy as np

from pynq_lstm.stack import reversed_in_time
from pynq_lstm.wiring import gather


class Flow:
    """One call of a network whose LSTMs run one by one, in any order that its wiring allows.

    Parameters
    ----------
    lstms : tuple of Lstm
    stacks : tuple of Stack
    wiring : Wiring
    x : list of ndarray, (batch, time, input), float32
        External inputs.
    lengths : ndarray, (batch,), int
    """

    def __init__(self, lstms, stacks, wiring, x, lengths):
        self._lstms, self._stacks, self._wiring = lstms, stacks, wiring
        self._found = gather.external(x, lengths)
        self._inputs = {}  # by model: x of the layer that is to run, and its lengths
        self._given = {}  # by model: out and last h of that layer, by direction

    def read(self, k):
        """The x of LSTM k, in the order in which it takes the steps.

        Returns
        -------
        x : ndarray, (batch, time, input), float32
        lengths : ndarray, (batch,), int
        """
        lstm = self._lstms[k]
        if lstm.model not in self._inputs:
            source = self._wiring.sources[lstm.model]
            self._inputs[lstm.model] = gather.gather(source, self._found)
        x, lengths = self._inputs[lstm.model]
        return (reversed_in_time(x, lengths) if lstm.reverse else x), lengths

    def give(self, k, out, h):
        """Take what LSTM k made of what it read.

        Parameters
        ----------
        out : ndarray, (batch, time, hidden), float32
        h : ndarray, (batch, hidden), float32
        """
        lstm = self._lstms[k]
        j, stack, lengths = lstm.model, self._stacks[lstm.model], self._inputs[lstm.model][1]
        given = self._given.setdefault(j, {})
        given[lstm.direction] = reversed_in_time(out, lengths) if lstm.reverse else out, h
        if len(given) < stack.directions:
            return
        del self._given[j]
        out, h = (_joined(side) for side in zip(*(given[d] for d in range(stack.directions))))
        self._inputs[j] = out, lengths
        if lstm.layer == stack.num_layers - 1:
            self._found[self._wiring.names[j]] = gather.Sequence(out, h, lengths)

    @property
    def out(self):
        """Outputs of the models, a list of (batch, time, D * hidden), when all have run."""
        return [self.out_of(j) for j in range(len(self._wiring.names))]

    def out_of(self, j):
        """Output of one model that has run, (batch, time, D * hidden)."""
        return self._found[self._wiring.names[j]].steps


def _joined(arrays):
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays, axis=-1)
