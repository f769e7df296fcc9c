"""An SVD engine for one LSTM at a time.

The kernel's lanes serve pairs: two LSTMs share a u or a v, and with it a DSP. An engine for single
LSTMs packs two elements of u that share an x, and two of v that share a p, instead: the same
products a DSP, so that it has as many lanes of one LSTM for half the DSPs of a kernel with as many
lanes of two. Its schedule is that of the kernel with the second lane empty, its memories are those
of one lane. Nothing of it is built.
"""

from dataclasses import dataclass, fields, replace

from pynq_lstm.accelerator import kernel_memories, resource_logic
from pynq_lstm.accelerator.cycles import Cycles
from pynq_lstm.accelerator.design import LANES, Design, PartDesign
from pynq_lstm.accelerator.design_checks import U16
from pynq_lstm.accelerator.energy import wave_energy
from pynq_lstm.accelerator.packing.image import Image
from pynq_lstm.model import PARTS
from pynq_lstm.tiles import tile_count

MOST_SLOTS, MOST_ROUTE_WORDS = 16, 512
MOST_U_LANES = 16
ROUNDED = 16  # words of memories are rounded up to, the fewest that explored designs have


@dataclass(frozen=True)
class OneLane(Design):
    """A design whose biases, states, operands and FIFOs are those of one LSTM, not of a pair."""

    lanes = 1

    @classmethod
    def of(cls, design):
        """The same sizes."""
        return cls(**{one.name: getattr(design, one.name) for one in fields(design)})


@dataclass(frozen=True, eq=False)
class SingleEngine:
    """An engine, what is packed for it, and what a step of its LSTMs takes.

    Attributes
    ----------
    image : Image
        Of the kernel whose second lane is empty; its memories are as deep as they must be.
    cycles : Cycles
    """

    image: Image
    cycles: Cycles

    @property
    def dsp(self):
        """Without the checks of commands."""
        return units_dsp(self.image.design)

    def energy(self, constants):
        """nJ of a step without static power: (computing, the board's memory).

        The clock is that of one lane: half of what the kernel with two has.
        """
        found = wave_energy(self.image, constants=constants)
        clock = sum(part.clock for part in found.parts.values()) + found.around_clock
        return found.dynamic - clock / LANES, found.dram

    @property
    def memories(self):
        """Memories and FIFOs of one lane, without the adapters that engines have in common."""
        design = OneLane.of(self.image.design)
        return [*kernel_memories.arrays(design), *kernel_memories.fifos(design)]

    def logic(self):
        """LUTs and flip-flops without LUTs that store bits: (of the engine, of what is around)."""
        around = resource_logic.surroundings(OneLane.of(self.image.design))
        units = resource_logic.units(self.image.design)
        return _logic(units, LANES), _logic(around, 1)


def _logic(items, lanes):
    return {
        kind: tuple(sum(getattr(item, kind)[k] for item in items) / lanes for k in range(2))
        for kind in ("lut", "ff")
    }


def units_dsp(design):
    """DSPs of the units of an engine of one lane."""
    return sum(item.dsp for item in resource_logic.units(design)) // LANES


def of_lanes(plan, tile, clock_mhz, part, lanes):
    """The design of so many lanes by (side, unit), its memories as deep as the kernel counts.

    Those that are not given are as many of U as there can be, and one of V.
    """
    first = plan.pairs[0].model
    inputs, hidden = (
        tile_count(max(getattr(pair, name) for pair in plan.pairs), tile) * tile
        for name in ("inputs", "hidden")
    )
    sides = {
        side: PartDesign(
            lanes.get((side, "u"), MOST_U_LANES), lanes.get((side, "v"), 1), U16, U16, U16
        )
        for side in PARTS
    }
    return Design(
        name="svd1_hw",
        version=1,
        part=part,
        clock_mhz=clock_mhz,
        activation_bits=first.activation_bits,
        p_bits=max(pair.model.p_bits for pair in plan.pairs),
        u_tile=tile,
        v_tile=tile // 2,
        max_inputs=inputs,
        max_hidden=hidden,
        max_pairs=len(plan.pairs),
        max_programs=len(plan.pairs),  # one for each: the longest prefix only
        max_slots=MOST_SLOTS,
        max_route_words=MOST_ROUTE_WORDS,
        take_distance=4,
        **sides,
    )


def trimmed(image):
    """The same image for a design whose memories are no deeper than it needs."""
    least = {"u_words": 1, "s_words": 1, "v_words": image.design.max_h_tiles}
    depths = {}
    for side in PARTS:
        words = {**least, "u_words": image.design.x_tiles(side)}
        for name, few in words.items():
            used = tile_count(image.usage[f"{side}.{name}"][0], ROUNDED) * ROUNDED
            words[name] = min(U16, max(used, few))
        depths[side] = replace(getattr(image.design, side), **words)
    return replace(image, design=replace(image.design, **depths))
