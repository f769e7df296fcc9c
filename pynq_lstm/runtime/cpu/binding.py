"""A program and the shape of a call: everything that a call would otherwise make anew."""

from copy import copy
from typing import NamedTuple

import numpy as np

from pynq_lstm.runtime.cpu.packing import aligned
from pynq_lstm.runtime.cpu.program import c_array

KINDS = ("x", "state", "p", "pre", "c")  # in the order of kernel.h

# Sums of so many steps that they stay in the second cache are computed at once.
_CHUNK_BYTES = 256 << 10
# Threads divide the rows of a single column where a step reads as many weights as make up for
# their meeting three times.
_ROWS_BYTES = 192 << 10


class Ran(NamedTuple):
    """What a run says of itself.

    Attributes
    ----------
    counts : dict
        Values that it clipped, by kind.
    seconds : float
        That it took.
    """

    counts: dict
    seconds: float


class Binding:
    """Arguments of ``lstm_infer`` for batches of one shape.

    Parameters
    ----------
    library : module
        With ``ffi`` and ``lib``.
    kernel : ``struct lstm_kernel *``
    program : Program
    model : CompressedModel
    shape : tuple of int
        Batch and time.
    threads : int
    busy : ``int32_t *``
        Shared by the bindings of a session.
    codes : bool
        Whether arrays are int16 codes instead of float32.

    Attributes
    ----------
    call : ``struct lstm_call *``
    kernel : str
    threads : int
        That the call is divided among.
    """

    def __init__(self, library, kernel, program, model, shape, threads, busy, codes=False):
        batch, time = shape
        self.kernel = library.ffi.string(kernel.name).decode()
        self._ffi, self._program, self._kept = library.ffi, program, [busy]
        sizes = model.hidden_sizes
        offsets = {
            "x_offset": _offsets(model.input_sizes, batch * time),
            "out_offset": _offsets(sizes, batch * time),
            "state_offset": _offsets(sizes, batch),
        }
        batches, scratch, most = [], [], 1
        for group, structure, weights in zip(
            program.groups, program.structures, program.step_bytes
        ):
            columns = batch * len(group.members)
            by_rows = columns == 1 and weights >= _ROWS_BYTES
            shares = threads if by_rows else min(threads, columns)
            of_members = {n: self._array(at[group.members]) for n, at in offsets.items()}
            step = columns * 16 * structure.units  # bytes of sums
            one = self._new(
                "struct lstm_batch *",
                {
                    "batch": batch,
                    "time": time,
                    "chunk": max(1, min(time, _CHUNK_BYTES // step)),
                    "codes": codes,
                    "by_rows": by_rows and shares > 1,
                    **of_members,
                },
            )
            room = library.lib.lstm_scratch_bytes(structure, one, shares)
            scratch.append(self._array(aligned(np.zeros(room, np.uint8))))
            batches.append(one)
            most = max(most, shares)
        self.threads = most
        self.call = self._new(
            "struct lstm_call *",
            {
                "kernel": kernel,
                "groups": len(batches),
                "threads": most,
                "group": program.pointers,
                "batch": self._new("struct lstm_batch *[]", batches),
                "scratch": self._new("uint8_t *[]", scratch),
                "state_bytes": batch * sum(sizes) * (2 if codes else 4),
                "busy": busy,
            },
        )

    def of_lengths(self, lengths):
        """A copy for sequences of these lengths, (batch,) int; all else is shared."""
        binding = copy(self)
        binding._kept = [self]
        order = np.argsort(-lengths, kind="stable")
        arrays = [binding._array(a.astype(np.int32)) for a in (order, lengths[order])]
        binding.call, batches = self.own_call(), []
        for k in range(self.call.groups):
            one = binding._new("struct lstm_batch *", self.call.batch[k][0])
            one.order, one.lengths = arrays
            batches.append(one)
        binding.call.batch = binding._new("struct lstm_batch *[]", batches)
        return binding

    def own_call(self):
        """A copy of `call`, for a run whose counts no other run may change; all else is shared."""
        return self._ffi.new("struct lstm_call *", self.call[0])

    @staticmethod
    def ran(call):
        """`Ran` of the last run of `call`, or of a copy of it."""
        return Ran(dict(zip(KINDS, call.counts)), call.seconds)

    def warn_above(self, values, share):
        """Have calls return 1 where more than a share of the values of one kind was clipped.

        Parameters
        ----------
        values : dict
            By kind, how many there are.
        share : float
        """
        most = [int(share * values[kind]) for kind in KINDS]
        most[KINDS.index("pre")] = np.iinfo(np.int64).max  # counted, never warned of
        self.call.most = [*most, 0]

    def _array(self, array):
        self._kept.append(c_array(self._ffi, np.ascontiguousarray(array)))
        return self._kept[-1]

    def _new(self, *arguments):
        self._kept.append(self._ffi.new(*arguments))
        return self._kept[-1]


def _offsets(sizes, elements):
    """Where each model's part of a flat array begins, (models,) int64."""
    return (np.cumsum((0, *sizes[:-1])) * elements).astype(np.int64)
