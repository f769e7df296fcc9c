"""Round trips, the bytes as docs/model_file.md has them, and saving whole or not at all."""

import dataclasses
import errno
import hashlib
import os
import stat

import numpy as np
import pytest
from model_files import assert_same, naive_tensors, take_apart
from random_models import random_model

from pynq_lstm import model_file
from pynq_lstm.errors import ModelFormatError
from pynq_lstm.head import Head
from pynq_lstm.model import CompressedModel, Part
from pynq_lstm.model_file import container
from pynq_lstm.model_file import tensors as tensors_module

MODELS = 240
PROVENANCE = {
    "network": 'två grenar \U0001f40d \\ "',
    "seed": 7,
    "mse": 0.1 + 0.2,
    "tuned": True,
    "scale": np.float32(0.1),
    "rank": np.int16(-3),
    "big": 1e300,
    "": "",
}


def models(count=MODELS):
    """Random models of every form; some with prefixes, provenance and vectors of no tile."""
    for seed in range(count):
        rng = np.random.default_rng(seed)
        model = random_model(rng)
        if seed % 3 == 0:
            ks = sorted({int(k) for k in rng.integers(1, model.max_refinements + 1, 3)})
            model = dataclasses.replace(model, prefixes=tuple(ks), provenance=PROVENANCE)
        if seed % 7 == 0:
            model = dataclasses.replace(model, input=_without_tiles(model.input))
        yield model


def _without_tiles(part):
    empty = {name: np.zeros_like(getattr(part, name)) for name in ("u", "u_mask", "v", "v_mask")}
    return dataclasses.replace(part, **empty)


def small_model(**changes):
    """A fixed model: per gate, 4-bit codes, ragged tiles, two models, a head."""
    u = (np.arange(15, dtype=np.int8).reshape(3, 5) % 15) - 7
    v = np.zeros((3, 4, 3), np.int8)
    v[0, 0], v[1, 2], v[2, 2] = [1, -2, 3], [0, 0, -7], [5, 6, 0]
    u_mask, v_mask = np.array([[1, 1, 1], [0, 1, 1], [1, 0, 1]], bool), v.any(axis=2)[:, :, None]
    u = u * np.repeat(u_mask, 2, axis=1)[:, :5]
    part = Part(
        (1, 0, 2, 0),
        u,
        u_mask,
        v,
        v_mask,
        np.array([[1, -2], [300, 4], [5, 6]], np.int16),
        (3, 4),
        2,
        3,
    )
    hidden = dataclasses.replace(part, u=u[:, :3], u_mask=u_mask[:, :2])
    fields = dict(
        input_sizes=(5, 4),
        hidden_sizes=(3, 2),
        activation_bits=8,
        weight_bits=4,
        p_bits=10,
        x_inverse_scale=(0.5, 127.0),
        cell_fraction_bits=(8, 9),
        pre_shift=(2, -1),
        input=part,
        hidden=hidden,
        bias=(np.arange(12, dtype=np.int32), np.arange(8, dtype=np.int32) - 70000),
        head=Head(np.arange(10, dtype=np.float32).reshape(2, 5), np.zeros(2, np.float32)),
        provenance={"made by": "a test"},
    )
    return CompressedModel(**{**fields, **changes})


def test_round_trip(tmp_path):
    stacked = narrow = heads = empty = 0
    for number, model in enumerate(models()):
        raw = model_file.to_bytes(model)
        assert model_file.to_bytes(model) == raw
        loaded = model_file.from_bytes(raw)
        assert_same(loaded, model)
        assert model_file.to_bytes(loaded) == raw
        if number % 20 == 0:  # syncing a file takes its time
            model.save(tmp_path / "a.safetensors")
            assert (tmp_path / "a.safetensors").read_bytes() == raw
            assert_same(CompressedModel.load(str(tmp_path / "a.safetensors")), model)
        stacked += model.input.gate_stacked
        narrow += model.weight_bits == 4
        heads += model.head is not None
        empty += not model.input.u_mask.any()
    assert min(stacked, MODELS - stacked, narrow, MODELS - narrow, heads, empty) >= 25


def test_tensors_are_those_of_the_specification():
    for model in models():
        metadata, tensors = take_apart(model_file.to_bytes(model))
        assert tensors == naive_tensors(model)
        assert metadata["sha256"] == model_file.content_hash(model)


def test_tensors_by_hand():
    _, tensors = take_apart(model_file.to_bytes(small_model()))
    assert tensors["input.u_mask"] == ("U8", [2], bytes([0b01110111, 1]))
    # present: -7 -6 -5 -4 -3 | 0 1 2 | 3 4 7, two a byte, low nibble first
    assert tensors["input.u"] == ("U8", [6], bytes([0xA9, 0xCB, 0x0D, 0x21, 0x43, 0x07]))
    assert tensors["input.v_mask"] == ("U8", [1], bytes([0b111]))
    assert tensors["input.v"] == ("U8", [5], bytes([0xE1, 0x03, 0x90, 0x65, 0x00]))


def test_bytes_never_change():
    """Files written by any release load in any later one: this hash is not to be updated."""
    raw = model_file.to_bytes(small_model())
    assert hashlib.sha256(raw).hexdigest() == GOLDEN_FILE
    assert model_file.content_hash(small_model()) == GOLDEN_CONTENT


GOLDEN_FILE = "8fa3749e9454d20472946e36a2940811245ae61ed3dcd7cbc1604ee1d55d1690"
GOLDEN_CONTENT = "0c29353c101b6e0ff431184899a424eee12cfd8258ca45eeb09f2f3734613828"


def test_content_hash_sees_every_field():
    model = small_model()
    changes = {
        "input_sizes": (5, 5),
        "hidden_sizes": (3, 3),
        "activation_bits": 16,
        "weight_bits": 8,
        "p_bits": 9,
        "x_inverse_scale": (0.5, 128.0),
        "cell_fraction_bits": (8, 8),
        "pre_shift": (2, 0),
        "head": None,
        "prefixes": (1,),
        "provenance": {},
        "bias": (model.bias[0], model.bias[1] + 1),
    }
    follow = {"hidden_sizes": {"bias": (model.bias[0],) * 2, "head": None}}
    variants = [
        small_model(**{name: value}, **follow.get(name, {})) for name, value in changes.items()
    ]
    for part in ("input", "hidden"):
        old = getattr(model, part)
        for change in (
            {"s": old.s + np.int16(1)},
            {"s_shift": (3, 5)},
            {"u": -old.u},
            {"u_tile": 3 if part == "input" else 1},
            {"counts": (0, 1, 2, 0)},
        ):
            if "u_tile" in change:
                tiles = -(-old.u.shape[1] // change["u_tile"])
                change["u_mask"] = np.ones((3, tiles), bool)
            if "counts" in change:
                change["v"], change["v_mask"] = old.v[:, [1, 0, 2, 3]], old.v_mask[:, [1, 0, 2, 3]]
            variants.append(small_model(**{part: dataclasses.replace(old, **change)}))
    hashes = {model_file.content_hash(variant) for variant in [model, *variants]}
    assert len(hashes) == len(variants) + 1 == 23


def test_ragged_tiles_cost_no_padding():
    _, tensors = take_apart(model_file.to_bytes(small_model(weight_bits=8)))
    assert tensors["input.u"][1] == [11] and tensors["input.v"][1] == [9]


def test_plain_numbers_of_numpy_are_taken():
    model = small_model(
        p_bits=np.int64(10),
        pre_shift=[np.int32(2), np.int32(-1)],
        x_inverse_scale=(np.float32(0.5), 127),
    )
    assert model_file.to_bytes(model) == model_file.to_bytes(small_model())


@pytest.mark.parametrize(
    "provenance, text",
    [
        (
            {"list": [1]},
            r"provenance\['list'\] = \[1\]: neither text of at most 512 .* keep it to 64",
        ),
        ({"nan": float("nan")}, r"provenance\['nan'\] = nan: neither text"),
        ({"inf": np.float32("inf")}, r"provenance\['inf'\] = inf: neither text"),
        ({"big": 1 << 63}, r"provenance\['big'\] = 9223372036854775808: neither text"),
        ({"none": None}, r"provenance\['none'\] = None: neither text"),
        ({"long": "x" * 513}, r"provenance\['long'\] = 'x+\.\.\.: neither text of at most 512"),
        ({"half": "\ud83d"}, r"provenance\['half'\] = '\\ud83d': neither text"),
        ({"k" * 65: 1}, r"provenance = 'k+': not a key of at most 64 characters"),
        ({3: 1}, r"provenance = 3: not a key"),
        ({str(i): i for i in range(65)}, r"provenance = .*: not a mapping of at most 64 entries"),
    ],
)
def test_provenance_that_does_not_fit_is_refused(provenance, text):
    with pytest.raises(ModelFormatError, match=text):
        model_file.to_bytes(small_model(provenance=provenance))


def test_largest_provenance_and_prefixes_fit_the_header():
    text = "\U0001f40d" * 512
    provenance = {f"{i:02}" + "\U0001f40d" * 62: text for i in range(64)}
    many = 65536
    wide = Part(
        (many,),
        np.zeros((many, 5), np.int8),
        np.zeros((many, 1), bool),
        np.zeros((many, 4, 3), np.int8),
        np.zeros((many, 4, 1), bool),
        np.zeros((many, 2), np.int16),
        (3, 4),
        5,
        3,
    )
    model = small_model(input=wide, prefixes=tuple(range(1, many + 1)), provenance=provenance)
    raw = model_file.to_bytes(model)
    assert 850_000 < int.from_bytes(raw[:8], "little") <= container.MAX_HEADER
    assert_same(model_file.from_bytes(raw), model)


def failing(error):
    """A function that raises `error`."""

    def call(*_, **__):
        raise error

    return call


@pytest.mark.parametrize("step", ["replace", "fsync"])
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "no space"), KeyboardInterrupt()])
def test_a_failed_save_leaves_the_old_file(tmp_path, monkeypatch, step, error):
    path = tmp_path / "a.safetensors"
    small_model().save(path)
    before = path.read_bytes()
    monkeypatch.setattr(os, step, failing(error))
    with pytest.raises((ModelFormatError, KeyboardInterrupt)) as caught:
        small_model(head=None).save(path)
    if isinstance(error, OSError):
        assert caught.match(r"^path = '/.*: cannot be written .*no space.*give the path")
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["a.safetensors"]


def test_a_refused_model_leaves_no_file(tmp_path):
    with pytest.raises(ModelFormatError, match="provenance"):
        small_model(provenance={"a": None}).save(tmp_path / "a.safetensors")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("path", ["missing/a.safetensors", "", "nul\0", ".", 3, None])
def test_a_path_that_cannot_be_written(tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelFormatError, match=r"^path = .*: cannot be written \(.*; give"):
        small_model().save(path)
    assert os.listdir(tmp_path) == []


def test_saving_through_a_link_and_a_long_name(tmp_path):
    target, link = tmp_path / ("n" * 250), tmp_path / "link"
    target.write_text("old")
    link.symlink_to(target)
    umask = os.umask(0o027)
    try:
        small_model().save(link)
    finally:
        os.umask(umask)
    assert link.is_symlink() and stat.S_IMODE(target.stat().st_mode) == 0o640
    assert_same(CompressedModel.load(target), small_model())


def test_a_pipe_is_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ModelFormatError, match="cannot be written .not a regular file"):
        small_model().save(tmp_path / "pipe")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_an_order_of_tensors_not_known_here_is_refused(monkeypatch):
    save = container.safetensors.numpy.save
    monkeypatch.setattr(container.safetensors.numpy, "save", lambda *a: save(*a) + b"\1")
    with pytest.raises(ModelFormatError, match="safetensors = .*orders tensors .* install another"):
        model_file.to_bytes(small_model())


def test_a_model_that_the_loader_would_refuse_is_not_written(monkeypatch):
    monkeypatch.setattr(tensors_module, "MAX_DENSE", 100)
    with pytest.raises(ModelFormatError, match=r"^dense size = 135: oversized: above 100 bytes"):
        model_file.to_bytes(small_model())
