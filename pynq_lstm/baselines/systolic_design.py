"""The best dense design of eight systolic arrays: DSPs, residence of weights, time of a step."""

from dataclasses import dataclass
from functools import cache, partial
from numbers import Integral

import numpy as np

from pynq_lstm.accelerator.latencies import Latencies
from pynq_lstm.accelerator.resource_logic import CHECK_DSPS, SIGMA_DSPS
from pynq_lstm.accelerator.roofline import GIGA
from pynq_lstm.baselines import residency, systolic
from pynq_lstm.baselines.residency import Residency
from pynq_lstm.baselines.systolic import Part
from pynq_lstm.errors import InputError

SIGMA_UNITS = (1, 2, 4, 8, 16, 32, 64)  # hidden units a cycle
WEIGHT_BITS, ACTIVATION_BITS = (2, 4, 8, 16), (8, 16)


@dataclass(frozen=True)
class SystolicDesign:
    """A dense design and what a step of all LSTMs takes on it.

    Attributes
    ----------
    input, hidden : Part
    sigma_units : int
    residency : Residency
    streamed : float
        Bits of weights a step from the board's memory.
    traffic : float
        Bytes a step from and to it, x and h included.
    feedback : float
        Cycles from h to h of the LSTM whose loop is the longest.
    cycles : float
        Of a step: the longest of its parts.
    limit : str
    """

    input: Part
    hidden: Part
    sigma_units: int
    residency: Residency
    streamed: float
    traffic: float
    feedback: float
    cycles: float
    limit: str

    @property
    def dsp(self):
        """Arrays, sigma, and the checks of commands that every kernel here has."""
        return self.input.dsp + self.hidden.dsp + SIGMA_DSPS * self.sigma_units + CHECK_DSPS


def best(sizes, device, clock_mhz, dsp, bits=8, activation_bits=8, call_cycles=0):
    """The design that takes least time; of several, one with fewest DSPs.

    Parameters
    ----------
    sizes : sequence of (int, int)
    device : Device
    clock_mhz : float
    dsp, bits, activation_bits, call_cycles : int

    Returns
    -------
    SystolicDesign
    """
    for name, value, known in (
        ("bits", bits, WEIGHT_BITS),
        ("activation_bits", activation_bits, ACTIVATION_BITS),
    ):
        if value not in known or isinstance(value, bool):
            raise InputError(
                name, value, "not modelled", f"use one of {', '.join(map(str, known))}"
            )
    if not isinstance(call_cycles, Integral) or isinstance(call_cycles, bool) or call_cycles < 0:
        raise InputError("call_cycles", call_cycles, "not a whole number", "use 0 or more")
    packed = device.products(max(bits, activation_bits))
    inputs, hidden = zip(*sizes)
    kept = cache(lambda parts: residency.best(parts, bits, device))
    moved = sum(map(sum, sizes)) * activation_bits / 8
    found = None
    for units in SIGMA_UNITS:
        left = dsp - SIGMA_DSPS * units - CHECK_DSPS - systolic.ARRAYS
        back = partial(_feedback, packed, hidden, call_cycles, units)
        fronts = [
            systolic.front(lengths, hidden, packed, left, call_cycles, waits)
            for lengths, waits in ((inputs, None), (hidden, back))
        ]
        if not all(fronts):
            continue
        for parts in _balanced(fronts, units, left + systolic.ARRAYS):
            made = _design(parts, units, kept(parts), moved, bytes_a_cycle(device, clock_mhz))
            if found is None or (made.cycles, made.dsp) < (found.cycles, found.dsp):
                found = made
            if computing(parts, units)[0] > found.cycles:
                break  # what follows computes longer
    if found is None:
        least = 2 * systolic.ARRAYS + SIGMA_DSPS + CHECK_DSPS
        raise InputError("dsp", dsp, f"less than {least}: an element an array", f"use {least}")
    return found


def _balanced(fronts, units, dsp):
    """Pairs of parts, the fastest first: each the smallest that keeps up with the other."""
    taken = [
        [(part.cycles, part) for part in reversed(fronts[0])],
        [(computing((part, part), units)[0], part) for part in reversed(fronts[1])],
    ]
    for period in sorted({cycles for own in taken for cycles, _ in own}):
        pair = [next((part for cycles, part in own if cycles <= period), None) for own in taken]
        if all(pair) and sum(part.dsp for part in pair) <= dsp:
            yield tuple(pair)


def computing(parts, units):
    """Cycles of a step without the board's memory, and what sets them; feedback of a step."""
    own, hidden = parts
    sigma = sum(-(-count // units) for count in hidden.hidden)
    loops = (
        depth + hidden.call + _stall(hidden.packed, count, units, hidden.rows, hidden.groups, max)
        for depth, count in zip(hidden.depths, hidden.hidden)
    )
    feedback = int(max(loops))
    told = {"input_part": own.cycles, "hidden_part": hidden.cycles, "sigma": sigma}
    told["feedback"] = feedback
    limit = max(told, key=told.get)
    return told[limit], limit, feedback


def _feedback(packed, hidden, call, units, rows, groups):
    """The feedback of `computing` of many shapes, (rows, groups), of hidden parts."""
    found = [
        -(-count // (rows * packed)) * -(-count // groups)
        + call
        + _stall(packed, count, units, rows, groups)
        for count in set(hidden)
    ]
    return np.max(found, axis=0)


def _stall(packed, count, units, rows, groups, most=np.maximum):
    """Cycles that the first pass of a step waits for the h of the last pass of the step before.

    Sums of a pass come at its end, and go through sigma in turn, `units` a cycle; h is taken in
    order, `groups` a cycle, so that what comes last is needed last. Of one shape with ints and
    ``most=max``.
    """
    outputs = -most(-rows * packed, -count)
    passes, columns = -(-count // outputs), -(-count // groups)
    late = count - (passes - 1) * outputs
    # sigma begins with the last pass at its end, or when it is through with those before
    waits = most(0, (passes - 1) * (-(-outputs // units) - columns))
    behind = waits + systolic.latency(rows, groups) + _sigma_depth() + 1
    first = behind - (count - late) // groups
    last = behind + (late - 1) // units - (count - 1) // groups
    return most(0, most(first, last))


@cache
def _sigma_depth():
    return Latencies.load().depth("step_tiles")


def _design(parts, units, kept, moved, bytes_a_cycle):
    cycles, limit, feedback = computing(parts, units)
    stays, streamed = kept
    traffic = moved + streamed / 8
    moving = traffic / bytes_a_cycle
    return SystolicDesign(
        input=parts[0],
        hidden=parts[1],
        sigma_units=units,
        residency=stays,
        streamed=streamed,
        traffic=traffic,
        feedback=feedback,
        cycles=float(max(cycles, moving)),
        limit="memory" if moving > cycles else limit,
    )


def bytes_a_cycle(device, clock_mhz):
    """Of the board's memory, as far as it is reckoned with."""
    return device.usable_bytes_a_second / GIGA * 1000 / clock_mhz
