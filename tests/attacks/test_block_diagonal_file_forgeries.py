"""Forged and oversized files of block-diagonal models, under a hash that is right for them."""

import struct
import tracemalloc

import numpy as np
import pytest
from model_files import forge, refused, sample
from random_block_models import random_block_model
from random_dense_models import random_dense_model
from random_models import random_model

from pynq_lstm import model_file
from pynq_lstm.model_file import tensors as tensors_module

LARGEST = 65536
FIELDS = ("w", "m")


def single(**wanted):
    """A block-diagonal file of one model without a head, with some fields as `wanted`."""

    def rich(model):
        fields = {"models": 1, "head": None, "weight_bits": 8, **wanted}
        return all(getattr(model, name) == value for name, value in fields.items())

    return sample(rich, random_block_model)


@pytest.mark.parametrize(
    "changes, text",
    [
        ({"method": "svd"}, r"^metadata\.input\.counts = None: missing|^metadata\.schema = 3: mo"),
        ({"method": "blocks"}, r"^metadata\.method = 'blocks': not one of \['svd', 'dense', 'blo"),
        ({"method": None}, r"^metadata\.method = None: not one of"),
        ({"method": ["dense"]}, r"^metadata\.method = \['dense'\]: not one of"),
        ({"schema": 1}, r"^metadata\.(method|gate_bits|cell_bits) = .*: unknown; copy"),
        ({"schema": 2}, r"^metadata\.(gate_bits|cell_bits) = \d+: unknown; copy"),
        ({"schema": 4}, r"^metadata\.schema = 4: newer than 3, the newest known here; upgrade"),
        ({"gate_bits": 3}, "^gate_bits = 3: outside 4 to 16"),
        ({"cell_bits": 17}, "^cell_bits = 17: outside 4 to 16"),
        ({"gate_bits": True}, "^gate_bits = True: not an integer"),
        ({"weight_bits": 3}, r"^weight_bits = 3: not one of \(2, 4, 8\)"),
        ({"p_bits": 10}, r"^p_bits = 10: not one of \(4, 6, 8\), as block-diagonal parts have"),
    ],
)
def test_method_schema_and_bits(changes, text):
    metadata, tensors = single()
    refused(forge({**metadata, **changes}, tensors), text)


@pytest.mark.parametrize("draw", (random_model, random_dense_model))
def test_one_content_has_one_schema(draw):
    """Bits of gates and c that the first schema takes for granted are no second encoding."""
    metadata, tensors = sample(draw=draw)
    method = metadata.get("method", "svd")
    whole = {**metadata, "schema": 3, "method": method, "gate_bits": 16, "cell_bits": 16}
    text = rf"^metadata\.schema = 3: more than method '{method}' needs where gates and c have 16"
    refused(forge(whole, tensors), text)
    assert model_file.from_bytes(forge({**whole, "cell_bits": 8}, tensors)).cell_bits == 8


def test_a_block_diagonal_model_in_the_second_schema():
    metadata, tensors = single()
    metadata = {k: v for k, v in metadata.items() if k not in ("gate_bits", "cell_bits")}
    raw = forge({**metadata, "schema": 2}, tensors)
    refused(raw, r"^metadata\.method = 'block_diagonal': not one of \['dense'\], known here; upgr")


@pytest.mark.parametrize(
    "changes, text",
    [
        ({"m_shift": [32]}, r"^input\.m_shift\[0\] = 32: outside 0 to 31"),
        ({"m_shift": []}, r"^input\.m_shift = \[\]: 0 entries, not 1"),
        ({"sum_shift": [16]}, r"^input\.sum_shift\[0\] = 16: outside 0 to 15"),
        ({"sum_shift": 3}, r"^input\.sum_shift = 3: not a list of integers"),
        ({"rank": 0}, r"^input\.rank = 0: outside 1 to 65536"),
        ({"rank": 1}, r"^input\.rank = 1: not one of \(2, 4, 8, 16\)"),
        ({"rank": 32}, r"^input\.rank = 32: not one of"),
        ({"rank": 4.0}, r"^input\.rank = 4\.0: not an integer"),
    ],
)
def test_fields_of_a_part(changes, text):
    metadata, tensors = single()
    refused(forge({**metadata, "input": {**metadata["input"], **changes}}, tensors), text)


def test_another_rank_has_another_length():
    metadata, tensors = oversized(1, inputs=16, hidden=5)
    for rank in (4, 8, 16):
        other = {**metadata["input"], "rank": rank}
        refused(forge({**metadata, "input": other}, tensors), r"^header\.input\.w\.0 = .*: not")


def test_prefixes_beyond_the_one():
    metadata, tensors = single()
    assert model_file.from_bytes(forge({**metadata, "prefixes": [1]}, tensors)).prefixes == (1,)
    refused(forge({**metadata, "prefixes": [1, 2]}, tensors), r"^prefixes\[1\] = 2: outside 1 to 1")


# Tensors


@pytest.mark.parametrize("bits", (2, 4, 8))
@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("side", ("input", "hidden"))
def test_tensors_of_another_length(side, field, bits):
    metadata, tensors = single(weight_bits=bits)
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


def test_signed_multipliers():
    metadata, tensors = single()
    _, shape, raw = tensors["hidden.m.0"]
    changed = {**tensors, "hidden.m.0": ("I16", shape, raw)}
    refused(forge(metadata, changed), r"^header\.hidden\.m\.0 = .*: not")


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
        for place in range(4):
            raw = changed(f"{side}.w.0", -1, 2 << 2 * place, weight_bits=2)
            refused(raw, rf"^{name} = 2: codes beyond \+-1; compress")


def test_sum_that_could_overflow():
    metadata, tensors = oversized(1, inputs=1, hidden=1)
    tensors["input.w.0"] = ("I8", [4], b"\x01\x01\x01\x01")
    metadata["input"] = {**metadata["input"], "sum_shift": [15]}
    reach = 1 << 7 + 15
    tensors["bias.0"] = ("I32", [4], struct.pack("<4i", 0, 0, -(2**31) + reach, 0))
    refused(forge(metadata, tensors), r"^bias\[0\] = 2147483648: the accumulator could pass 2\^31")
    tensors["bias.0"] = ("I32", [4], struct.pack("<4i", 0, 0, -(2**31) + reach + 1, 0))
    assert model_file.from_bytes(forge(metadata, tensors)).models == 1


# Oversized claims


def oversized(models, inputs, hidden, backed=True):
    """A file of zeros: metadata of `models` equal LSTMs, with or without what they claim."""
    metadata, _ = single()
    part, tensors = {"rank": 2, "m_shift": [0] * models, "sum_shift": [0] * models}, {}
    for j in range(models if backed else 0):
        tensors[f"bias.{j}"] = ("I32", [4 * hidden], bytes(16 * hidden))
        for side, size in (("input", inputs), ("hidden", hidden)):
            kept = 4 * sum((i - k + k // 2) % 2 == 0 for i in range(hidden) for k in range(size))
            tensors[f"{side}.m.{j}"] = ("U16", [size], bytes(2 * size))
            tensors[f"{side}.w.{j}"] = ("I8", [kept], bytes(kept))
    claims = {
        "input_sizes": [inputs] * models,
        "hidden_sizes": [hidden] * models,
        "x_inverse_scale": [1.0] * models,
        "cell_fraction_bits": [8] * models,
        "pre_shift": [0] * models,
        "p_bits": 8,
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
    kept = 4 * LARGEST * LARGEST // 2
    claims = {
        "bias.0": ("I32", 4 * LARGEST, 4),
        "hidden.m.0": ("U16", LARGEST, 2),
        "input.m.0": ("U16", LARGEST, 2),
        "hidden.w.0": ("I8", kept, 1),
        "input.w.0": ("I8", kept, 1),
    }

    def fill(header):
        begin = 0
        for name, (dtype, length, item) in claims.items():
            end = begin + length * item
            header[name] = {"dtype": dtype, "shape": [length], "data_offsets": [begin, end]}
            begin = end

    refused(forge(metadata, {}, header=fill), r"^file size = \d+: not the 1718\d+ bytes that its")


def test_matrices_that_are_too_large(monkeypatch):
    """What counts is what lies in memory, absent weights too."""
    raw = forge(*oversized(2, inputs=40, hidden=10))
    codes = 2 * 4 * 10 * (40 + 10)
    monkeypatch.setattr(tensors_module, "MAX_DENSE", codes)
    assert model_file.from_bytes(raw).models == 2
    monkeypatch.setattr(tensors_module, "MAX_DENSE", codes - 1)
    text = (
        rf"^dense size = {codes}: oversized: above {codes - 1} bytes of w in memory for \d+ bytes"
    )
    refused(raw, text)


def test_memory_of_a_large_file():
    """The file, the arrays, the masks, and what the checks take."""
    raw = forge(*oversized(1, inputs=600, hidden=600))
    tracemalloc.start()
    model = model_file.from_bytes(raw)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert np.shape(model.hidden.w[0]) == (2400, 600)
    assert peak < 6 * 2400 * (600 + 600), peak
