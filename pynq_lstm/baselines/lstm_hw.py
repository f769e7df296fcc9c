"""LSTM-HW: the dense network on eight systolic arrays, at its best, modelled.

Ribes et al. 2020 compare with "8 parallel 1-D systolic arrays"; what is not said there is chosen in
the baseline's favour: docs/models.md, "LSTM-HW".
"""

from dataclasses import dataclass
from functools import cache

from pynq_lstm.accelerator.energy_constants import NOMINAL
from pynq_lstm.accelerator.latencies import Latencies
from pynq_lstm.accelerator.resource_logic import CHECK_DSPS, SIGMA_DSPS
from pynq_lstm.accelerator.roofline import GIGA, gops
from pynq_lstm.baselines import residency, systolic
from pynq_lstm.baselines.dense_costs import energy, resources
from pynq_lstm.baselines.residency import Residency
from pynq_lstm.baselines.sizes import budget, of_network
from pynq_lstm.baselines.systolic import Part
from pynq_lstm.errors import InputError
from pynq_lstm.exploration.candidate import MODELLED, Candidate

SIGMA_UNITS = (1, 2, 4, 8, 16, 32, 64)  # hidden units a cycle
WEIGHT_BITS, ACTIVATION_BITS = (2, 4, 8, 16), (8, 16)
BIAS_BYTES = 4


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


def lstm_hw(
    network,
    device="zcu104",
    clock_mhz=None,
    dsp=None,
    bits=8,
    activation_bits=8,
    mse=0.0,
    constants=NOMINAL,
):
    """The best dense design of a network.

    Parameters
    ----------
    network : Network, CompressedModel or sequence of (int, int)
        Or (inputs, hidden) of every LSTM; all take a step together.
    device : str, path or Device
    clock_mhz : float, optional
        Default: the device's.
    dsp : int, optional
        The most. Default: all of the device.
    bits : int
        Of a weight: 2, 4, 8 or 16.
    activation_bits : int
        8 or 16.
    mse : float
        Of the weights, which their rounding loses; told, not computed.
    constants : EnergyConstants

    Returns
    -------
    Candidate
        `value` and `drop` are None.

    Raises
    ------
    DesignError
        An unknown device.
    InputError
        A network without LSTMs, widths that are not modelled, a budget that is none, or fewer
        DSPs than one for each array.
    """
    sizes = of_network(network)
    device, clock, dsp = budget(device, clock_mhz, dsp)
    design = best(sizes, device, clock, dsp, bits, activation_bits)
    microseconds, macs = design.cycles / clock, design.input.macs() + design.hidden.macs()
    units = sum(hidden for _, hidden in sizes)
    return Candidate(
        engine="lstm_hw",
        options={"method": "dense", "weight_bits": bits, "activation_bits": activation_bits},
        design=None,
        value=None,
        drop=None,
        mse=mse,
        bytes=-(-macs * bits // 8) + 4 * units * BIAS_BYTES,
        multiplications=macs,
        microseconds=microseconds,
        how=MODELLED,
        cycles=design.cycles,
        limit=design.limit,
        stages=_stages(design, device, clock, units),
        resources=resources(design),
        energy=energy(design, bits, activation_bits, clock, units, constants),
        intensity=2 * macs / design.traffic,
        gops=gops(macs, microseconds),
    )


def best(sizes, device, clock_mhz, dsp, bits=8, activation_bits=8):
    """The design that takes least time; of several, one with fewest DSPs.

    Parameters
    ----------
    sizes : sequence of (int, int)
    device : Device
    clock_mhz : float
    dsp, bits, activation_bits : int

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
    packed = device.products(max(bits, activation_bits))
    inputs, hidden = zip(*sizes)
    kept = cache(lambda parts: residency.best(parts, bits, device))
    moved = sum(map(sum, sizes)) * activation_bits / 8
    found = None
    for units in SIGMA_UNITS:
        left = dsp - SIGMA_DSPS * units - CHECK_DSPS - systolic.ARRAYS
        fronts = [systolic.front(lengths, hidden, packed, left) for lengths in (inputs, hidden)]
        if not all(fronts):
            continue
        for parts in _balanced(fronts, units, left + systolic.ARRAYS):
            made = _design(parts, units, kept(parts), moved, _bytes_a_cycle(device, clock_mhz))
            if found is None or (made.cycles, made.dsp) < (found.cycles, found.dsp):
                found = made
            if _computing(parts, units)[0] > found.cycles:
                break  # what follows computes longer
    if found is None:
        least = 2 * systolic.ARRAYS + SIGMA_DSPS + CHECK_DSPS
        raise InputError("dsp", dsp, f"less than {least}: an element an array", f"use {least}")
    return found


def _balanced(fronts, units, dsp):
    """Pairs of parts, the fastest first: each the smallest that keeps up with the other."""
    taken = [
        [(part.cycles, part) for part in reversed(fronts[0])],
        [(_computing((part, part), units)[0], part) for part in reversed(fronts[1])],
    ]
    for period in sorted({cycles for own in taken for cycles, _ in own}):
        pair = [next((part for cycles, part in own if cycles <= period), None) for own in taken]
        if all(pair) and sum(part.dsp for part in pair) <= dsp:
            yield tuple(pair)


def _computing(parts, units):
    """Cycles of a step without the board's memory, and what sets them; feedback of a step."""
    own, hidden = parts
    sigma = sum(-(-count // units) for count in hidden.hidden)
    feedback = max(
        depth + _stall(hidden, count, units) for depth, count in zip(hidden.depths, hidden.hidden)
    )
    told = {"input_part": own.cycles, "hidden_part": hidden.cycles, "sigma": sigma}
    told["feedback"] = feedback
    limit = max(told, key=told.get)
    return told[limit], limit, feedback


def _stall(hidden, count, units):
    """Cycles that the first pass of a step waits for the h of the last pass of the step before.

    The h of earlier passes are there; those of the last one come through sigma, `units` a cycle,
    and are taken last, `groups` a cycle.
    """
    outputs = min(hidden.rows * hidden.packed, count)
    late = (count - 1) % outputs + 1
    behind = hidden.latency + _sigma_depth()
    first = behind + 1 - (count - late) // hidden.groups
    last = behind + -(-late // units) - (count - 1) // hidden.groups
    return max(0, first, last)


@cache
def _sigma_depth():
    return Latencies.load().depth("step_tiles")


def _design(parts, units, kept, moved, bytes_a_cycle):
    computing, limit, feedback = _computing(parts, units)
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
        cycles=float(max(computing, moving)),
        limit="memory" if moving > computing else limit,
    )


def _bytes_a_cycle(device, clock_mhz):
    return device.usable_bytes_a_second / GIGA * 1000 / clock_mhz


def _stages(design, device, clock_mhz, units):
    return {
        "input_part": design.input.cycles,
        "hidden_part": design.hidden.cycles,
        "sigma": -(-units // design.sigma_units),
        "feedback": design.feedback,
        "memory": design.traffic / _bytes_a_cycle(device, clock_mhz),
    }
