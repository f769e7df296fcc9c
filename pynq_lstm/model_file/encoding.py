"""How codes and masks become the bytes of tensors (docs/model_file.md, "Tensors")."""

from dataclasses import dataclass
from typing import Tuple

import numpy as np

from pynq_lstm.field_checks import refuse
from pynq_lstm.model_file.strict_json import DAMAGED

DTYPES = {"F32": 4, "I32": 4, "I16": 2, "I8": 1, "U8": 1}  # bytes; in the order of the buffer


@dataclass(frozen=True)
class Tensor:
    """An entry of the table: safetensors' dtype, and the shape (the largest one if `sparse`)."""

    name: str
    dtype: str
    shape: Tuple[int, ...]
    sparse: bool = False


def stored_length(codes, bits):
    """Elements of the tensor of so many codes: a byte each, or two in a byte."""
    return -(-codes * bits // 8)


def code_dtype(bits):
    """Dtype of a tensor of codes."""
    return "U8" if bits == 4 else "I8"


def stored(codes, bits):
    """The tensor of some codes, (codes,) int8."""
    return _nibbles(codes) if bits == 4 else codes


def restored(field, tensor, bits, count):
    """The codes, (count,) int8, of a tensor of the right length."""
    return _codes(field, tensor, count) if bits == 4 else tensor


def packed_mask(mask):
    """A bit for each element, least significant first, uint8."""
    return np.packbits(mask.reshape(-1), bitorder="little")


def unpacked_mask(field, packed, count):
    """The first `count` bits, (count,) bool; the rest must be zero."""
    bits = np.unpackbits(packed, bitorder="little")
    if bits[count:].any():
        refuse(field, int(packed[-1]), "padding bits are not zero", DAMAGED)
    return bits[:count].astype(bool)


def _nibbles(codes):
    """Two codes a byte, low nibble first, (ceil(codes / 2),) uint8."""
    padded = np.zeros(len(codes) + len(codes) % 2, np.uint8)
    padded[: len(codes)] = codes.astype(np.uint8) & 15
    return padded[0::2] | padded[1::2] << 4


def _codes(field, packed, count):
    nibbles = np.stack([packed & 15, packed >> 4], axis=1).reshape(-1).astype(np.int8)
    if nibbles[count:].any():
        refuse(field, int(packed[-1]), "the last nibble is padding and not zero", DAMAGED)
    return (nibbles[:count] ^ 8) - 8
