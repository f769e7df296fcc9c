"""Large batches in pieces that fit into areas of a few megabytes."""

import numpy as np

from pynq_lstm.accelerator import buffers
from pynq_lstm.accelerator.design import BEAT
from pynq_lstm.errors import InputError
from pynq_lstm.reference import IntegerResult

LARGEST_AREA = 16 << 20  # bytes; a single sequence may need more
MOST_SEQUENCES, LONGEST = 65_535, 65_535  # of a RUN, of a sequence


class Pieces:
    """Where batches of an image are cut.

    Parameters
    ----------
    image : Image
    """

    def __init__(self, image):
        sizes = [buffers.input_beats, buffers.output_beats]
        one, two = (np.array([size(image, [n]) for size in sizes]) for n in (1, 2))
        self._first, self._step = one * BEAT, (two - one) * BEAT

    def split(self, lengths):
        """Pieces of a batch.

        Parameters
        ----------
        lengths : ndarray, (batch,), int

        Returns
        -------
        list of slice

        Raises
        ------
        InputError
            A sequence that is longer than the kernel takes.
        """
        longest, batch = int(lengths.max()), len(lengths)
        if longest > LONGEST:
            raise InputError(
                "x.shape",
                longest,
                f"a sequence of more than {LONGEST} steps",
                "cut it in two and pass the state on",
            )
        most = int((self._first + (longest - 1) * self._step).max())
        if batch <= MOST_SEQUENCES and batch * most <= LARGEST_AREA:
            return [slice(0, batch)]
        pieces, begin, room = [], 0, 0
        needs = (self._first + (lengths[:, None] - 1) * self._step).max(axis=1)
        for n, need in enumerate(needs.tolist()):
            if n > begin and (room + need > LARGEST_AREA or n - begin == MOST_SEQUENCES):
                pieces.append(slice(begin, n))
                begin, room = n, 0
            room += need
        return [*pieces, slice(begin, batch)]


def join(results):
    """The `IntegerResult`s of pieces as one: batches one behind another, counts added."""
    if len(results) == 1:
        return results[0]
    sides = (
        [np.concatenate(parts) for parts in zip(*(getattr(r, side) for r in results))]
        for side in ("out", "h", "c")
    )
    counts = {k: sum(r.saturated[k] for r in results) for k in results[0].saturated}
    return IntegerResult(*sides, counts)
