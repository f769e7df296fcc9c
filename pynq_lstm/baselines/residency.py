"""Which weights stay on chip: what block RAM and UltraRAM hold of two parts, at full speed.

The memory of a part is a row of columns of 72 bits, all read in every cycle. A column lies in
UltraRAMs (4,096 words each; one serves two columns of up to 2,048 words through its two ports), in
block RAMs (512 words of 72 bits each), or streams from the board's memory. Of several LSTMs, the
matrices of the first few may be the ones that stay.
"""

from dataclasses import dataclass
from itertools import product

WORD_BITS, URAM_WORDS, BRAM_WORDS = 72, 4096, 512
FEW = 4  # LSTMs up to which every pair of counts is tried
NONE_RESIDENT = (0, 0)


@dataclass(frozen=True)
class Residency:
    """What stays on chip.

    Attributes
    ----------
    share : (float, float)
        Of the weights of the input and of the hidden part.
    lstms : (int, int)
        LSTMs whose matrices of each part stay on chip, whole or in part.
    bram36, uram : float
    uram_share : float
        Of the resident bits, those in UltraRAM.
    """

    share: tuple
    lstms: tuple
    bram36: float
    uram: float
    uram_share: float


def best(parts, bits, device):
    """The residence that leaves the fewest bits to stream.

    Parameters
    ----------
    parts : (Part, Part)
        Input and hidden.
    bits : int
        Of a weight.
    device : Device

    Returns
    -------
    residency : Residency
    streamed : float
        Bits a step that come from the board's memory.
    """
    totals = [part.macs() * bits for part in parts]
    found = None
    for counts in _counts(len(parts[0].hidden)):
        depths = [sum(part.depths[:count]) for part, count in zip(parts, counts)]
        columns = [-(-part.word_bits(bits) // WORD_BITS) for part in parts]
        for order in ((0, 1), (1, 0)):
            kept = _fill(columns, depths, order, device)
            share = tuple(
                sum(own) / width * depth / sum(part.depths)
                for own, width, depth, part in zip(kept, columns, depths, parts)
            )
            streamed = sum(total * (1 - one) for total, one in zip(totals, share))
            if found is None or streamed < found[1] - 1e-6:
                found = _residency(kept, depths, share, counts), max(streamed, 0.0)
    return found


def _counts(lstms):
    """How many LSTMs may have resident matrices of the input and of the hidden part."""
    every = range(lstms, -1, -1)
    if lstms <= FEW:
        return list(product(every, every))
    ends = [(k, lstms) for k in every] + [(lstms, k) for k in every]
    return ends + [(k, 0) for k in every] + [(0, k) for k in every]


def _fill(columns, depths, order, device):
    """(in UltraRAM, in block RAM) columns of each part, the parts served in `order`."""
    uram, bram, kept = float(device.uram), float(device.bram36), [NONE_RESIDENT] * 2
    for p in order:
        if not depths[p]:
            continue
        in_uram = min(columns[p], int(uram // _urams(depths[p])))
        uram -= in_uram * _urams(depths[p])
        in_bram = min(columns[p] - in_uram, int(bram // _brams(depths[p])))
        bram -= in_bram * _brams(depths[p])
        kept[p] = (in_uram, in_bram)
    return kept


def _residency(kept, depths, share, counts):
    in_uram = sum(own[0] * depth for own, depth in zip(kept, depths))
    in_bram = sum(own[1] * depth for own, depth in zip(kept, depths))
    return Residency(
        share=share,
        lstms=counts,
        bram36=sum(own[1] * _brams(depth) for own, depth in zip(kept, depths)),
        uram=sum(own[0] * _urams(depth) for own, depth in zip(kept, depths)),
        uram_share=in_uram / (in_uram + in_bram) if in_uram + in_bram else 0.0,
    )


def _urams(depth):
    return 0.5 if depth <= URAM_WORDS // 2 else -(-depth // URAM_WORDS)


def _brams(depth):
    return -(-depth // BRAM_WORDS)
