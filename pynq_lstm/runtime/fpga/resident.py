"""A stream whose h and c stay on chip from step to step."""

import numpy as np

from pynq_lstm.accelerator import states
from pynq_lstm.accelerator.design import BEAT
from pynq_lstm.accelerator.native import Command
from pynq_lstm.runtime.fpga.harmless import StateLostError
from pynq_lstm.runtime.fpga.job import RESIDENT

STATE_SECONDS = 1e-4  # generous; the deadline is 50 ms


class ResidentStream:
    """One sequence, one step a call.

    The kernel has one resident state. Another run overwrites it: the board then asks for `save`
    first, and the next step writes it back.

    Parameters
    ----------
    backend : FpgaBackend
    refinements : int
    """

    def __init__(self, backend, refinements):
        self.backend, self._refinements = backend, refinements
        self._board, self._image = backend.board, backend.image
        self._beats = None  # of the state, where it is not on chip; None: zero
        self._lost = False

    def step(self, x):
        """Run one step.

        Parameters
        ----------
        x : list of ndarray, (input,), int

        Returns
        -------
        IntegerResult
            `out` is a list of (1, 1, hidden); h and c stay on chip.
        """
        with self._board.turn():
            self._enter()
            one = [a[None, None] for a in x], None, None, np.ones(1, np.int64), self._refinements
            job = self.backend.prepare(*one, state=RESIDENT)
            self.backend.start(job)
            job.take()
        self.backend.timing = job.timing
        return job.decode()

    def read_state(self):
        """(h, c), lists of (hidden,) codes."""
        with self._board.turn():
            if self._board.resident is self:
                self._board.settle()
                beats = self._read()
            else:
                self._check()
                beats = self._beats
            if beats is None:
                beats = np.zeros((states.state_beats(self._image), BEAT), np.uint8)
        return tuple([a[0] for a in side] for side in states.unpack_state(self._image, beats[None]))

    def write_state(self, h, c):
        """Go on from (h, c), lists of (hidden,) codes."""
        self._replace(states.pack_state(self._image, [a[None] for a in h], [a[None] for a in c])[0])

    def reset(self):
        """Go on from zero."""
        self._replace(None)

    def close(self):
        """The state is not needed any more."""
        if not self._board.is_foreign():
            self._replace(None)

    def save(self):
        """Fetch the state from the chip; called by the board, in its turn."""
        self._beats = self._read()

    def lose(self):
        """The state could not be fetched before the kernel was reset."""
        self._lost = True

    def _enter(self):
        """Bring the state on chip."""
        board, backend = self._board, self.backend
        backend.own()
        if board.resident is self:
            return
        self._check()
        board.evict()
        if self._beats is None:
            board.commands.run(Command.RESET_STATE, STATE_SECONDS)
        else:
            area = backend.areas.source(0, len(self._beats))
            area.put(self._beats)
            area.flush()
            board.commands.run(
                Command.STATE_WRITE, STATE_SECONDS, source=(area.address, len(self._beats))
            )
        board.resident = self

    def _read(self):
        beats = states.state_beats(self._image)
        area = self.backend.areas.target(beats)
        self._board.commands.run(Command.STATE_READ, STATE_SECONDS, target=(area.address, beats))
        area.invalidate()
        return area.beats[:beats].copy()

    def _replace(self, beats):
        with self._board.exclusive():
            if self._board.resident is self:
                self._board.resident = None
            self._beats, self._lost = beats, False

    def _check(self):
        if self._lost:
            raise StateLostError(
                "state", "lost", "the kernel was reset", "reset() the stream or set its state"
            )
