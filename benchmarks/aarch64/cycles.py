"""Modelled cycles of the loops in which the products spend their instructions."""

from dataclasses import dataclass

import loops

from aarch64.instructions import KERNELS

CLOCK = 1.2e9  # Hz, of the ZCU104's Cortex-A53


@dataclass(frozen=True)
class InnerLoop:
    """The loop of a function that executes most, in llvm-mca's model of the Cortex-A53.

    Attributes
    ----------
    function : str
    instructions, products : int
        Of an iteration.
    cycles, bound : float
        Of an iteration: modelled, and if only execution units limited it.
    share : float
        Of the function's instructions that this loop executes.
    """

    function: str
    instructions: int
    products: int
    cycles: float
    bound: float
    share: float

    def seconds(self, products):
        """Time of so many products, were they all in this loop; an estimate."""
        return products / self.products * self.cycles / CLOCK


def inner_loop(function, counted):
    """The hottest inner loop of a function of the kernels.

    Parameters
    ----------
    function : str
    counted : Difference

    Returns
    -------
    InnerLoop
    """
    instructions = loops.disassemble(KERNELS)[function]
    found = [loop for loop in loops.inner_loops(instructions) if loop.products()]
    executed = [counted.within(loop.start, loop.end) for loop in found]
    hottest = max(range(len(found)), key=executed.__getitem__)
    loop, whole = found[hottest], counted.by_function()[function]
    return InnerLoop(
        function,
        len(loop.instructions),
        loop.products(),
        *loops.modelled_cycles(loop),
        executed[hottest] / whole,
    )
