"""Float32 of a network's surface to the codes of one plan of all its LSTMs, and back."""

from typing import NamedTuple, Optional, Tuple

import numpy as np

from pynq_lstm import numerics
from pynq_lstm.accelerator import stacks
from pynq_lstm.runtime import conversion
from pynq_lstm.wiring import names


class Reading(NamedTuple):
    """What of the external inputs an LSTM reads, and how fine.

    Attributes
    ----------
    parts : tuple of tuple of int
        Numbers of external inputs: parts are concatenated, those of a part added.
    scale : float
        Codes a unit.
    """

    parts: Tuple[Tuple[int, ...], ...]
    scale: float


class OneStartCodec:
    """As `conversion.Codec`; codes are lists in the order of `plan.members`.

    What is clipped is counted by LSTM: arrays by flat index.

    Parameters
    ----------
    network : CompressedNetwork
    plan : Plan
    flat : tuple of int
        As `stacks.of_network` returns both.
    """

    def __init__(self, network, plan, flat):
        self._bits, self._flat = network.activation_bits, flat
        self._fraction = network.activation_bits - 1  # of h
        self._place = {k: n for n, k in enumerate(flat)}
        held = [(plan.pairs[k].model, plan.pairs[k].members[lane]) for k, lane in plan.members]
        self._cells = [model.cell_fraction_bits[j] for model, j in held]
        self._readings = [_reading(network, k, *own) for k, own in zip(flat, held)]
        self._tops = [
            self._place[k]
            for k, lstm in enumerate(network.lstms)
            if lstm.layer == network.stacks[lstm.model].num_layers - 1
        ]
        self._routes = _that_may_clip(plan)

    def to_codes(self, x, h, c, lengths):
        """External inputs, and states by flat index, as codes, and what was clipped."""
        codes, clipped = self.x_codes(x)
        if clipped.any():
            valid = np.arange(x[0].shape[1]) < lengths[:, None]
            clipped = self.x_codes([a[valid] for a in x])[1]
        h, c, clipped_state = self.state_codes(h, c)
        return codes, h, c, {"x": clipped, "state": clipped_state}

    def x_codes(self, x):
        """External inputs, of any leading axes."""
        made, codes = {}, []
        clipped = np.zeros(len(self._flat), np.int64)
        for k, reading in zip(self._flat, self._readings):
            if reading is None:
                codes.append(np.zeros((*x[0].shape[:-1], 0), np.int64))
                continue
            if reading not in made:
                read = _put_together(reading.parts, x)
                made[reading] = numerics.quantise(read, reading.scale, self._bits)
            own, clipped[k] = made[reading]
            codes.append(own)
        return codes, clipped

    def state_codes(self, h, c):
        """States by flat index, of any leading axes."""
        clipped = np.zeros(len(self._flat), np.int64)
        sides = [], []
        for k, cell in zip(self._flat, self._cells):
            for side, given, fraction, bits in (
                (sides[0], h, self._fraction, self._bits),
                (sides[1], c, cell, numerics.CELL_BITS),
            ):
                own, count = conversion.one_state(given[k], 2.0**fraction, bits)
                side.append(own)
                clipped[k] += count
        return (*sides, clipped)

    def from_codes(self, result):
        """out of the top layers by model, h and c by flat index."""
        return self.hidden_values(result.out), *self.state_values(result.h, result.c)

    def hidden_values(self, codes):
        """Codes of h as float32, those of the top layers by model."""
        return [numerics.dequantise(codes[n], self._fraction) for n in self._tops]

    def state_values(self, h, c):
        """Codes of states as float32, by flat index."""
        h = [numerics.dequantise(own, self._fraction) for own in h]
        c = [numerics.dequantise(own, fraction) for own, fraction in zip(c, self._cells)]
        places = [self._place[k] for k in range(len(self._flat))]
        return tuple([side[n] for n in places] for side in (h, c))

    def saturated(self, clipped, result):
        """What left its range: the h that the kernel brought to x, too, which it does not count."""
        low, high = numerics.limits(self._bits)
        clipped = {**clipped, "x": clipped["x"].copy()}
        for n, (size, segments) in self._routes.items():
            x = np.zeros((*result.out[0].shape[:-1], size), np.int64)
            for source, segment in segments:
                part = slice(segment.start, segment.start + segment.length)
                codes = numerics.round_shift(result.out[source][..., part], segment.shift)
                x[..., segment.offset : segment.offset + segment.length] += codes
            clipped["x"][self._flat[n]] += np.count_nonzero((x < low) | (x > high))
        return {**clipped, **result.saturated}


def _reading(network, k, model, j) -> Optional[Reading]:
    expression = stacks.outside(network, k)
    if expression is None:
        return None
    parts = [[names.external_index(term.source) for term in part] for part in expression.parts]
    return Reading(tuple(map(tuple, parts)), model.x_inverse_scale[j])


def _put_together(parts, x):
    """What `wiring.gather` makes of external inputs at every step."""
    made = []
    for first, *others in parts:
        part = x[first]
        for other in others:
            part = part + x[other]
        made.append(part)
    return made[0] if len(made) == 1 else np.concatenate(made, axis=-1)


def _that_may_clip(plan):
    """By place in `members`: elements of x, and (place of the source, segment) of each h in it."""
    found = {}
    for n, (k, lane) in enumerate(plan.members):
        route = plan.pairs[k].routes[lane]
        hidden = [(plan.members.index(s.source), s) for s in route if s.source is not None]
        if any(s.shift < 0 for _, s in hidden) or len({s.offset for _, s in hidden}) < len(hidden):
            found[n] = plan.pairs[k].model.input_sizes[plan.pairs[k].members[lane]], hidden
    return found
