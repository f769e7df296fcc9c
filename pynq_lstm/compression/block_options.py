"""What a user asks of block-diagonal compression, checked before any work."""

from dataclasses import dataclass

from pynq_lstm.compression.option_checks import check_choice
from pynq_lstm.compression.options import ACTIVATION_BITS, Pair
from pynq_lstm.errors import CompressionError
from pynq_lstm.model import PARTS
from pynq_lstm.numerics import STATE_BITS
from pynq_lstm.parts.block_diagonal import OPERAND_BITS, RANKS, BlockDiagonalPart

QUANTIZATIONS = ("nlq", "tlq")


@dataclass(frozen=True)
class BlockDiagonalOptions:
    """Options of ``compress(..., method="block_diagonal")``.

    Attributes
    ----------
    block_rank : int or pair
        p of the paper, 2, 4, 8 or 16: one in so many weights is kept. A pair gives the input
        part's value, then the hidden part's.
    weight_bits : int
        Of the weights, the paper's bitsW: 2, 4 or 8.
    operand_bits : int
        Of the normalised x and h that meet the weights, the paper's bitsA: 4, 6 or 8.
    quantization : str
        "nlq": columns of weights and activations are normalised (Zheng et al., eqs. 9 to 12);
        "tlq": both are confined to [-1 + D, 1 - D] as they are, the paper's comparison.
    gate_bits, cell_bits : int
        Of the gates after their curves, and of c: 4 to 16.
    activation_bits : int
        Of x and h as they come in, out and back: 8 or 16.
    """

    block_rank: Pair = 4
    weight_bits: int = 4
    operand_bits: int = 8
    quantization: str = "nlq"
    gate_bits: int = 16
    cell_bits: int = 16
    activation_bits: int = 8

    def __post_init__(self):
        pair = isinstance(self.block_rank, (tuple, list))
        if pair and len(self.block_rank) != len(PARTS):
            raise CompressionError(
                "block_rank",
                self.block_rank,
                "neither a number nor a pair",
                "pass one number, or (input part's, hidden part's)",
            )
        for rank in self.block_rank if pair else (self.block_rank,):
            check_choice("block_rank", rank, RANKS)
        check_choice("weight_bits", self.weight_bits, BlockDiagonalPart.weight_bits)
        check_choice("operand_bits", self.operand_bits, OPERAND_BITS)
        check_choice("gate_bits", self.gate_bits, STATE_BITS)
        check_choice("cell_bits", self.cell_bits, STATE_BITS)
        check_choice("activation_bits", self.activation_bits, ACTIVATION_BITS)
        if not isinstance(self.quantization, str) or self.quantization not in QUANTIZATIONS:
            raise CompressionError(
                "quantization",
                self.quantization,
                "not supported",
                f"choose from {list(QUANTIZATIONS)}",
            )

    def rank(self, side):
        """The rank of one part, "input" or "hidden"."""
        if isinstance(self.block_rank, (tuple, list)):
            return int(self.block_rank[PARTS.index(side)])
        return int(self.block_rank)

    @property
    def normalised(self):
        """Whether columns of weights are divided by their largest magnitude."""
        return self.quantization == "nlq"
