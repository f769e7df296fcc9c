"""Resources and energy of a dense design, by the blocks and the constants of the other engines."""

from pynq_lstm.accelerator import leaf_blocks as leaf
from pynq_lstm.accelerator.design_common import GATES
from pynq_lstm.accelerator.energy import PJ_PER_NJ, operation_pj
from pynq_lstm.accelerator.energy_activity import GATE_BITS, SUM_BITS
from pynq_lstm.accelerator.resource_item import Item, from_block
from pynq_lstm.accelerator.resource_logic import (
    ASSUMED,
    CHECK_DSPS,
    CHECK_FFS,
    CHECK_LUTS,
    CHECKS,
    SIGMA_DSPS,
)

STATE_BITS = 16


def items(design):
    """Lines of the estimate: those of the arrays and of sigma, then what is around them."""
    row = leaf.PACKED_ROW
    elements = design.input.dsp + design.hidden.dsp
    own = [
        from_block("arrays", elements, elements, row.lut / row.dsp, row.ff / row.dsp),
        from_block(
            "sigma",
            design.sigma_units,
            SIGMA_DSPS * design.sigma_units,
            leaf.SIGMA_UNIT.lut,
            leaf.SIGMA_UNIT.ff,
        ),
    ]
    return own, [*ASSUMED, Item(*CHECKS, CHECK_DSPS, CHECK_LUTS, CHECK_FFS, "assumed")]


def resources(design, bits):
    """What a `Candidate` tells: memories are those of resident weights, elements are DSPs.

    LUTs and flip-flops of an element are those of the block-diagonal engine's packed row, which
    also splits the products of a DSP and sums them.
    """
    own, around = items(design)
    lines = [*own, *around]
    weights = sum(part.macs() * bits for part in (design.input, design.hidden))
    return {
        "dsp": design.dsp,
        "bram36": design.residency.bram36,
        "uram": design.residency.uram,
        "memory_bits": weights - design.streamed,
        "lut": tuple(sum(item.lut[k] for item in lines) for k in range(2)),
        "ff": tuple(sum(item.ff[k] for item in lines) for k in range(2)),
    }


def energy(design, bits, activation_bits, clock_mhz, units, constants):
    """Nanojoules of a step of all LSTMs: the terms of docs/accelerator_energy.md.

    Parameters
    ----------
    design : SystolicDesign
    bits, activation_bits : int
    clock_mhz : float
    units : int
        Hidden units of all LSTMs.
    constants : EnergyConstants

    Returns
    -------
    float
    """
    fabric = constants.fabric_dsp
    product = operation_pj((bits, activation_bits), SUM_BITS, constants, fabric)
    sigma = operation_pj(
        (GATE_BITS, GATE_BITS), SUM_BITS * (1 + 2 * GATES / SIGMA_DSPS), constants, fabric
    )
    parts = (design.input, design.hidden)
    macs = sum(part.macs() for part in parts)
    operations = macs * product + units * SIGMA_DSPS * sigma
    memory = _memory(design, bits, activation_bits, units, constants)
    # of a cycle in which everything is at work
    lanes = sum(part.dsp * part.packed for part in parts)
    full = lanes * product + SIGMA_DSPS * design.sigma_units * sigma
    full += memory / max(part.cycles for part in parts)
    share = constants.clock_share
    own, around = items(design)
    beside = _flip_flops(around) / _flip_flops(own)
    clock = share / (1 - share) * full * (1 + beside) * design.cycles
    dram = design.traffic * 8 * constants.dram
    static = constants.static * design.cycles / clock_mhz * 1000
    return (operations + memory + clock + dram) / PJ_PER_NJ + static


def _memory(design, bits, activation_bits, units, constants):
    """pJ: resident weights once, streamed ones in and out of a buffer, x once a pass and array."""
    small, large = constants.small_memory, constants.large_memory
    weights = sum(part.macs() * bits for part in (design.input, design.hidden))
    kept = weights - design.streamed
    in_uram = kept * design.residency.uram_share
    x = sum(GATES * part.cycles * part.groups for part in (design.input, design.hidden))
    states = 2 * STATE_BITS * units
    rest = kept - in_uram + 2 * design.streamed + x * activation_bits + states
    return in_uram * large + rest * small


def _flip_flops(lines):
    return sum(sum(item.ff) for item in lines)
