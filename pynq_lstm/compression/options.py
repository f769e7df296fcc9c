"""What a user asks of a compression, checked against the network before any work."""

from dataclasses import dataclass
from typing import Optional, Tuple, Union

from pynq_lstm.compression import part_options
from pynq_lstm.compression.option_checks import check_choice, check_name, is_integer
from pynq_lstm.compression.part_options import FORMS, PartOptions
from pynq_lstm.compression.sweeping import Sweeping
from pynq_lstm.compression.tiling import Tiles
from pynq_lstm.errors import CompressionError

__all__ = ["FORMS", "SOLVERS", "PartOptions", "SvdOptions", "Sweeping", "Tiles"]

WEIGHT_BITS, ACTIVATION_BITS, P_BITS = (4, 8), (8, 16), range(4, 17)
SOLVERS = ("greedy", "bcd")
Pair = Union[int, Tuple[int, int]]
Counts = Union[int, Tuple[int, int, int, int]]


@dataclass(frozen=True)
class SvdOptions:
    """Options of ``compress(..., method="svd")``.

    A pair gives the input part's value, then the hidden part's.

    Attributes
    ----------
    refinements : int or pair, optional
        R, rank-1 components of each gate; 1 to models x min(rows, columns). What it says of a
        part may be four numbers, one for each gate (i, f, g, o). Of a part in the stacked form:
        components of the four gates together, up to models x min(rows, 4 x columns). Default:
        16, or as many as the matrices allow; stacked, as many as fit in the words of that.
    u_tile, v_tile : int or pair, optional
        TU and TV, elements of a tile; default: one tile spans the vector.
    zero_u_tiles, zero_v_tiles : int or pair
        ZTu and ZTv, tiles pruned from each vector. A stacked v has the tiles of four gates, and
        ``form="stacked"`` counts among all of them.
    weight_bits : int
        Of u and v: 8 or 4.
    activation_bits : int
        Of x and h: 8 or 16.
    p_bits : int, optional
        Of the scaled dot products, 4 to 16. Default: 10, and 16 with activations of 16 bits,
        whose precision fewer bits would waste.
    solver : str
        "greedy": one component after another as published, so that the first k of them are a
        model, too. "bcd": block coordinate descent over all components together, for the least
        error; they serve the whole only.
    sweeps, tolerance, careful : int, float, bool
        Of a descent: see `Sweeping`.
    form : str or pair
        "per_gate": u, v and s of a component serve one gate, as published. "stacked": u and s
        serve the four gates, and v has their units, tiles within the gates. "auto": both are
        made, the stacked one with as many components as fit in the words of `refinements` per
        gate and 4 x ZTv, and the one with the lower weight error is kept, part by part.
    balance : bool, optional
        Whether the error of each LSTM counts relative to its own weights, part by part, where
        components are fitted. Default: where LSTMs of several passes share them.
    words : int, optional
        Instead of `refinements`: stored words (elements of present tiles, and s) of the whole
        model, or of all groups of a network, at most. They go to the lists of components where
        they are expected to lower the squared error of the gates most (`allotment`,
        `group_words`); with "auto" to the forms, too.
    """

    refinements: Optional[Union[int, Tuple[Counts, Counts]]] = None
    u_tile: Optional[Pair] = None
    v_tile: Optional[Pair] = None
    zero_u_tiles: Pair = 0
    zero_v_tiles: Pair = 0
    weight_bits: int = 8
    activation_bits: int = 8
    p_bits: Optional[int] = None
    solver: str = "greedy"
    sweeps: int = Sweeping.sweeps
    tolerance: float = Sweeping.tolerance
    form: Union[str, Tuple[str, str]] = "per_gate"
    words: Optional[int] = None
    balance: Optional[bool] = None
    careful: bool = Sweeping.careful

    p_spare = 1.0  # the largest p of the calibration takes the largest code

    def __post_init__(self):
        if self.p_bits is None:
            object.__setattr__(self, "p_bits", 16 if self.activation_bits == 16 else 10)
        check_choice("weight_bits", self.weight_bits, WEIGHT_BITS)
        check_choice("activation_bits", self.activation_bits, ACTIVATION_BITS)
        check_choice("p_bits", self.p_bits, P_BITS)
        check_name("solver", self.solver, SOLVERS)
        self.sweeping  # noqa: B018  checks its fields
        pair = isinstance(self.form, (tuple, list)) and len(self.form) == 2
        for form in self.form if pair else (self.form,):
            if not (pair and form is None):
                check_name("form", form, FORMS)
        if self.words is not None:
            self._check_words()
        if not (self.balance is None or isinstance(self.balance, bool)):
            raise CompressionError("balance", self.balance, "not True or False", "pass one")

    def _check_words(self):
        if not is_integer(self.words) or self.words < 1:
            raise CompressionError("words", self.words, "not a number of words", "pass 1 or more")
        if self.refinements is not None:
            raise CompressionError(
                "words",
                self.words,
                f"beside refinements = {self.refinements!r}, which sets the components, too",
                "pass words or refinements, not both",
            )

    @property
    def any_prefix(self):
        """Whether the first k components of the result are a model of their own for any k."""
        return self.solver == "greedy"

    @property
    def sweeping(self):
        """`Sweeping` of each descent."""
        return Sweeping(self.sweeps, self.tolerance, self.careful)

    def lists(self, side, models, rows, columns):
        """What is asked of the lists of one part: see `part_options.lists`."""
        return part_options.lists(self, side, models, rows, columns)
