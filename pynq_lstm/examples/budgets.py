"""Budgets of the demonstration, and a line of its table."""

from dataclasses import asdict, dataclass, field
from typing import Optional, Tuple

RANKS = (2, 4, 8, 16, 32)
# a quarter of the tiles of every vector; the input's u has 28 elements, the others 128
TILES = {"u_tile": (7, 16), "v_tile": 16, "zero_u_tiles": (1, 2), "zero_v_tiles": 2}
FORMS = (
    ("8 bits", {}),
    ("8 bits, tiles pruned", TILES),
    ("4 bits", {"weight_bits": 4}),
    ("4 bits, tiles pruned", {"weight_bits": 4, **TILES}),
)


@dataclass(frozen=True)
class Budget:
    """Options of one compression, with a name for people."""

    name: str
    options: dict = field(default_factory=dict)


def budgets(ranks=RANKS):
    """Every rank whole and with pruned tiles, at 8 and at 4 bits; a list of `Budget`."""
    return [Budget(name, {"refinements": r, **options}) for name, options in FORMS for r in ranks]


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes
    ----------
    name : str
    refinements : int or None
        None for the float network.
    accuracy, drop : float
        Percent of the images, and points below the float network.
    interval : tuple of float
        95 % interval of the accuracy, percent.
    mse, relative_error : float
        Of the weights; 0 for the float network.
    stored_bytes, parameters, multiplications : int
        Bytes of the file's tensors, words of the weights, products of a step.
    fraction : float
        Stored bytes over the float network's.
    seconds_per_image : float
        One image a call, median.
    backend : str
    """

    name: str
    refinements: Optional[int]
    accuracy: float
    drop: float
    interval: Tuple[float, float]
    mse: float
    relative_error: float
    stored_bytes: int
    parameters: int
    multiplications: int
    fraction: float
    seconds_per_image: float
    backend: str

    def to_dict(self):
        """For JSON."""
        return asdict(self)
