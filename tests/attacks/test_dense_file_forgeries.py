"""Forged and oversized files of dense models, under a hash that is right for them."""

import json
import struct
import tracemalloc

import numpy as np
import pytest
from model_files import forge, refused, sample
from random_dense_models import random_dense_model

from pynq_lstm import model_file
from pynq_lstm.model_file import tensors as tensors_module

LARGEST = 65536
FIELDS = ("w", "s")


def single(**wanted):
    """A dense file of one model without a head, with some fields as `wanted`."""

    def rich(model):
        fields = {"models": 1, "head": None, "weight_bits": 8, **wanted}
        return all(getattr(model, name) == value for name, value in fields.items())

    return sample(rich, random_dense_model)


@pytest.mark.parametrize(
    "changes, text",
    [
        ({"method": "svd"}, r"^metadata\.method = 'svd': not one of \['dense'\], known here; upg"),
        ({"method": "block_diagonal"}, r"^metadata\.method = 'block_diagonal': not one of \['de"),
        ({"method": None}, r"^metadata\.method = None: not one of"),
        ({"method": ["dense"]}, r"^metadata\.method = \['dense'\]: not one of"),
        ({"method": "Dense"}, r"^metadata\.method = 'Dense': not one of"),
        ({"schema": 1}, r"^metadata\.method = 'dense': unknown; copy the file again"),
        ({"schema": 3}, r"^metadata\.gate_bits = None: missing"),
        ({"schema": 4}, r"^metadata\.schema = 4: newer than 3, the newest known here; upgrade"),
        ({"schema": True}, r"^metadata\.schema = True: not an integer"),
    ],
)
def test_method_and_schema(changes, text):
    metadata, tensors = single()
    refused(forge({**metadata, **changes}, tensors), text)


def test_a_method_in_a_file_of_the_first_schema():
    metadata, tensors = sample()
    for method in ("svd", "dense"):
        raw = forge({**metadata, "method": method}, tensors)
        refused(raw, rf"^metadata\.method = '{method}': unknown; copy")
    refused(forge({**metadata, "schema": 2}, tensors), r"^metadata\.method = None: missing; give")
    raw = forge({**metadata, "schema": 2, "method": "dense"}, tensors)
    refused(raw, r"^metadata\.input\.counts = .*: unknown; copy")


def test_parts_of_another_kind():
    metadata, tensors = single()
    svd, _ = sample()
    for name in ("input", "hidden"):
        raw = forge({**metadata, name: svd[name]}, tensors)
        refused(raw, rf"^metadata\.{name}\.counts = .*: unknown")


@pytest.mark.parametrize(
    "shifts, text",
    [
        ([48], r"^input\.s_shift\[0\] = 48: outside 0 to 47"),
        ([], r"^input\.s_shift = \[\]: 0 entries, not 1"),
        ([1, 2], r"^input\.s_shift = \[1, 2\]: 2 entries, not 1"),
        (3, r"^input\.s_shift = 3: not a list of integers"),
    ],
)
def test_shifts(shifts, text):
    metadata, tensors = single()
    refused(forge({**metadata, "input": {"s_shift": shifts}}, tensors), text)


def test_prefixes_beyond_the_one():
    metadata, tensors = single()
    assert model_file.from_bytes(forge({**metadata, "prefixes": [1]}, tensors)).prefixes == (1,)
    refused(forge({**metadata, "prefixes": [1, 2]}, tensors), r"^prefixes\[1\] = 2: outside 1 to 1")


# Tensors


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("side", ("input", "hidden"))
def test_tensors_of_another_length(side, field):
    metadata, tensors = single()
    name = f"{side}.{field}.0"
    dtype, shape, raw = tensors[name]
    size = len(raw) // shape[0]
    for length in (shape[0] - 1, shape[0] + 1):
        data = (raw + bytes(size))[: length * size]
        changed = {**tensors, name: (dtype, [length], data)}
        refused(forge(metadata, changed), rf"^header\.{side}\.{field}\.0 = .*: not .*; copy")
    two = {**tensors, name: (dtype, [1, *shape], raw)}
    refused(forge(metadata, two), rf"^header\.{side}\.{field}\.0 = .*: not")
    without = {key: value for key, value in tensors.items() if key != name}
    refused(forge(metadata, without), rf"^header\.{side}\.{field}\.0 = None: missing")
    more = {**tensors, f"{side}.{field}.1": (dtype, [0], b"")}
    refused(forge(metadata, more), rf"^header\.{side}\.{field}\.1 = .*: unknown")


def test_matrices_exchanged():
    """The hash does not cover the header's names: the order of the buffer does."""

    def exchange(header):
        header["input.w.0"], header["hidden.w.0"] = header["hidden.w.0"], header["input.w.0"]

    def square(model):
        return model.models == 1 and model.input_sizes == model.hidden_sizes

    metadata, tensors = sample(square, random_dense_model)
    refused(forge(metadata, tensors, header=exchange), r"^header\.hidden\.w\.0 = .*: not")


def test_true_is_no_size():
    """Python's True equals 1; the library, a strict parser, has the last word."""
    metadata, tensors = single(hidden_sizes=(1,), input_sizes=(1,))
    text = json.dumps(tensors["hidden.w.0"][1])
    assert text == "[4]"
    metadata["classes"] = 1
    tensors["head.weight"] = ("F32", [1, 1], bytes(4))
    tensors["head.bias"] = ("F32", [1], bytes(4))
    assert model_file.from_bytes(forge(metadata, tensors)).head is not None
    raw = forge(metadata, tensors, header=lambda h: json.dumps(h).replace("[1, 1]", "[1, true]"))
    refused(raw, r"^file = \d+: refused by safetensors \(.*\); copy the file again")


def changed(name, index, value, **wanted):
    """A file with one byte of a tensor changed, hash right."""
    metadata, tensors = single(**wanted)
    dtype, shape, raw = tensors[name]
    raw = bytearray(raw)
    raw[index] = value
    tensors[name] = (dtype, shape, bytes(raw))
    return forge(metadata, tensors)


def test_codes_out_of_range():
    for side in ("input", "hidden"):
        name = rf"{side}\.w\[0\]"
        raw = changed(f"{side}.w.0", 0, 0x80)
        refused(raw, rf"^{name} = 128: codes beyond \+-127; compress")
        raw = changed(f"{side}.w.0", -1, 0x80, weight_bits=4)
        refused(raw, rf"^{name} = 8: codes beyond \+-7; compress")


def test_dot_product_that_could_overflow():
    metadata, tensors = oversized(1, inputs=600, hidden=1)
    tensors["input.w.0"] = ("I8", [2400], bytes(1800) + b"\x7f" * 600)
    assert model_file.from_bytes(forge({**metadata, "activation_bits": 8}, tensors)).models == 1
    raw = forge({**metadata, "activation_bits": 16}, tensors)
    refused(raw, r"^input\.w = 2496921600: a dot product could pass 2\^31 - 1; use smaller codes")


def test_sum_that_could_overflow():
    metadata, tensors = oversized(1, inputs=1, hidden=1)
    tensors["bias.0"] = ("I32", [4], struct.pack("<4i", 0, 0, -(2**31) + 65535, 0))
    refused(forge(metadata, tensors), r"^bias\[0\] = 2147483649: the accumulator could pass 2\^31")


# Oversized claims


def oversized(models, inputs, hidden, backed=True):
    """A file of zeros: metadata of `models` equal LSTMs, with or without what they claim."""
    metadata, _ = single()
    part, tensors = {"s_shift": [0] * models}, {}
    for j in range(models if backed else 0):
        tensors[f"bias.{j}"] = ("I32", [4 * hidden], bytes(16 * hidden))
        for side, size in (("input", inputs), ("hidden", hidden)):
            tensors[f"{side}.s.{j}"] = ("I16", [4 * hidden], bytes(8 * hidden))
            tensors[f"{side}.w.{j}"] = ("I8", [4 * hidden * size], bytes(4 * hidden * size))
    claims = {
        "input_sizes": [inputs] * models,
        "hidden_sizes": [hidden] * models,
        "x_inverse_scale": [1.0] * models,
        "cell_fraction_bits": [8] * models,
        "pre_shift": [0] * models,
        "p_bits": 16,
        "input": part,
        "hidden": part,
        "prefixes": None,
    }
    return {**metadata, **claims}, tensors


def test_huge_claims_without_tensors():
    metadata, _ = oversized(64, LARGEST, LARGEST, backed=False)
    _, tensors = single()
    refused(forge(metadata, tensors), r"^header\.bias\.1 = None: missing")
    refused(forge(metadata, {}), r"^header\.bias\.0 = None: missing")


def test_header_that_claims_more_than_the_file_holds():
    metadata, _ = oversized(1, LARGEST, LARGEST, backed=False)
    rows = 4 * LARGEST
    claims = {
        "bias.0": ("I32", rows, 4),
        "hidden.s.0": ("I16", rows, 2),
        "input.s.0": ("I16", rows, 2),
        "hidden.w.0": ("I8", rows * LARGEST, 1),
        "input.w.0": ("I8", rows * LARGEST, 1),
    }

    def fill(header):
        begin = 0
        for name, (dtype, length, item) in claims.items():
            end = begin + length * item
            header[name] = {"dtype": dtype, "shape": [length], "data_offsets": [begin, end]}
            begin = end

    refused(forge(metadata, {}, header=fill), r"^file size = \d+: not the 3436\d+ bytes that its")


def test_matrices_that_are_too_large(monkeypatch):
    raw = forge(*oversized(2, inputs=40, hidden=10))
    assert model_file.from_bytes(raw).models == 2
    codes = 2 * 4 * 10 * (40 + 10)
    monkeypatch.setattr(tensors_module, "MAX_DENSE", codes)
    assert model_file.from_bytes(raw).models == 2
    monkeypatch.setattr(tensors_module, "MAX_DENSE", codes - 1)
    text = (
        rf"^dense size = {codes}: oversized: above {codes - 1} bytes of w in memory for \d+ bytes"
    )
    refused(raw, text)


def test_memory_of_a_large_file():
    """The file, the arrays, and what the checks take: about four bytes for each weight."""
    raw = forge(*oversized(1, inputs=1000, hidden=1000))
    tracemalloc.start()
    model = model_file.from_bytes(raw)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert np.shape(model.hidden.w[0]) == (4000, 1000)
    assert peak < 5 * 4000 * (1000 + 1000), peak
