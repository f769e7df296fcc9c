"""Which memories go to block RAM, UltraRAM or LUTs so that a device holds as many as it can.

A kernel of this project states where its memories lie. A baseline is not held to that: each copy
of a memory goes where there is room, and its shape loses least.
"""

from dataclasses import dataclass, replace

from pynq_lstm.accelerator.memories import BLOCKS, block_bits


@dataclass(frozen=True)
class Placement:
    """Where memories lie.

    Attributes
    ----------
    bram36, uram, lutram : float
        Blocks, and LUTs that store bits.
    missing : float
        Share of the bits of memories of blocks for which there is no room, 0 to 1.
    """

    bram36: float
    uram: float
    lutram: float
    missing: float


def place(memories, device):
    """Place memories in a device.

    All begin in block RAM. While that is too small, copies leave it for UltraRAM, those first that
    free most block RAM for an UltraRAM, then for LUTs, by the same rule.

    Parameters
    ----------
    memories : sequence of Memory
    device : Device

    Returns
    -------
    Placement
    """
    blocks = [memory for memory in memories if memory.implementation in BLOCKS]
    lutram = sum(memory.luts for memory in memories)
    items = [(replace(memory, copies=1), memory.copies) for memory in blocks]
    bram = sum(_as(one, "bram").bram36 * count for one, count in items)
    taken = {"uram": 0, "lutram": lutram}
    for kind, cost in (("uram", "uram"), ("lutram", "luts")):
        left, kept = getattr(device, kind) - taken[kind], []
        for one, count in sorted(items, key=lambda item: -_freed(item[0], kind, cost)):
            price, freed = getattr(_as(one, kind), cost), _as(one, "bram").bram36
            wanted = max(0, -int(-(bram - device.bram36) // freed))
            moved = min(count, wanted, max(0, int(left // price)))
            bram, left = bram - moved * freed, left - moved * price
            taken[kind] += moved * price
            kept.append((one, count - moved))
        items = kept
    missing, whole = 0, block_bits(blocks)
    for one, count in items:
        freed = _as(one, "bram").bram36
        left_out = min(count, max(0, -int(-(bram - device.bram36) // freed)))
        bram -= left_out * freed
        missing += left_out * one.width * one.depth
    return Placement(bram, taken["uram"], taken["lutram"], missing / whole if whole else 0.0)


def _as(memory, kind):
    return replace(memory, implementation=kind)


def _freed(memory, kind, cost):
    return _as(memory, "bram").bram36 / getattr(_as(memory, kind), cost)
