"""Energy of a packed plan, modelled: docs/accelerator_energy.md has the equations and the sources.

    operations   products and sums of present factors, by their widths
    memory       accesses to memories and FIFOs on the chip, by bits
    clock        every part is clocked in every cycle, also in those without a word (`Cycles.idle`),
                 which gating its clock would save
    dram         beats from and to the board's memory
    static       the device's, times time

HLS gates no clock and nothing here does. Published energies of operations differ by a factor of
three between the processes around that of the part: `bounds` says what comes of that. Nothing was
synthesised or measured.
"""

from dataclasses import dataclass
from typing import Dict

from pynq_lstm.accelerator import buffers, energy_activity, kernel_memories, resource_logic
from pynq_lstm.accelerator.cycles import run_cycles, wave_cycles
from pynq_lstm.accelerator.design_common import BEAT
from pynq_lstm.accelerator.energy_constants import HIGH, LOW, NOMINAL, EnergyConstants
from pynq_lstm.accelerator.resources import LOGIC
from pynq_lstm.accelerator.timing.counts import prefix
from pynq_lstm.errors import InputError

PJ_PER_NJ = 1000


@dataclass(frozen=True)
class PartEnergy:
    """A part of the kernel, nanojoules.

    Attributes
    ----------
    work, idle : float
        Cycles with a word, a tile or a slot, and without.
    operations, memory, clock : float
        `clock` is that of all cycles.
    """

    work: float
    idle: float
    operations: float
    memory: float
    clock: float

    @property
    def idle_clock(self):
        """Of the clock, what idle cycles take: the most that gating it would save."""
        return self.clock * self.idle / (self.work + self.idle)

    @property
    def total(self):
        """Of the part, its clock not gated."""
        return self.operations + self.memory + self.clock


@dataclass(frozen=True)
class Energy:
    """Of a wave or a RUN, nanojoules.

    Attributes
    ----------
    cycles : float
    clock_mhz : float
    parts : dict of str to PartEnergy
        Block-diagonal: {input,hidden}_{scaling,part}, sigma; SVD: {input,hidden}_{u,s,v}, sigma.
    around_memory, around_clock : float
        FIFOs, routes, dispatch, ports: what no part owns and no gate could stop.
    dram : float
        Of the board's memory, outside of the device.
    static_watts : float
    """

    cycles: float
    clock_mhz: float
    parts: Dict[str, PartEnergy]
    around_memory: float
    around_clock: float
    dram: float
    static_watts: float

    @property
    def microseconds(self):
        """At the clock."""
        return self.cycles / self.clock_mhz

    @property
    def dynamic(self):
        """Of the device."""
        own = sum(part.total for part in self.parts.values())
        return own + self.around_memory + self.around_clock

    @property
    def static(self):
        """Of the device."""
        return self.static_watts * self.microseconds * 1000

    @property
    def total(self):
        """Of device and memory, no clock gated."""
        return self.dynamic + self.static + self.dram

    @property
    def gating_saves(self):
        """At most, if the clock of every part were gated while it has no word."""
        return sum(part.idle_clock for part in self.parts.values())

    @property
    def gated(self):
        """`total` without that."""
        return self.total - self.gating_saves

    @property
    def watts(self):
        """Of the device while it computes, no clock gated; the board's memory is not in it."""
        return (self.dynamic + self.static) / (1000 * self.microseconds)

    @property
    def gated_watts(self):
        """The same with the clocks of all idle parts gated."""
        return self.watts - self.gating_saves / (1000 * self.microseconds)

    def to_json(self):
        """As a dict, its terms and sums in nanojoules and watts."""
        terms = {
            "operations": sum(part.operations for part in self.parts.values()),
            "memory": sum(part.memory for part in self.parts.values()) + self.around_memory,
            "clock": sum(part.clock for part in self.parts.values()) + self.around_clock,
            "static": self.static,
            "dram": self.dram,
            "total": self.total,
            "clock_gating_would_save_at_most": self.gating_saves,
        }
        idle = {name: part.idle_clock for name, part in self.parts.items()}
        return {
            **{f"{name}_nj": value for name, value in terms.items()},
            "idle_clock_nj": idle,
            "watts": self.watts,
            "watts_if_clocks_were_gated": self.gated_watts,
        }


def wave_energy(image, refinements=None, latencies=None, constants=NOMINAL):
    """Model a wave in steady state: a step of every LSTM.

    Parameters
    ----------
    image : Image
    refinements : int, optional
        The prefix that is asked for; default: the longest.
    latencies : Latencies, optional
    constants : EnergyConstants, optional

    Returns
    -------
    Energy

    Raises
    ------
    InputError
        A prefix that no RUN takes, or constants that are none.
    """
    cycles = wave_cycles(image, refinements, latencies)
    beats = sum(buffers.wave_beats(image))
    return _energy(image, refinements, cycles.units, cycles.wave, 1, beats, constants)


def run_energy(image, lengths, refinements=None, latencies=None, constants=NOMINAL):
    """Model a RUN of sequences that begin at zero: an inference.

    Parameters
    ----------
    image : Image
    lengths : sequence of int
    refinements, latencies, constants
        As for `wave_energy`.

    Returns
    -------
    Energy

    Raises
    ------
    InputError
        No sequence, a length or prefix that no RUN takes, or constants that are none.
    """
    cycles = run_cycles(image, lengths, refinements, latencies=latencies)
    units = wave_cycles(image, refinements, latencies).units
    waves = sum(int(length) + image.plan.largest_lag for length in lengths)
    beats = buffers.input_beats(image, lengths, state=False)
    beats += buffers.output_beats(image, lengths, state=False)
    return _energy(image, refinements, units, cycles, waves, beats, constants)


def bounds(model, *arguments, **named):
    """What `wave_energy` or `run_energy` say with the lower and with the higher constants.

    Parameters
    ----------
    model : callable
        One of the two; then what it takes, without constants.

    Returns
    -------
    (Energy, Energy)
        Constants of 7 nm and of 45 nm; no bounds in a stricter sense.
    """
    return tuple(model(*arguments, constants=constants, **named) for constants in (LOW, HIGH))


def operation_pj(factors, sum_bits, constants, fabric=1.0):
    """A product with its sums.

    Parameters
    ----------
    factors : (int, int)
        Bits of the factors.
    sum_bits : float
        Bits of the sums that go with a product.
    constants : EnergyConstants
    fabric : float
        FPGA over ASIC.

    Returns
    -------
    float
        Picojoules.
    """
    return fabric * (constants.product * factors[0] * factors[1] + constants.sum * sum_bits)


def _energy(image, refinements, units, cycles, waves, beats, constants):
    if not isinstance(constants, EnergyConstants):
        raise InputError("constants", constants, "no EnergyConstants", "pass NOMINAL, LOW or HIGH")
    design, refinements = image.design, prefix(refinements)
    per_bit = _access_pj(design, constants)
    lut = getattr(design, "multipliers", "dsp") == "lut"
    fabric = constants.fabric_lut if lut else constants.fabric_dsp
    made, clocked = {}, 0.0
    for name, own in energy_activity.parts(image, refinements, units).items():
        each = operation_pj(own.factors, own.sum_bits, constants, fabric)
        memory = sum(per_bit[what] * count for what, count in own.accesses.items())
        # of a cycle in which all of it is at work
        full = own.full * each + memory / own.work
        clock = constants.clock_share / (1 - constants.clock_share) * full
        clocked += clock
        work = own.work * waves
        made[name] = PartEnergy(
            work=work,
            idle=cycles - work,
            operations=own.operations * each * waves / PJ_PER_NJ,
            memory=memory * waves / PJ_PER_NJ,
            clock=clock * cycles / PJ_PER_NJ,
        )
    around = sum(per_bit[what] * n for what, n in energy_activity.around(image).items())
    return Energy(
        cycles=cycles,
        clock_mhz=design.clock_mhz,
        parts=made,
        around_memory=around * waves / PJ_PER_NJ,
        around_clock=clocked * _around_share(design) * cycles / PJ_PER_NJ,
        dram=beats * 8 * BEAT * constants.dram / PJ_PER_NJ,
        static_watts=constants.static,
    )


def _access_pj(design, constants):
    """pJ of an access to each memory and FIFO."""
    memories = [*kernel_memories.arrays(design), *kernel_memories.fifos(design)]
    return {m.name: m.width * constants.memory(m.implementation) for m in memories}


def _around_share(design):
    """Flip-flops around the parts over those in them, which the clock of the latter stands for."""
    count = [
        sum(sum(item.ff) for item in items)
        for items in (resource_logic.surroundings(design), LOGIC[design.engine].units(design))
    ]
    return count[0] / count[1]
