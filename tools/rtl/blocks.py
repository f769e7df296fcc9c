"""The leaf blocks: their sources, parameters, ports and latencies."""

from dataclasses import dataclass, field
from pathlib import Path

from rtl.ports import Port

FOLDER = Path(__file__).resolve().parents[2] / "tests" / "hls" / "rtl"
SOURCES = sorted(FOLDER.glob("*.sv"))  # blocks use each other


@dataclass(frozen=True)
class Block:
    """A module, its parameters and ports beside `clk`.

    `latency` is how many clock edges lie between an input and its output, that of the
    input itself included. `bug` is the macro that seeds an error which its bench must find.
    """

    top: str
    inputs: tuple
    outputs: tuple
    latency: int
    parameters: dict = field(default_factory=dict)

    @property
    def bug(self):
        """Name of the macro that seeds an error."""
        return f"SEEDED_{BUGS.get(self.top, self.top).upper()}"


BUGS = {"cell_update": "cell"}


def _flag(name):
    return Port(name, 1, signed=False)


def _index(name, bits=4):
    return Port(name, bits, signed=False)


def packed_sum(n=8, shared=8):
    """`n` packed products that share an operand of `shared` bits, summed and split."""
    inputs = (Port("high", 8, n), Port("low", 8, n), Port("shared", shared, n))
    outputs = (Port("high_sum", 18), Port("low_sum", 18))
    return Block("packed_sum", inputs, outputs, 2, {"N": n, "SHARED": shared})


def row_sum(n=25, weight=4, operand=8):
    """A gate output of a word of the block-diagonal engine, its products in LUTs."""
    total = weight + operand + (n - 1).bit_length()
    inputs = (Port("weights", weight, n), Port("operands", operand, n))
    parameters = {"N": n, "WEIGHT": weight, "OPERAND": operand, "SUM": total}
    return Block("row_sum", inputs, (Port("sum", total),), 2, parameters)


def umac(tile=16):
    """A lane of the U unit."""
    operands = (Port("codes", 8, tile), Port("x0", 8, tile), Port("x1", 8, tile))
    flags = (_flag("clear"), _flag("valid"), _index("slot"), _index("emit"))
    return Block("umac", flags + operands, (Port("d0", 32), Port("d1", 32)), 1, {"TILE": tile})


def vmac(lanes=2, p_bits=10):
    """`lanes` lanes of one gate of the V unit."""
    operands = (Port("codes", 8, 8 * lanes), Port("p0", p_bits, lanes), Port("p1", p_bits, lanes))
    parameters = {"LANES": lanes, "P": p_bits}
    sums = (Port("sums", 32, 16),)
    return Block("vmac", (_flag("valid"), _flag("last"), *operands), sums, 4, parameters)


def smul(p_bits=10):
    """A multiplier of the S unit."""
    scaling = (Port("d", 27), Port("s", 16), _index("shift", 6))
    outputs = (Port("p", p_bits), _flag("clipped"))
    return Block(
        "smul", (*scaling, Port("limit", p_bits), _flag("kept")), outputs, 5, {"P": p_bits}
    )


def pwl(curve):
    """The `curve`: sigmoid or tanh."""
    parameters = {"SIGMOID": int(curve == "sigmoid"), "TABLE": f'"{curve}.hex"'}
    return Block("pwl", (Port("pre", 16),), (Port("y", 16),), 4, parameters)


def requantise(bits=32, out=16, left=8, shift=6):
    """Rounding and saturation; combinational."""
    inputs = (Port("value", bits), _index("shift", shift))
    parameters = {"IN": bits, "OUT": out, "LEFT": left, "SHIFT": shift}
    return Block("requantise", inputs, (Port("result", out), _flag("clipped")), 0, parameters)


def cell_update():
    """The new cell state."""
    inputs = (*(Port(name, 16) for name in "ifgc"), _index("fraction"))
    return Block("cell_update", inputs, (Port("c_next", 16),), 3)


def sigma_unit():
    """Sigma of one unit of one model."""
    sums = tuple(Port(name, 32, 4) for name in ("input_sums", "hidden_sums", "bias"))
    inputs = (*sums, _index("pre_shift", 6), _index("fraction"), Port("c", 16))
    return Block("sigma_unit", inputs, (Port("c_next", 16), Port("h", 8)), 16)


def p_copy(banks=13, p_bits=10):
    """The copy of p of a lane of V."""
    token = Port("token", p_bits, 2 * banks)
    inputs = (_flag("write"), _index("write_slot"), token, _index("bank"), _index("slot"))
    return Block("p_copy", inputs, (Port("p", p_bits, 2),), 1, {"BANKS": banks, "P": p_bits})


def word_memory(width=144, depth=4096, style="uram"):
    """A memory of words in `style`: bram, uram or lutram."""
    address = (depth - 1).bit_length()
    addresses = (_index("write_address", address), _index("address", address))
    data = Port("data", 1, width, signed=False)
    word = Port("word", 1, width, signed=False)
    styles = {"bram": 0, "uram": 1, "lutram": 2}
    parameters = {"WIDTH": width, "DEPTH": depth, "STYLE": styles[style]}
    return Block("word_memory", (_flag("write"), *addresses, data), (word,), 1, parameters)
