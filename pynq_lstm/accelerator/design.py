"""Design: the sizes a kernel is made with, read from ``overlays/<name>/design.json``.

It is the one source of the kernel's ``config.h``, of the packing and of the models of cycles
and resources. The image of a model names the hash of its design, so that kernel and image match.
"""

from dataclasses import dataclass
from pathlib import Path

from pynq_lstm.accelerator import design_checks
from pynq_lstm.accelerator.block_design import BlockDesign
from pynq_lstm.accelerator.design_common import BEAT, GATES, DesignCommon
from pynq_lstm.errors import DesignError
from pynq_lstm.tiles import tile_count

LANES = 2  # LSTMs of a pair


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
class Design(DesignCommon):
    """What a kernel of the SVD engine is made for.

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

    engine, kernel, lanes = "svd", "svd_lstm", LANES

    def __post_init__(self):
        design_checks.check(self)

    @classmethod
    def from_json(cls, text):
        """Read a design; every field must be there, and no other.

        Parameters
        ----------
        text : str or bytes

        Returns
        -------
        Design or BlockDesign
            Of the engine that the text names; of the SVD engine where it names none.

        Raises
        ------
        DesignError
        """
        values = design_checks.parse(text)
        if isinstance(values, dict) and "engine" in values:
            return BlockDesign.of_values(values)
        design_checks.check_keys(values, cls, PartDesign)
        for side in ("input", "hidden"):
            values[side] = PartDesign(**values[side])
        return cls(**values)

    @classmethod
    def load(cls, path):
        """Read a design from a file; see `from_json`.

        Raises
        ------
        DesignError
            As `from_json`; or the file cannot be read.
        """
        try:
            text = Path(path).read_bytes()
        except (OSError, ValueError) as error:  # ValueError: a null character
            problem = f"cannot be read ({getattr(error, 'strerror', None) or error})"
            remedy = "name a design.json"
            raise DesignError("design", str(path), problem, remedy) from None
        return cls.from_json(text)

    @property
    def max_x_tiles(self):
        """Tiles of the longest x."""
        return self.max_inputs // self.u_tile

    @property
    def max_h_tiles(self):
        """Tiles of the longest h, of v_tile units."""
        return self.max_hidden // self.v_tile

    def x_tiles(self, part):
        """Tiles of u_tile elements that a part's vector may have."""
        longest = {"input": self.max_inputs, "hidden": self.max_hidden}[part]
        return longest // self.u_tile
