"""Cycles of a wave that do not depend on how long the lists are: depths of loops and what is
around them, as `accelerator.timing` adds them up.
"""

from dataclasses import dataclass
from functools import cache

from pynq_lstm.accelerator.latencies import FILES, Latencies


@dataclass(frozen=True)
class Overheads:
    """Beside words, slots and tiles, in cycles.

    Attributes
    ----------
    u, v, sigma : int
        Of a call of a U, V and Sigma unit; of the block-diagonal engine `v` is that of a part.
    feedback : int
        From h to h.
    """

    u: int
    v: int
    sigma: int
    feedback: int


@cache
def overheads(engine):
    """Those of "svd" or "block_diagonal"."""
    own = Latencies.load(FILES[engine])
    call = own.sequential_iteration + own.sequential_access

    def alone(*labels):  # a loop of n iterations takes n more
        return call + sum(own.alone(label, 1) - 1 for label in labels)

    def way(*labels):  # through FIFOs; the first iteration is in the words that are counted
        return sum(own.depth(label) + 1 for label in labels)

    between = own.loop_entry + own.loop_exit  # from the end of a loop to the next one's first
    sigma = alone("step_tiles") + 2 * own.sequential_access
    if engine == "svd":
        feedback = way("v_words", "step_tiles", "join_tiles", "s_slots")
        feedback += own.depth("u_words") + between + own.depth("u_slots") + 1
        feedback += own.depth("v_copies") + between - 2
        return Overheads(alone("u_words", "u_slots"), alone("v_copies", "v_words"), sigma, feedback)
    feedback = way("multiply_words", "step_tiles") + own.depth("fill_tiles") + between
    part = alone("fill_tiles", "multiply_words") + own.sequential_access
    return Overheads(0, part, sigma, feedback + own.sequential_access - 1)
