"""Batches of labelled sequences for `fine_tune`, none of them padded."""

import numpy as np
import torch


class Batches:
    """Sequences of one length are batched together, so that no step counts that is not there.

    Parameters
    ----------
    data : Labelled
        Its x, labels and lengths.
    size : int
        Sequences of a batch at most.
    shuffled : bool
        Anew in each pass, by torch's random numbers: they follow the seed of `fine_tune`, and a
        checkpoint keeps them.

    Yields
    ------
    x : list of Tensor, (batch, time, input), float32
        One for each LSTM.
    labels : Tensor, (batch,), int64
    """

    def __init__(self, data, size, shuffled=True):
        self._x, self._size, self._shuffled = data.x, size, shuffled
        self._labels = torch.from_numpy(np.array(data.labels, np.int64))
        lengths = np.asarray(data.lengths)
        self._groups = [
            (int(steps), np.flatnonzero(lengths == steps)) for steps in np.unique(lengths)
        ]

    def __len__(self):
        return sum(-(-len(rows) // self._size) for _, rows in self._groups)

    def __iter__(self):
        cuts = [
            (steps, rows[order[at : at + self._size]])
            for steps, rows in self._groups
            for order in [self._order(len(rows))]
            for at in range(0, len(rows), self._size)
        ]
        for n in self._order(len(cuts)):
            steps, rows = cuts[n]
            x = [torch.from_numpy(np.ascontiguousarray(one[rows, :steps])) for one in self._x]
            yield x, self._labels[torch.from_numpy(rows)]

    def _order(self, count):
        return torch.randperm(count).numpy() if self._shuffled else np.arange(count)
