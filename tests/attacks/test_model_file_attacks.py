"""Foreign, oversized and cut files, and paths: refused by name before anything is allocated."""

import io
import json
import os
import struct
import tracemalloc
from functools import partial

import numpy as np
import pytest
import safetensors.numpy
from model_files import assert_same, forge, huge, masked, refused, sample, take_apart, with_header
from random_models import random_model

from pynq_lstm import model_file
from pynq_lstm.errors import ModelFormatError
from pynq_lstm.model_file import container
from pynq_lstm.model_file import tensors as tensors_module


def test_the_forger_makes_valid_files():
    for seed in range(50):
        model = random_model(np.random.default_rng(seed))
        metadata, tensors = take_apart(model_file.to_bytes(model))
        assert_same(model_file.from_bytes(forge(metadata, tensors)), model)


# Foreign files


def npz():
    stream = io.BytesIO()
    np.savez(stream, u=np.zeros(100))
    return stream.getvalue()


@pytest.mark.parametrize(
    "raw, text",
    [
        (
            b"",
            r"^file size = 0: outside 8 to 536870912 bytes; give a file that CompressedModel.save",
        ),
        (b"\0" * 7, "^file size = 7: outside"),
        (b"\0" * 8, r"^header = '': not JSON; give a file"),
        (b"a text file, which is none of ours\n", "^header size = .*: above 1048576 bytes: not"),
        (npz(), "^header size = .*: above 1048576 bytes: not a model file; give a file"),
        (
            safetensors.numpy.save({"w": np.zeros(3)}),
            r"^header\.__metadata__ = None: not an object",
        ),
        (
            safetensors.numpy.save({"w": np.zeros(3)}, {"format": "pt"}),
            r"^header\.__metadata__\.pynq_lstm = None: missing; give a file",
        ),
        (with_header([]), r"^header = \[\]: not an object"),
        (with_header("7"), r"^header = 7: not an object"),
        (with_header("{"), r"^header = '\{ +': not JSON"),
        (with_header("\ufeff{}".encode()), r"^header = .*: not JSON"),
        (with_header('{"a": 1}'.encode("utf-16")), r"^header = .*: not JSON"),
        (with_header(b'{"\xff": 1}'), r"^header = b'.*: not JSON"),
        (with_header({"__metadata__": {"pynq_lstm": 3}}), r"pynq_lstm = 3: not a string"),
        (with_header({"__metadata__": {"pynq_lstm": "no"}}), r"^metadata = 'no': not JSON"),
        (with_header({"__metadata__": {"pynq_lstm": "[]"}}), r"^metadata\.schema = None: missing"),
        (with_header({"__metadata__": {"pynq_lstm": "{}"}}), r"^metadata\.schema = None: missing"),
        (with_header({"__metadata__": {"pynq_lstm": "{}", "a": "b"}}), r"_\.a = 'b': unknown"),
    ],
)
def test_foreign_files(raw, text, tmp_path):
    refused(raw, text)
    (tmp_path / "a").write_bytes(raw)
    with pytest.raises(ModelFormatError, match=text):
        model_file.load(tmp_path / "a")


# Oversized files and claims


@pytest.mark.parametrize(
    "length, text",
    [
        (100 << 20, "^header size = 104857600: above 1048576 bytes"),
        ((1 << 20) + 1, "^header size = 1048577: above 1048576 bytes"),
        (1 << 63, "^header size = 9223372036854775808: above"),
        ((1 << 64) - 1, "^header size = 18446744073709551615: above"),
    ],
)
def test_header_size(tmp_path, length, text):
    path = tmp_path / "a"
    path.write_bytes(struct.pack("<Q", length))
    os.truncate(path, 200 << 20)  # sparse: the bytes are there
    tracemalloc.start()
    with pytest.raises(ModelFormatError, match=text):
        model_file.load(path)
    assert tracemalloc.get_traced_memory()[1] < 1 << 20
    tracemalloc.stop()


def test_file_size(tmp_path):
    (tmp_path / "a").write_bytes(forge(*sample()))
    os.truncate(tmp_path / "a", 1 << 40)
    with pytest.raises(ModelFormatError, match="^file size = 1099511627776: outside"):
        model_file.load(tmp_path / "a")


def test_header_beyond_the_file():
    refused(struct.pack("<Q", 9) + b"{}", "^header size = 9: beyond the 2 bytes that follow; copy")


def test_truncated_and_extended():
    raw = forge(*sample())
    refused(raw[:-1], r"^file size = \d+: not the \d+ bytes that its header states: truncated")
    refused(raw + b"\0", r"^file size = \d+: not the \d+ bytes .*; copy the file again, or save")


@pytest.mark.parametrize(
    "text",
    [
        "[" * 500_000,
        '{"a":' * 100_000,
        "[" * 900 + "]" * 900,
        '{"a":[[[1]]]}',
    ],
)
def test_deep_nesting(text):
    refused(with_header(text), "^header = .*: nested too deeply|not JSON", 16 << 20)
    metadata = {"__metadata__": {"pynq_lstm": text}}
    refused(with_header(metadata), "^metadata = .*: nested too deeply|not JSON", 16 << 20)


@pytest.mark.parametrize(
    "number",
    [
        "9" * 5000,
        "9" * 500_000,
        "-" + "9" * 5000,
        "1e999",
        "-1e999",
        "0." + "1" * 5000,
        "NaN",
        "Infinity",
        "-Infinity",
    ],
)
def test_numbers_beyond_bounds(number):
    problem = "a number out of range|not a finite number"
    refused(with_header(f'{{"a":{number}}}'), "^header = .*: " + problem, 4 << 20)
    metadata, tensors = sample()
    name = json.dumps(metadata["x_inverse_scale"][0])
    raw = forge(metadata, tensors, text=lambda text: text.replace(name, number))
    refused(raw, "^metadata = .*: " + problem, 8 << 20)


def test_huge_claims_without_tensors():
    metadata, tensors = sample()
    refused(forge(huge(metadata), tensors), r"^header\.|^input\.u\.shape|^hidden\.u\.shape")
    refused(forge(huge(metadata, classes=65536), tensors), "^header")
    many = huge(metadata, hidden_sizes=[65536] * 64)
    refused(forge(many, tensors), "^input_sizes = .*: 1 entries, not 64")


def test_header_that_claims_more_than_the_file_holds():
    metadata = huge(sample()[0])
    sizes = {
        "bias.0": ("I32", [4 * 65536], 4),
        "hidden.s": ("I16", [262144, 1], 2),
        "input.s": ("I16", [262144, 1], 2),
        "hidden.u": ("I8", [1 << 34], 1),
        "hidden.v": ("I8", [1 << 34], 1),
        "input.u": ("I8", [1 << 34], 1),
        "input.v": ("I8", [1 << 34], 1),
        "hidden.u_mask": ("U8", [32768], 1),
        "hidden.v_mask": ("U8", [32768], 1),
        "input.u_mask": ("U8", [32768], 1),
        "input.v_mask": ("U8", [32768], 1),
    }

    def claims(entries):
        begin = 0
        for name, (dtype, shape, item) in sizes.items():
            end = begin + int(np.prod(shape)) * item
            entries[name] = {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}
            begin = end

    refused(forge(metadata, {}, header=claims), r"^file size = \d+: not the 6872\d+ bytes")


@pytest.mark.parametrize("components, size", [(1, 65536), (2000, 2000), (65536, 65536)])
def test_masks_that_claim_large_arrays(components, size):
    raw = forge(*masked(components, size, size))
    if components == 1:
        assert model_file.from_bytes(raw).models == 1
    else:
        refused(raw, r"^dense size = \d+: oversized: above \d+ bytes of u, v and masks in memory")


def test_memory_of_the_largest_arrays_that_are_taken():
    raw = forge(*masked(1280, 1300, 1300))
    tracemalloc.start()
    model = model_file.from_bytes(raw)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert model.input.v.nbytes + model.hidden.v.nbytes > 12 << 20
    assert peak < 200 << 20, peak


# Paths


def test_paths_that_cannot_be_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path, text in [
        (tmp_path / "none", "No such file"),
        (tmp_path, "not a regular file"),
        (tmp_path / "pipe", "not a regular file"),
        ("nul\0", "null"),
        (0, "not int"),
        (None, "NoneType"),
        ("", "No such file"),
        (tmp_path / ("x" * 300), "too long"),
    ]:
        with pytest.raises(ModelFormatError, match=f"^path = .* cannot be read .*{text}.*; give"):
            model_file.load(path)


def test_a_file_without_permission(tmp_path, monkeypatch):
    """Root may read everything: the refusal of the system is imitated."""

    def denied(path, mode):
        raise PermissionError(13, "Permission denied", path)

    (tmp_path / "a").write_bytes(forge(*sample()))
    monkeypatch.setattr(container, "open", denied, raising=False)
    with pytest.raises(ModelFormatError, match="^path = .* cannot be read .*Permission denied"):
        model_file.load(tmp_path / "a")


def test_a_file_that_changes_while_it_is_read(tmp_path, monkeypatch):
    path, raw = tmp_path / "a", forge(*sample())
    check = tensors_module.check_dense
    for later in (raw[:-1], raw[:20] + b"x" + raw[21:]):
        path.write_bytes(raw)

        def change(*arguments, later=later):
            path.write_bytes(later)
            check(*arguments)

        monkeypatch.setattr(tensors_module, "check_dense", change)
        monkeypatch.setattr(container, "open", partial(open, buffering=0), raising=False)
        with pytest.raises(ModelFormatError, match="^file = .*: changed while it was read"):
            model_file.load(path)
