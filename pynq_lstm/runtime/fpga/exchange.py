"""What goes to the kernel and comes back for one shape of a call, worked out once.

`pynq_lstm.accelerator.buffers` says where every value lies. Asking it takes longer than a short
run; but for a given model, lengths and kind of state the places are the same in every call. So
they are learnt once: numbers go through `buffers` in place of values, digit by digit, and where
they come out is where the values belong. A call then is one indexed copy for each array.
"""

from collections import OrderedDict

import numpy as np

from pynq_lstm.accelerator import buffers
from pynq_lstm.accelerator.design import BEAT
from pynq_lstm.reference import IntegerResult

BASE = 100  # of the digits, which are written as 1 to 100: positive in a byte
LARGEST = 1 << 17  # values of a shape that is learnt; above, the conversion is not what takes long
SHAPES = 16  # that are remembered


class Exchanges:
    """The shapes that were used last.

    Parameters
    ----------
    image : Image
    """

    def __init__(self, image):
        self._image, self._known = image, OrderedDict()

    def of(self, lengths, time, given, kept):
        """The `Exchange` of a call; see there."""
        key = lengths.tobytes(), time, given, kept
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = Exchange(self._image, lengths, time, given, kept)
            if len(self._known) > SHAPES:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        return found


class Exchange:
    """Input and output of RUN for sequences of given lengths.

    Parameters
    ----------
    image : Image
    lengths : ndarray, (batch,), int
    time : int
        Steps of x and of the result.
    given, kept : bool
        Whether states come from memory, and go there.

    Attributes
    ----------
    lengths : ndarray, (batch,), int
    in_beats, out_beats : int
    kept : bool
    """

    def __init__(self, image, lengths, time, given, kept):
        self._image, self.lengths, self._time = image, lengths, time
        self._given, self.kept = given, kept
        self.in_beats = buffers.input_beats(image, lengths, given)
        self.out_beats = buffers.output_beats(image, lengths, kept)
        self._uses, self._input, self._output = 0, None, None

    def write(self, area, x, h, c):
        """Put an input into the beats of an area.

        Parameters
        ----------
        area : ndarray, (beats, 16), uint8
            With room for `in_beats`.
        x, h, c : list of ndarray, int
            As `buffers.run_input` takes them; h and c are not looked at unless states are given.
        """
        self._uses += 1
        if self._uses == 2 and max(self.in_beats, self.out_beats) * BEAT <= LARGEST:
            self._learn()  # a shape that comes once is not worth it
        if self._input is None:
            area[: self.in_beats] = self._run_input(x, h, c)
            return
        template, places = self._input
        area[: self.in_beats] = template
        words = area[: self.in_beats].reshape(-1)
        for values, (width, where, which) in zip((*x, *h, *c) if self._given else x, places):
            if values is None:  # no input of its own
                continue
            flat = values.reshape(-1)
            words.view(f"<i{width}")[where] = flat if which is None else flat[which]

    def read(self, raw):
        """The `IntegerResult` in an output, ndarray, (out_beats, 16), uint8."""
        if self._output is None:
            return buffers.run_output(self._image, raw, self.lengths, self._time, self.kept)
        sides = []
        for side in self._output:
            arrays = []
            for width, where, mask in side:
                values = raw.reshape(-1).view(f"<i{width}")[where].astype(np.int16)
                arrays.append(values if mask is None else values * mask)
            sides.append(arrays)
        return IntegerResult(*sides, dict(self.report(raw).saturated))

    def report(self, raw):
        """The `RunReportBeat` behind an output."""
        return buffers.read_report(raw[self.out_beats - 1])

    def _run_input(self, x, h, c):
        return buffers.run_input(self._image, x, h, c, self.lengths, self._given)

    def _learn(self):
        self._input, self._output = self._learn_input(), self._learn_output()

    def _learn_input(self):
        """The input of zeros, and for each array (width, where in memory, which elements)."""
        plan, batch = self._image.plan, len(self.lengths)
        external = [plan.pairs[k].external_size(lane) for k, lane in plan.members]
        shapes = [(batch, self._time, size) for size in external]
        wide = self._image.design.activation_bytes
        widths = [wide] * len(shapes)
        if self._given:
            states = [(batch, size) for size in plan.hidden_sizes()]
            widths += [wide] * len(states) + [2] * len(states)
            shapes += states * 2
        sizes = [int(np.prod(shape)) for shape in shapes]
        starts = np.cumsum([0, *sizes])
        template = self._probe_input([np.zeros(shape, np.int64) for shape in shapes])
        number = np.full(template.shape, -1)
        for place, digit in enumerate(_digits(starts[-1])):
            arrays = [digit[a:b].reshape(shape) for a, b, shape in zip(starts, starts[1:], shapes)]
            found = self._probe_input(arrays) - template
            number = np.where(found > 0, np.maximum(number, 0) + (found - 1) * BASE**place, number)
        places = []
        for a, b, width in zip(starts, starts[1:], widths):
            where = np.flatnonzero((number >= a) & (number < b))
            which = number[where] - a
            whole = np.array_equal(which, np.arange(b - a))
            places.append((width, where // width, None if whole else which))
        return template.astype(np.uint8).reshape(-1, BEAT), places

    def _probe_input(self, arrays):
        count = len(self._image.plan.members)
        x, h, c = (arrays[n * count : (n + 1) * count] for n in range(3))
        return self._run_input(x, h, c).reshape(-1).astype(np.int64)

    def _learn_output(self):
        """For out, h and c: (width, where in memory, what is valid) of each array."""
        size = self.out_beats * BEAT
        sides = None
        for place, digit in enumerate(_digits(size)):
            raw = digit.astype(np.uint8).reshape(-1, BEAT)
            result = buffers.run_output(self._image, raw, self.lengths, self._time, self.kept)
            # of a value of two bytes the lower one tells where it begins
            found = [[(a.astype(np.int64) & 0xFF) - 1 for a in s] for s in _sides(result)]
            if sides is None:
                sides = found
            else:
                sides = [[a + b * BASE**place for a, b in zip(*pair)] for pair in zip(sides, found)]
        wide = self._image.design.activation_bytes
        return [
            [_gather(array, width) for array in side] for side, width in zip(sides, (wide, wide, 2))
        ]


def _gather(offsets, width):
    valid = offsets >= 0  # where no step was, every digit is a zero and the sum is negative
    mask = None if valid.all() else valid.astype(np.int16)
    return width, np.where(valid, offsets, 0) // width, mask


def _sides(result):
    return result.out, result.h, result.c


def _digits(count):
    """The numbers 0 to count - 1, digit by digit, the lowest first; each digit 1 to `BASE`."""
    numbers, digits = np.arange(count), []
    while not digits or numbers.any():
        digits.append(numbers % BASE + 1)
        numbers = numbers // BASE
    return digits
