"""Design of a kernel with the block-diagonal engine; see `design`."""

from dataclasses import asdict, dataclass

from pynq_lstm.accelerator import design_checks
from pynq_lstm.accelerator.design_common import BEAT, GATES, DesignCommon
from pynq_lstm.model_file.strict_json import canonical
from pynq_lstm.parts.block_diagonal import RANKS
from pynq_lstm.tiles import tile_count

ENGINE = "block_diagonal"
MULTIPLIERS = ("dsp", "lut")
RANGES = {
    "version": design_checks.RANGES["version"],
    "clock_mhz": design_checks.RANGES["clock_mhz"],
    "activation_bits": (8, 16),
    "p_bits": (4, 6, 8),
    "weight_bits": (4, 8),
    "units": range(2, 17),
    "columns": range(2, 65),
    "slices": range(1, 65),
    "max_inputs": range(2, 4097),
    "max_hidden": range(2, 4097),
    "max_x_tiles": range(1, 257),  # eight bits name a tile
    "max_pairs": range(1, 129),
    "max_route_words": design_checks.RANGES["max_route_words"],
}
PART_RANGES = {
    "words": range(1, design_checks.U16 + 1),
    "tiles": range(1, design_checks.U16 + 1),
    "rows": range(max(RANKS), 257),  # eight bits name a row
}


@dataclass(frozen=True)
class BlockPartDesign:
    """One side of the kernel: the input's or the hidden state's.

    Attributes
    ----------
    words : int
        Words of weights that the memory holds: `columns` x 4 gates x `units` codes each.
    tiles : int
        Tiles of the part's inputs, of all LSTMs, whose columns the memory holds.
    rows : int
        Rows of `columns` operands of one LSTM.
    """

    words: int
    tiles: int
    rows: int


@dataclass(frozen=True)
class BlockDesign(DesignCommon):
    """What a kernel of the block-diagonal engine is made for.

    Raises
    ------
    DesignError
        A value of the wrong type, out of range, or at odds with another one.

    Attributes
    ----------
    name, part : str
        Of the overlay, and of the FPGA.
    version, clock_mhz : int
    activation_bits, p_bits, weight_bits : int
        Of x and h; the most of the operands x', and of the weights. Models may have less.
    multipliers : str
        "dsp", or "lut": then no product takes a DSP, Sigma's included.
    units : int
        Hidden units of an output tile.
    columns : int
        Columns of one class that a cycle takes: `columns` x 4 x `units` multipliers a part.
    slices : int
        Memories that a word of weights lies in; they divide `columns`.
    max_inputs, max_hidden, max_x_tiles, max_pairs, max_route_words : int
    input, hidden : BlockPartDesign
    """

    name: str
    version: int
    part: str
    clock_mhz: int
    activation_bits: int
    p_bits: int
    weight_bits: int
    multipliers: str
    units: int
    columns: int
    slices: int
    max_inputs: int
    max_hidden: int
    max_x_tiles: int
    max_pairs: int
    max_route_words: int
    input: BlockPartDesign
    hidden: BlockPartDesign

    engine, kernel, lanes = ENGINE, "block_diagonal_lstm", 1

    def __post_init__(self):
        design_checks.check_fields(self, RANGES, PART_RANGES)
        _check(self)

    @classmethod
    def of_values(cls, values):
        """From the JSON of a design, its engine included; raises `DesignError`."""
        values = dict(values)
        engine = values.pop("engine")
        if engine != ENGINE:
            design_checks.refuse("engine", engine, "unknown", f'use "{ENGINE}", or leave it out')
        design_checks.check_keys(values, cls, BlockPartDesign)
        for side in ("input", "hidden"):
            values[side] = BlockPartDesign(**values[side])
        return cls(**values)

    def to_json(self):
        """The one text of this design: keys sorted, no spaces, ASCII."""
        return canonical({"engine": ENGINE, **asdict(self)})

    @property
    def u_tile(self):  # type: ignore[override]
        """Elements of a tile of x: a tile of h is one."""
        return self.units

    @property
    def v_tile(self):  # type: ignore[override]
        """Units of a tile of h."""
        return self.units

    @property
    def max_h_tiles(self):
        """Tiles of the longest h, whatever the rank."""
        return max(h_tiles(self.max_hidden, rank, self.units) for rank in RANKS)

    @property
    def max_programs(self):
        """One for each pair: there are no prefixes."""
        return self.max_pairs

    @property
    def multiplier_count(self):
        """Products of a cycle of a part."""
        return self.columns * GATES * self.units

    @property
    def column_beats(self):
        """Beats of a record of a tile's columns."""
        return tile_count(self.units * 4, BEAT)

    @property
    def word_beats(self):
        """Beats of a word of weights."""
        return tile_count(self.multiplier_count * self.weight_bits, BEAT * 8)

    def x_tiles(self, part):
        """Tiles that a part's vector may have."""
        return {"input": self.max_x_tiles, "hidden": self.max_h_tiles}[part]


def h_tiles(hidden, rank, units):
    """Tiles of `units` hidden units whose numbers have one residue modulo `rank` (see `blocks`)."""
    block = rank * units
    whole = (hidden - 1) // block
    return whole * rank + min(rank, hidden - whole * block)


def _check(design):
    refuse = design_checks.refuse
    if design.multipliers not in MULTIPLIERS:
        refuse("multipliers", design.multipliers, "unknown", f"use one of {', '.join(MULTIPLIERS)}")
    if design.columns % design.slices:
        refuse("slices", design.slices, f"no divisor of {design.columns} columns", "use a divisor")
    if design.units > design.columns:
        refuse("columns", design.columns, f"less than {design.units} units", "use as many or more")
    if design.multipliers == "dsp" and design.units % 2:
        refuse("units", design.units, "odd", "use an even number: two units share a DSP")
    if design.max_h_tiles > 256:
        refuse("max_hidden", design.max_hidden, "more than 256 tiles", "use less, or larger tiles")
    biases = design.max_pairs * design.max_h_tiles
    if biases > design_checks.U16:
        most = design_checks.U16
        refuse("max_pairs", design.max_pairs, f"{biases} tiles of bias", f"{most} at most")
    for side in ("input", "hidden"):
        part = getattr(design, side)
        if part.tiles < design.x_tiles(side):
            least = design.x_tiles(side)
            refuse(f"{side}.tiles", part.tiles, f"less than {least}", f"use {least} or more")
        if part.words < design.max_h_tiles:
            least = design.max_h_tiles
            refuse(f"{side}.words", part.words, f"less than {least} tiles of h", f"use {least}")
    if design.max_route_words < design.max_x_tiles:
        least = design.max_x_tiles
        refuse("max_route_words", design.max_route_words, "one for each tile of x", f"use {least}")
