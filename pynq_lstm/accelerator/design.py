"""Design: the sizes a kernel is made with, read from ``overlays/<name>/design.json``.

It is the one source of the kernel's ``config.h``, of the packing and of the models of cycles
and resources. The image of a model names the hash of its design, so that kernel and image match.
"""

import hashlib
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

from pynq_lstm.accelerator import design_checks
from pynq_lstm.model_file.strict_json import canonical
from pynq_lstm.tiles import tile_count

BEAT = 16  # bytes of a word of memory
LANES, GATES = 2, 4  # LSTMs of a pair; gates i, f, g, o


@dataclass(frozen=True)
class PartDesign:
    """One side of the kernel: the input's or the hidden state's.

    Attributes
    ----------
    u_lanes : int
        Lanes of the U unit, 1 to 16; each takes a tile of x a cycle.
    v_lanes : int
        Lanes of the V unit for each gate, 1 to 64.
    u_words, s_words, v_words : int
        Records that the memories hold, up to 65,535.
    """

    u_lanes: int
    v_lanes: int
    u_words: int
    s_words: int
    v_words: int

    @property
    def u_beats(self):
        """Beats of a U record."""
        return self.u_lanes + tile_count(self.u_lanes, BEAT // 2)

    @property
    def s_beats(self):
        """Beats of an S record."""
        return tile_count(self.u_lanes, 2)

    @property
    def v_beats(self):
        """Beats of a V record."""
        lanes = GATES * self.v_lanes
        return tile_count(lanes, 2) + tile_count(lanes, BEAT) + 1


@dataclass(frozen=True)
class Design:
    """What a kernel is made for.

    Raises
    ------
    DesignError
        A value of the wrong type, out of range, or at odds with another one.

    Attributes
    ----------
    name, part : str
        Of the overlay, and of the FPGA.
    version, clock_mhz : int
    activation_bits, p_bits : int
        A: 8 or 16, and P: 4 to 16. A model may have fewer bits of p.
    u_tile, v_tile : int
        TU: 4, 8 or 16 elements; TV is half of it: two tiles of h make one of x.
    max_inputs, max_hidden : int
        Multiples of u_tile, up to 256 tiles.
    max_pairs, max_programs, max_slots, max_route_words : int
    take_distance : int
        Words between taking a tile of x and its first use.
    input, hidden : PartDesign
    """

    name: str
    version: int
    part: str
    clock_mhz: int
    activation_bits: int
    p_bits: int
    u_tile: int
    v_tile: int
    max_inputs: int
    max_hidden: int
    max_pairs: int
    max_programs: int
    max_slots: int
    max_route_words: int
    take_distance: int
    input: PartDesign
    hidden: PartDesign

    def __post_init__(self):
        design_checks.check(self)

    @classmethod
    def from_json(cls, text):
        """Read a design; every field must be there, and no other.

        Parameters
        ----------
        text : str or bytes

        Raises
        ------
        DesignError
        """
        values = design_checks.parse(text, cls, PartDesign)
        for side in ("input", "hidden"):
            values[side] = PartDesign(**values[side])
        return cls(**values)

    @classmethod
    def load(cls, path):
        """Read a design from a file; see `from_json`."""
        return cls.from_json(Path(path).read_bytes())

    def to_json(self):
        """The one text of this design: keys sorted, no spaces, ASCII."""
        return canonical(asdict(self))

    @cached_property
    def hash64(self):
        """The first 8 bytes of the SHA-256 of `to_json`, as a little-endian integer."""
        return int.from_bytes(hashlib.sha256(self.to_json().encode()).digest()[:8], "little")

    @property
    def activation_bytes(self):
        """Bytes of an element of x or h in memory."""
        return self.activation_bits // 8

    @property
    def max_x_tiles(self):
        """Tiles of the longest x."""
        return self.max_inputs // self.u_tile

    @property
    def max_h_tiles(self):
        """Tiles of the longest h, of v_tile units."""
        return self.max_hidden // self.v_tile

    @property
    def x_beats(self):
        """Beats of a tile of x of one lane."""
        return tile_count(self.u_tile * self.activation_bytes, BEAT)

    @property
    def h_beats(self):
        """Beats of a tile of h of both lanes."""
        return tile_count(LANES * self.v_tile * self.activation_bytes, BEAT)

    @property
    def c_beats(self):
        """Beats of a tile of c of both lanes."""
        return tile_count(LANES * self.v_tile * 2, BEAT)

    @property
    def bias_beats(self):
        """Beats of a bias record."""
        return tile_count(GATES * self.v_tile * LANES * 4, BEAT)

    def x_tiles(self, part):
        """Tiles of u_tile elements that a part's vector may have."""
        longest = {"input": self.max_inputs, "hidden": self.max_hidden}[part]
        return longest // self.u_tile
