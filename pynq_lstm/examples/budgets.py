"""Budgets of the demonstration."""

from dataclasses import dataclass, field

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
