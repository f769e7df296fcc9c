"""What a wave makes each part of a kernel do: operations, and accesses to memories by name.

Widths are those of the design: a model of fewer bits toggles less, which is not credited.
"""

import math
from dataclasses import dataclass
from typing import Dict

from pynq_lstm.accelerator import buffers
from pynq_lstm.accelerator.design_common import GATES
from pynq_lstm.accelerator.resource_logic import SIGMA_DSPS, dot_bits
from pynq_lstm.model import PARTS

S_BITS, M_BITS, GATE_BITS, SUM_BITS, U_BITS = 16, 17, 16, 32, 8


@dataclass(frozen=True)
class Activity:
    """What a part does in a wave.

    Attributes
    ----------
    work : int
        Cycles in which it has a word, a tile or a slot.
    operations : int
        Products whose factors are present.
    full : int
        Products that it can make in a cycle.
    factors : (int, int)
        Bits of a product's factors.
    sum_bits : float
        Bits of the sums that go with a product.
    accesses : dict of str to int
        Reads and writes, of all copies, by the names of `kernel_memories`.
    """

    work: int
    operations: int
    full: int
    factors: tuple
    sum_bits: float
    accesses: Dict[str, int]


def parts(image, refinements, units):
    """Activities of the parts of an image's kernel.

    Parameters
    ----------
    image : Image
    refinements : int
    units : dict of str to Unit
        Of `wave_cycles`.

    Returns
    -------
    dict of str to Activity
    """
    design = image.design
    of_engine = {"svd": _svd, "block_diagonal": _block_diagonal}[design.engine]
    programs = [image.program(k, refinements) for k in range(len(image.pairs))]
    made = {}
    for side in PARTS:
        made.update(of_engine(image, programs, units, side))
    tiles = _tiles(image, "hidden")
    outputs = design.v_tile * design.lanes
    made["sigma"] = Activity(
        work=tiles,
        operations=tiles * outputs * SIGMA_DSPS,
        full=outputs * SIGMA_DSPS,
        factors=(GATE_BITS, GATE_BITS),
        sum_bits=SUM_BITS * (1 + 2 * GATES / SIGMA_DSPS),  # both parts' sums and the bias
        accesses={"sigma_unit.states": 2 * tiles, "sigma_unit.biases": tiles},
    )
    return made


def around(image):
    """Accesses to FIFOs and to the memories of route, by name: those that no part owns.

    Parameters
    ----------
    image : Image

    Returns
    -------
    dict of str to int
    """
    h, x = _tiles(image, "hidden"), _tiles(image, "input")
    read, written = buffers.wave_beats(image)
    collected = sum(own.h_tiles for own in image.pairs if own.collected)
    once = {  # written and read
        "memory": read,
        "beats": written,
        "feedback": h,
        "shown": h,
        "input_sums": h,
        "hidden_sums": h,
        "x": x,
        "x_external": sum(len(own.external) for own in image.pairs),
        "to_route": collected,
        "route.held": collected,
    }
    made = {name: 2 * count for name, count in once.items()}
    made["route.words"] = sum(own.route_words for own in image.pairs)
    return made


def _tiles(image, side):
    return sum(own.x_tiles if side == "input" else own.h_tiles for own in image.pairs)


def _block_diagonal(image, _, units, side):
    design, unit, tiles = image.design, units[f"{side}_part"], _tiles(image, side)
    columns = sum(
        getattr(pair.model, side).w[pair.members[0]].shape[1] for pair in image.plan.pairs
    )
    yield (
        f"{side}_scaling",
        Activity(
            work=tiles,
            operations=columns,
            full=design.units,
            factors=(design.activation_bits, M_BITS),
            sum_bits=design.activation_bits + M_BITS,  # rounding
            accesses={f"{side}_part.columns": tiles},
        ),
    )
    yield (
        f"{side}_part",
        Activity(
            work=unit.words,
            operations=unit.macs,
            full=unit.macs_a_cycle,
            factors=(design.weight_bits, design.p_bits),
            sum_bits=_tree(design.weight_bits + design.p_bits, design.columns),
            accesses={
                f"{side}_part.words": unit.words * design.slices,
                f"{side}_part.x": columns + unit.words * design.columns,
            },
        ),
    )


def _svd(image, programs, units, side):
    design, part = image.design, getattr(image.design, side)
    words = [getattr(program, side) for program in programs]
    lstms = [len(pair.lanes) for pair in image.plan.pairs]
    slots, lanes = sum(own.u.slots for own in words), GATES * part.v_lanes
    joined = "h" if side == "hidden" else None  # two tiles of h make one of the hidden part
    tiles = sum(len(own.u.takes) for own in words)
    u, v = units[f"{side}_u"], units[f"{side}_v"]
    accesses = {
        f"{side}_u.words": u.words * part.u_lanes,
        f"{side}_u.takes": u.words,
        f"{side}_u.x": (tiles + u.words) * part.u_lanes,
    }
    yield (
        f"{side}_u",
        Activity(
            work=u.words,
            operations=u.macs,
            full=u.macs_a_cycle,
            factors=(U_BITS, design.activation_bits),
            sum_bits=_tree(U_BITS + design.activation_bits, design.u_tile),
            accesses={**accesses, joined: 2 * tiles} if joined else accesses,
        ),
    )
    yield (
        f"{side}_s",
        Activity(
            work=slots,
            operations=sum(own.components * n for own, n in zip(words, lstms)),
            full=part.u_lanes * design.lanes,
            factors=(dot_bits(design), S_BITS),
            sum_bits=dot_bits(design) + S_BITS,  # rounding
            accesses={
                f"{side}_s.scalars": slots * part.u_lanes,
                f"{side}_dots": 2 * slots,
                f"{side}_ps": 2 * slots,
            },
        ),
    )
    yield (
        f"{side}_v",
        Activity(
            work=v.words,
            operations=v.macs,
            full=v.macs_a_cycle,
            factors=(U_BITS, design.p_bits),
            sum_bits=_tree(U_BITS + design.p_bits, part.v_lanes),
            accesses={
                f"{side}_v.words": v.words * lanes,
                f"{side}_v.lasts": v.words,
                f"{side}_v.p": slots * part.u_lanes * lanes + v.words * lanes,
            },
        ),
    )


def _tree(product_bits, summed):
    """Bits of sums a product: an adder tree, and an accumulator behind it."""
    return product_bits + math.ceil(math.log2(summed)) + SUM_BITS / summed
