"""How many primitives of UltraScale+ a memory of a given shape takes.

Shapes are those of AMD's UG573 (block RAM, UltraRAM) and UG574 (LUTs as memory). yosys
maps the shapes of the default design to the same counts (``tests/hls/test_rtl_synthesis.py``).
"""

from dataclasses import dataclass

# One write and one read port; a second read or a port that does both halves the widest shape.
BRAM18_SHAPES = ((512, 36), (1024, 18), (2048, 9), (4096, 4), (8192, 2), (16384, 1))
URAM_SHAPE = (4096, 72)
LUTRAM_SHAPES = ((32, 14), (64, 7))  # of eight LUTs, one read port
SRL_DEPTH = 32
AUTOMATIC_LUTRAM = 1024  # bits up to which an array without a pragma goes to LUTs; assumed
IMPLEMENTATIONS = ("bram", "uram", "lutram", "srl")
BLOCKS = ("bram", "uram")  # those that no LUT is taken for


@dataclass(frozen=True)
class Memory:
    """Some memories or FIFOs of one shape.

    Attributes
    ----------
    name : str
        As the kernel names it: process and variable, or the stream.
    width, depth : int
        Bits of a word, and words.
    implementation : str
        One of `IMPLEMENTATIONS`.
    copies : int
        Memories of this shape: the partitions of an array.
    reads : int
        Read ports of each copy; there is one write port.
    """

    name: str
    width: int
    depth: int
    implementation: str
    copies: int = 1
    reads: int = 1

    @property
    def bram36(self):
        """Block RAMs of 36 Kbit of all copies; a half is one of 18 Kbit."""
        if self.implementation != "bram":
            return 0
        return self.copies * bram18(self.width, self.depth, self.reads) / 2

    @property
    def uram(self):
        """UltraRAMs of all copies."""
        if self.implementation != "uram":
            return 0
        depth, width = URAM_SHAPE
        return self.copies * _rounded_up(self.width, width) * _rounded_up(self.depth, depth)

    @property
    def luts(self):
        """LUTs that store bits, of all copies."""
        if self.implementation == "lutram":
            return self.copies * self.reads * lutram_luts(self.width, self.depth)
        if self.implementation == "srl":
            return self.copies * self.width * _rounded_up(self.depth, SRL_DEPTH)
        return 0


def block_bits(memories):
    """Bits of words that lie in block RAM or UltraRAM, what their shapes lose left out.

    Designs whose memories are placed by different rules are compared by these, not by blocks.
    """
    own = [memory for memory in memories if memory.implementation in BLOCKS]
    return sum(memory.width * memory.depth * memory.copies for memory in own)


def automatic(name, width, depth):
    """The memory that an array without a BIND_STORAGE pragma becomes."""
    small = width * depth <= AUTOMATIC_LUTRAM
    return Memory(name, width, depth, "lutram" if small else "bram")


def bram18(width, depth, reads=1):
    """Block RAMs of 18 Kbit: the cheapest shape. Two of them are one of 36 Kbit.

    With a second read port (so that both ports are used up, one also writing) words have 18
    bits at most.
    """
    shapes = BRAM18_SHAPES if reads == 1 else BRAM18_SHAPES[1:]
    return min(_rounded_up(width, w) * _rounded_up(depth, d) for d, w in shapes)


def lutram_luts(width, depth):
    """LUTs of one write and one read port; multiplexers between banks are free up to 512 words."""
    return min(8 * _rounded_up(width, w) * _rounded_up(depth, d) for d, w in LUTRAM_SHAPES)


def _rounded_up(amount, unit):
    return -(-amount // unit)
