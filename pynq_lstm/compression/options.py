"""What a user asks of a compression, checked against the network before any work."""

import math
import numbers
from dataclasses import dataclass
from typing import Optional, Tuple, Union

from pynq_lstm.compression.tiling import Tiles
from pynq_lstm.errors import CompressionError
from pynq_lstm.model import PARTS
from pynq_lstm.tiles import tile_count

DEFAULT_REFINEMENTS = 16
WEIGHT_BITS, ACTIVATION_BITS, P_BITS = (4, 8), (8, 16), range(4, 17)
SOLVERS = ("greedy", "bcd")
MAX_SWEEPS = 100_000
Pair = Union[int, Tuple[int, int]]


@dataclass(frozen=True)
class Sweeping:
    """When block coordinate descent ends.

    Attributes
    ----------
    sweeps : int
        At the latest after so many.
    tolerance : float
        As soon as a sweep lowers the error by less than this share of it.
    """

    sweeps: int = 100
    tolerance: float = 3e-5

    def __post_init__(self):
        if not _is_integer(self.sweeps) or not 1 <= self.sweeps <= MAX_SWEEPS:
            raise CompressionError(
                "sweeps", self.sweeps, "not a number of sweeps", f"pass 1 to {MAX_SWEEPS}"
            )
        real = isinstance(self.tolerance, numbers.Real) and not isinstance(self.tolerance, bool)
        if not real or not 0 <= self.tolerance < 1 or math.isnan(self.tolerance):
            raise CompressionError(
                "tolerance", self.tolerance, "not a share of the error", "pass 0 to below 1"
            )


@dataclass(frozen=True)
class SvdOptions:
    """Options of ``compress(..., method="svd")``.

    A pair gives the input part's value, then the hidden part's.

    Attributes
    ----------
    refinements : int or pair, optional
        R, rank-1 components of each gate; 1 to models x min(rows, columns).
        Default: 16, or as many as the matrices allow.
    u_tile, v_tile : int or pair, optional
        TU and TV, elements of a tile; default: one tile spans the vector.
    zero_u_tiles, zero_v_tiles : int or pair
        ZTu and ZTv, tiles pruned from each vector.
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
    sweeps, tolerance : int, float
        Of a descent: see `Sweeping`.
    """

    refinements: Optional[Pair] = None
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

    p_spare = 1.0  # the largest p of the calibration takes the largest code

    def __post_init__(self):
        if self.p_bits is None:
            object.__setattr__(self, "p_bits", 16 if self.activation_bits == 16 else 10)
        check_choice("weight_bits", self.weight_bits, WEIGHT_BITS)
        check_choice("activation_bits", self.activation_bits, ACTIVATION_BITS)
        check_choice("p_bits", self.p_bits, P_BITS)
        if self.solver not in SOLVERS:
            raise CompressionError("solver", self.solver, "unknown", f"choose from {list(SOLVERS)}")
        self.sweeping  # noqa: B018  checks both fields

    @property
    def any_prefix(self):
        """Whether the first k components of the result are a model of their own for any k."""
        return self.solver == "greedy"

    @property
    def sweeping(self):
        """`Sweeping` of each descent."""
        return Sweeping(self.sweeps, self.tolerance)

    def part(self, side, models, rows, columns):
        """The options of one part, for matrices of `rows` inputs and `columns` units.

        Returns
        -------
        PartOptions

        Raises
        ------
        CompressionError
            A number outside what the matrices allow.
        """
        most = models * min(rows, columns)
        refinements = self._of(side, "refinements", min(DEFAULT_REFINEMENTS, most))
        _within(
            side,
            "refinements",
            refinements,
            1,
            most,
            f"models x min(rows, columns) of {models} matrices of {rows} x {columns}",
        )
        tiles = {}
        for vector, length in (("u", rows), ("v", columns)):
            tile = self._of(side, f"{vector}_tile", length)
            _within(side, f"{vector}_tile", tile, 1, length, f"the length of {vector}")
            zero = self._of(side, f"zero_{vector}_tiles", 0)
            count = tile_count(length, tile)
            _within(
                side,
                f"zero_{vector}_tiles",
                zero,
                0,
                count - 1,
                f"one less than the {count} tiles of {vector}",
            )
            tiles[vector] = Tiles(tile, zero)
        return PartOptions(refinements, tiles["u"], tiles["v"])

    def _of(self, side, name, default):
        value = getattr(self, name)
        if value is None:
            return default
        if isinstance(value, (tuple, list)):
            if len(value) != len(PARTS):
                raise CompressionError(
                    name,
                    value,
                    "neither a number nor a pair",
                    "pass one number, or (input part's, hidden part's)",
                )
            value = value[PARTS.index(side)]
            return default if value is None else value
        return value


@dataclass(frozen=True)
class PartOptions:
    """`SvdOptions` resolved for one part."""

    refinements: int
    u: Tiles
    v: Tiles


def check_choice(name, value, allowed):
    """Refuse an option that is not one of the integers `allowed`."""
    if not _is_integer(value) or value not in allowed:
        raise CompressionError(name, value, "not supported", f"choose from {list(allowed)}")


def _is_integer(value):
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def _within(side, name, value, low, high, why):
    if not _is_integer(value):
        raise CompressionError(name, value, "not an integer", f"pass {low} to {high}")
    if not low <= value <= high:
        raise CompressionError(
            name,
            value,
            f"outside {low} to {high} for the {side} part ({why})",
            f"pass {low} to {high}, or a pair (input part's, hidden part's)",
        )
