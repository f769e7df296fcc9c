"""Ports of a block, and their values as words of 32 bits on the way to C++ and back."""

from dataclasses import dataclass

import numpy as np

from rtl.programs import ToolError


@dataclass(frozen=True)
class Port:
    """`count` integers of `bits` bits side by side, the first one lowest."""

    name: str
    bits: int
    count: int = 1
    signed: bool = True

    @property
    def words(self):
        """Words of 32 bits that hold the port."""
        return -(-self.bits * self.count // 32)


def pack(port, values):
    """The values of a port, one row a cycle, as words of 32 bits."""
    values = np.asarray(values, np.int64)
    values = values.reshape(len(values), port.count)
    low = -(1 << (port.bits - 1)) if port.signed else 0
    if values.size and not (low <= values.min() and values.max() < low + (1 << port.bits)):
        problem = f"values from {values.min()} to {values.max()} do not fit {port.bits} bits"
        raise ToolError("port", port.name, problem, "give values in its range")
    if port.bits == 8 and port.count % 4 == 0:
        return np.ascontiguousarray(values.astype(np.uint8)).view("<u4")
    words = np.zeros((len(values), port.words + 1), np.uint64)
    codes = (values & ((1 << port.bits) - 1)).astype(np.uint64)
    for j in range(port.count):
        word, shift = divmod(j * port.bits, 32)
        spread = codes[:, j] << np.uint64(shift)
        words[:, word] |= spread & np.uint64(0xFFFFFFFF)
        words[:, word + 1] |= spread >> np.uint64(32)
    return words[:, :-1].astype(np.uint32)


def unpack(port, words):
    """The words of a port as int64 values, one row a cycle."""
    wide = np.pad(words, ((0, 0), (0, 1))).astype(np.uint64)
    values = np.empty((len(words), port.count), np.int64)
    for j in range(port.count):
        word, shift = divmod(j * port.bits, 32)
        both = wide[:, word] | wide[:, word + 1] << np.uint64(32)
        codes = (both >> np.uint64(shift)) & np.uint64((1 << port.bits) - 1)
        values[:, j] = codes.astype(np.int64)
    if port.signed:
        values -= (values >> (port.bits - 1)) << port.bits
    return values[:, 0] if port.count == 1 else values


def assign(port):
    """C++ that takes the words of an input from `in`."""
    size = port.bits * port.count
    if size > 64:
        return [f"block.{port.name}[{i}] = *in++;" for i in range(port.words)]
    if size > 32:
        return [f"block.{port.name} = in[0] | uint64_t(in[1]) << 32; in += 2;"]
    return [f"block.{port.name} = *in++;"]


def read(port):
    """C++ that appends the words of an output to `out`."""
    size = port.bits * port.count
    if size > 64:
        return [f"*out++ = block.{port.name}[{i}];" for i in range(port.words)]
    if size > 32:
        value = f"uint64_t(block.{port.name})"
        return [f"*out++ = uint32_t({value}); *out++ = uint32_t({value} >> 32);"]
    return [f"*out++ = block.{port.name};"]
