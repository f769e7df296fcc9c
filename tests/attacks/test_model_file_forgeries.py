"""Inconsistent metadata and tensors under a hash that is right for them."""

import json
import struct

import numpy as np
import pytest
from model_files import forge, masked, refused, sample, with_header

from pynq_lstm import model_file


def narrow(model):
    return model.weight_bits == 4


def wide(model):
    return model.weight_bits == 8 and model.input.u_mask.any() and model.hidden.v_mask.any()


def test_duplicate_keys():
    metadata, tensors = sample()
    raw = forge(metadata, tensors, text=lambda text: text.replace("{", '{"p_bits":10,', 1))
    refused(raw, "^metadata = 'p_bits': a duplicate key; copy the file again")
    raw = forge(metadata, tensors, header=lambda h: json.dumps(h)[:-1] + ',"bias.0":{}}')
    refused(raw, "^header = 'bias.0': a duplicate key")
    many = ",".join(f'"{i}":0' for i in range(60_000))
    refused(with_header("{" + many + ',"59999":0}'), "^header = '59999': a duplicate", 64 << 20)


def test_not_canonical():
    metadata, tensors = sample()
    for change in (
        lambda t: t.replace(":", ": ", 1),
        lambda t: t + " ",
        lambda t: json.dumps(dict(reversed(list(json.loads(t).items())))),
        lambda t: t.replace("random_models", "random\\u005fmodels"),
    ):
        refused(forge(metadata, tensors, text=change), "^metadata = .*: not in canonical form")


@pytest.mark.parametrize(
    "value, text",
    [
        (4, "^metadata.schema = 4: newer than 3, the newest known here; upgrade pynq_lstm"),
        (0, "^metadata.schema = 0: outside 1 to"),
        ("1", "^metadata.schema = '1': not an integer"),
        (True, "^metadata.schema = True: not an integer"),
        (None, "schema = None: not an integer"),
    ],
)
def test_schema(value, text):
    metadata, tensors = sample()
    refused(forge({**metadata, "schema": value, "unknown": 1}, tensors), text)


def test_a_missing_hash():
    metadata, tensors = sample()
    del metadata["sha256"]
    refused(forge(metadata, tensors, rehash=False), "^metadata.sha256 = None: missing")


@pytest.mark.parametrize("value", [None, 3, "", "0" * 63, "0" * 65, "G" * 64, "0" * 64 + "\n"])
def test_form_of_the_hash(value):
    metadata, tensors = sample()
    raw = forge({**metadata, "sha256": value}, tensors, rehash=False)
    refused(raw, "^metadata.sha256 = .*: not 64 lower-case hexadecimal digits")


def test_wrong_hash():
    metadata, tensors = sample()
    raw = forge({**metadata, "sha256": "0" * 64}, tensors, rehash=False)
    refused(raw, "^metadata.sha256 = '0+': not [0-9a-f]{64}, the hash of the content; copy")
    raw = forge(metadata, tensors)
    refused(raw[:-1] + bytes([raw[-1] ^ 1]), "^metadata.sha256 = .*, the hash of the content")


@pytest.mark.parametrize(
    "field, value, text",
    [
        ("hidden_sizes", [], "^models = 0: outside 1 to 64"),
        ("hidden_sizes", [-1], r"^hidden_sizes\[0\] = -1: outside 1 to 65536"),
        ("hidden_sizes", [1] * 65, "^models = 65: outside 1 to 64"),
        ("input_sizes", [65537], r"^input_sizes\[0\] = 65537: outside|entries, not"),
        ("activation_bits", 9, r"^activation_bits = 9: not one of \(8, 16\)"),
        ("weight_bits", 6, "^weight_bits = 6: not one of \\(4, 8\\)"),
        ("p_bits", 3, "^p_bits = 3: outside 4 to 16"),
        ("p_bits", 17, "^p_bits = 17: outside 4 to 16"),
        ("x_inverse_scale", [1], "^x_inverse_scale = .*: not a list of floats"),
        ("x_inverse_scale", [1.0] * 65, "^x_inverse_scale = .*: not . numbers"),
        (
            "x_inverse_scale",
            [1e39],
            r"^x_inverse_scale\[0\] = 1e\+39: not a finite positive number",
        ),
        ("x_inverse_scale", [0.0], r"^x_inverse_scale\[0\] = 0.0: not a finite positive number"),
        ("x_inverse_scale", [-1.0], r"^x_inverse_scale\[0\] = -1.0: not a finite positive number"),
        ("prefixes", [], r"^prefixes = \[\]: not an ascending list"),
        ("prefixes", [2, 1], r"^prefixes = \[2, 1\]: not an ascending list"),
        ("prefixes", [1, 9999], r"^prefixes\[1\] = 9999: outside 1 to \d"),
        ("prefixes", [0], r"^prefixes\[0\] = 0: outside 1 to"),
        ("classes", 0, "^classes = 0: outside 1 to 65536"),
        ("classes", 7, "^header.head.bias = None: missing"),
        ("provenance", {"a": [1]}, r"^provenance\['a'\] = \[1\]: neither text"),
        ("provenance", {"a": "\ud83d"}, r"^provenance\['a'\] = '.ud83d': neither text"),
        ("provenance", [], r"^provenance = \[\]: not a mapping"),
    ],
)
def test_fields_out_of_range(field, value, text):
    metadata, tensors = sample(lambda m: m.models == 1 and m.head is None and m.max_refinements > 1)
    refused(forge({**metadata, field: value}, tensors), text)


@pytest.mark.parametrize(
    "field, value, text",
    [
        ("counts", [1, 2], r"^input.counts = \[1, 2\]: neither one list of components nor four"),
        ("counts", [0, 0, 0, 0], "^input.counts = .*: neither one list"),
        ("counts", [-1, 2, 0, 0], r"^input.counts\[0\] = -1: outside"),
        ("s_shift", [48], r"^input.s_shift\[0\] = 48: outside 0 to 47"),
        ("s_shift", [], r"^input.s_shift = \[\]: 0 entries, not 1"),
        ("u_tile", 0, "^input.u_tile = 0: outside 1 to"),
        ("u_tile", -8, "^input.u_tile = -8: outside 1 to"),
        ("v_tile", 70000, "^input.v_tile = 70000: outside 1 to"),
    ],
)
def test_fields_of_a_part_out_of_range(field, value, text):
    metadata, tensors = sample(lambda m: m.models == 1)
    refused(forge({**metadata, "input": {**metadata["input"], field: value}}, tensors), text)


# Tensors


def entries(change):
    """A header with its entries changed, hash right."""
    metadata, tensors = sample(wide)
    return forge(metadata, tensors, header=change)


def put(name, key, value):
    def change(header):
        header[name] = value if key is None else {**header[name], key: value}

    return change


@pytest.mark.parametrize(
    "change, text",
    [
        (
            put("bias.0", "dtype", "F32"),
            r"^header\.bias\.0 = \{'dtype': 'F32'.*: not \{'dtype': 'I32'",
        ),
        (put("bias.0", "shape", [-1]), r"^header\.bias\.0 = .*'shape': \[-1\].*: not"),
        (put("bias.0", "data_offsets", [4, 0]), r"^header\.bias\.0 = .*: not"),
        (put("bias.0", "data_offsets", [-8, 2**64]), r"^header\.bias\.0 = .*: not"),
        (put("bias.0", "extra", 1), r"^header\.bias\.0 = .*: not"),
        (put("bias.0", None, None), r"^header\.bias\.0 = None: not"),
        (put("input.u", None, 7), r"^input\.u\.shape = None: not a list"),
        (put("input.u", "shape", [-1]), r"^input\.u\.shape\[0\] = -1: outside 0 to \d"),
        (
            put("input.u", "shape", [2**62]),
            r"^input\.u\.shape\[0\] = 4611686018427387904: outside 0",
        ),
        (put("input.u", "shape", [1, 2]), r"^input\.u\.shape = \[1, 2\]: 2 entries, not 1"),
        (put("input.u", "shape", [0]), r"^header\.input\.u = .*: not"),
        (
            put("more", None, {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]}),
            r"^header\.more = .*: unknown",
        ),
        (lambda header: header.pop("hidden.s") and None, r"^header\.hidden\.s = None: missing"),
    ],
)
def test_header_entries(change, text):
    refused(entries(change), text)


def test_true_is_no_size():
    """Python's True equals 1; the library, a strict parser, has the last word."""
    metadata, tensors = sample(lambda m: m.models == 1)
    raw = forge(metadata, tensors, header=lambda h: json.dumps(h).replace(", 1]", ", true]"))
    refused(raw, r"^file = \d+: refused by safetensors \(.*\); copy the file again")


def test_names_exchanged():
    """The hash does not cover the header's names: the order of the buffer does."""

    def exchange(header):
        header["input.s"], header["hidden.s"] = header["hidden.s"], header["input.s"]

    metadata, tensors = sample(lambda m: len(m.input.u) == len(m.hidden.u))
    refused(forge(metadata, tensors, header=exchange), r"^header\.hidden\.s = .*: not")


def changed(name, change, rich=wide):
    """A file with the bytes of one tensor changed, hash right."""
    metadata, tensors = sample(rich)
    dtype, shape, raw = tensors[name]
    tensors[name] = (dtype, shape, change(bytearray(raw)))
    return forge(metadata, tensors)


def set_byte(index, value):
    def change(raw):
        raw[index] = value
        return bytes(raw)

    return change


def test_codes_out_of_range():
    refused(changed("input.u", set_byte(0, 0x80)), r"^input\.u = 128: codes beyond \+-127")
    refused(changed("hidden.v", set_byte(0, 0x80)), r"^hidden\.v = 128: codes beyond \+-127")
    raw = changed("input.u", set_byte(0, 0x18), lambda m: narrow(m) and m.input.u_mask.sum() > 3)
    refused(raw, r"^input\.u = 8: codes beyond \+-7")


def test_padding_that_is_not_zero():
    def flip_top(raw):
        return set_byte(-1, raw[-1] | 0x80)(raw)

    def ragged(model):
        part = model.input
        return part.u_mask.size % 8 and part.gate_stacked and part.v_mask.size % 8

    for name in ("input.u_mask", "input.v_mask"):
        refused(changed(name, flip_top, ragged), rf"^{name} = \d+: padding bits are not zero; copy")

    def odd(model):
        part = model.input
        present = np.repeat(part.u_mask, part.u_tile, axis=1)[:, : part.u.shape[1]].sum()
        return narrow(model) and present % 2

    refused(changed("input.u", flip_top, odd), r"^input\.u = \d+: the last nibble is padding")


@pytest.mark.parametrize("vector", ["u", "v"])
@pytest.mark.parametrize("bits", [4, 8])
def test_masks_and_codes_that_disagree(vector, bits):
    def rich(model):
        part = model.input
        present = part.u_mask[0, 0] and part.v_mask[0, 0, 0]
        ample = min(part.u_tile, part.v_tile) > 1
        return model.weight_bits == bits and part.gate_stacked and present and ample

    raw = changed(f"input.{vector}_mask", lambda raw: set_byte(0, raw[0] ^ 1)(raw), rich)
    name = rf"input\.{vector}"
    refused(raw, rf"^{name}\.shape = \(\d+,\): not \(\d+,\), as {name}_mask has it; copy")


def test_head_that_is_not_finite():
    for bits in (b"\0\0\xc0\x7f", b"\0\0\x80\xff"):
        raw = changed("head.weight", lambda raw, bits=bits: bits + bytes(raw[4:]), lambda m: m.head)
        refused(raw, "^head = 'nan or inf': not finite")


def test_dot_product_that_could_overflow():
    size = 600
    metadata, tensors = masked(1, size, 1)
    tensors["input.u_mask"] = ("U8", [1], b"\1")
    tensors["input.u"] = ("I8", [size], b"\x7f" * size)
    assert model_file.from_bytes(forge({**metadata, "activation_bits": 8}, tensors)).models == 1
    raw = forge({**metadata, "activation_bits": 16}, tensors)
    refused(raw, r"^input\.u = 2496921600: a dot product could pass 2\^31 - 1; use smaller codes")


def test_sum_that_could_overflow():
    for value in (2**31 - 1, -(2**31)):
        metadata, tensors = masked(1, 1, 1)
        tensors["bias.0"] = ("I32", [4], struct.pack("<4i", 0, 0, value, 0))
        raw = forge({**metadata, "pre_shift": [4]}, tensors)
        refused(raw, r"^bias\[0\] = 21474836\d\d: the accumulator could pass 2\^31 - 1; use")
