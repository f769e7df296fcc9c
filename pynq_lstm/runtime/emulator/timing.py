"""How long a command would take on a board, modelled.

LOAD and RUN of an image that `Timing` knows take what `pynq_lstm.accelerator.cycles` says; what
else there is takes an estimate: a beat a cycle and a constant.
"""

from collections import OrderedDict

import numpy as np

from pynq_lstm.accelerator import cycles
from pynq_lstm.accelerator.buffers import wave_beats
from pynq_lstm.accelerator.design import BEAT
from pynq_lstm.accelerator.native import Command
from pynq_lstm.accelerator.states import state_beats

MEMORY, KEEP = 1, 4  # of the register `state`: bits 0-1, bit 2
_COMMAND = 200  # cycles of a command that does nothing; a guess
_STEP = 200  # cycles of a step of an image that is not known; a guess
_IMAGES, _RUNS = 32, 256  # that are remembered


class Timing:
    """Cycles of commands.

    An image is known by its CRC; `know` it before it is loaded.
    """

    def __init__(self):
        self._images, self._runs = OrderedDict(), OrderedDict()
        self._loaded = None  # CRC

    def know(self, image):
        """Remember an image; the oldest of too many is forgotten."""
        self._images[_crc(image.beats)] = image
        self._images.move_to_end(_crc(image.beats))
        if len(self._images) > _IMAGES:
            self._images.popitem(last=False)

    def cycles(self, arguments, given, results):
        """Cycles of a command that was just carried out.

        Parameters
        ----------
        arguments : sequence of int
            command, sequences, refinements, state, in_beats, out_beats.
        given : ndarray, (bytes,), uint8
            What it read.
        results : Registers

        Returns
        -------
        float
        """
        command = arguments[0]
        if results.status:
            return _COMMAND + len(given) // BEAT
        if command == Command.LOAD:
            self._loaded = _crc(given.reshape(-1, BEAT))
            known = self._images.get(self._loaded)
            return cycles.load_cycles(known) if known else _COMMAND + 2 * (len(given) // BEAT)
        if command == Command.RUN:
            known = self._images.get(self._loaded)
            if known:
                return self._run(known, arguments, given)
            work = results.u_words + results.v_words
            return _COMMAND + _STEP * results.steps + work + len(given) // BEAT + results.written
        return _COMMAND + len(given) // BEAT + results.written

    def _run(self, image, arguments, given):
        _, sequences, refinements, state, _, _ = arguments
        lengths = _lengths(image, given.view("<u4"), sequences, state)
        key = (self._loaded, refinements, state, lengths)
        if key not in self._runs:
            self._runs[key] = cycles.run_cycles(
                image, lengths, refinements, state & 3 == MEMORY, bool(state & KEEP)
            )
            if len(self._runs) > _RUNS:
                self._runs.popitem(last=False)
        self._runs.move_to_end(key)
        return self._runs[key]


def _crc(beats):
    """That of an image's header."""
    return int(np.ascontiguousarray(beats[1, 4:8]).view("<u4")[0])


def _lengths(image, words, sequences, state):
    """Lengths of the sequences of a RUN's input, uint32, (4 * beats,)."""
    own = 1 + (state_beats(image) if state & 3 == MEMORY else 0)
    per_wave, _ = wave_beats(image)
    lengths, beat = [], 0
    for _ in range(sequences):
        lengths.append(int(words[4 * beat]))
        beat += own + (lengths[-1] + image.plan.largest_lag) * per_wave
    return tuple(lengths)
