"""A design for some models, and the cycles that they take on it."""

from dataclasses import dataclass

from pynq_lstm.accelerator.cycles import wave_period
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.plan import Plan

FREE_DEPTH = 512  # words up to which a memory takes no more blocks
PROGRAMS = 8  # of each pair: prefixes that a design has room for, if its memories have


@dataclass(frozen=True, eq=False)
class Fit:
    """What was found for the passes of a network.

    Attributes
    ----------
    design : Design or BlockDesign, or None
        None: no design fits, or none is faster than was asked for.
    cycles : float
        Of a wave of every pass, added up; without a design a bound of them, inf if none fits.
    modelled, by_bound, by_resources : int
        Designs that were packed and modelled, that a bound excluded, and that do not fit.
    """

    design: object
    cycles: float
    modelled: int
    by_bound: int
    by_resources: int


def images(models, design):
    """Each pass packed for a design."""
    return [pack(Plan.of_model(model), design) for model in models]


def cycles(packed):
    """Of a wave of each image, added up."""
    return float(sum(wave_period(image) for image in packed))


def used(packed, name):
    """The most that an image uses of a maximum of the design."""
    return max(image.usage[name][0] for image in packed)


def depth(words):
    """Words of a memory: a power of two, beyond `FREE_DEPTH` a multiple of it."""
    if words > FREE_DEPTH:
        return min(-(-words // FREE_DEPTH) * FREE_DEPTH, 65_535)
    return max(16, 1 << (int(words) - 1).bit_length())
