"""Files of dense models: round trips, and the bytes as docs/model_file.md has them."""

import dataclasses
import hashlib
import json

import numpy as np
from model_files import assert_same, naive_tensors, take_apart
from random_dense_models import random_dense_model
from random_models import random_model

from pynq_lstm import model_file
from pynq_lstm.head import Head
from pynq_lstm.model import CompressedModel, DensePart

MODELS = 120


def models():
    """Random dense models; some with the one prefix there is."""
    for seed in range(MODELS):
        model = random_dense_model(np.random.default_rng(seed))
        yield dataclasses.replace(model, prefixes=(1,)) if seed % 3 == 0 else model


def small_model(**changes):
    """A fixed model: 4-bit codes, two models of different sizes, a head."""

    def part(columns):
        codes = [np.arange(4 * h * k).reshape(4 * h, k) for h, k in zip((3, 2), columns)]
        w = tuple((c * 5 % 15 - 7).astype(np.int8) for c in codes)
        s = tuple((np.arange(4 * h) * 1000 - 3000).astype(np.int16) for h in (3, 2))
        return DensePart(w, s, (3, 40))

    fields = dict(
        input_sizes=(5, 4),
        hidden_sizes=(3, 2),
        activation_bits=8,
        weight_bits=4,
        p_bits=16,
        x_inverse_scale=(0.5, 127.0),
        cell_fraction_bits=(8, 9),
        pre_shift=(2, -1),
        input=part((5, 4)),
        hidden=part((3, 2)),
        bias=(np.arange(12, dtype=np.int32), np.arange(8, dtype=np.int32) - 70000),
        head=Head(np.arange(10, dtype=np.float32).reshape(2, 5), np.zeros(2, np.float32)),
        provenance={"made by": "a test"},
    )
    return CompressedModel(**{**fields, **changes})


def test_round_trip(tmp_path):
    narrow = heads = 0
    for number, model in enumerate(models()):
        raw = model_file.to_bytes(model)
        loaded = model_file.from_bytes(raw)
        assert_same(loaded, model)
        assert model_file.to_bytes(loaded) == raw
        if number % 20 == 0:  # syncing a file takes its time
            model.save(tmp_path / "a.safetensors")
            assert (tmp_path / "a.safetensors").read_bytes() == raw
            assert_same(CompressedModel.load(tmp_path / "a.safetensors"), model)
        narrow += model.weight_bits == 4
        heads += model.head is not None
    assert min(narrow, MODELS - narrow, heads, MODELS - heads) >= 25


def test_tensors_are_those_of_the_specification():
    for model in models():
        metadata, tensors = take_apart(model_file.to_bytes(model))
        assert tensors == naive_tensors(model)
        assert metadata["sha256"] == model.content_hash
        assert (metadata["schema"], metadata["method"]) == (2, "dense")
        assert metadata["input"] == {"s_shift": list(model.input.s_shift)}


def test_tensors_by_hand():
    _, tensors = take_apart(model_file.to_bytes(small_model()))
    w, s = (tensors[f"hidden.{name}.1"] for name in ("w", "s"))
    # -7 -2 3 | -7 -2 3 ...: two a byte, low nibble first
    assert w == ("U8", [8], bytes([0xE9, 0x93, 0x3E, 0xE9, 0x93, 0x3E, 0xE9, 0x93]))
    assert s[:2] == ("I16", [8]) and s[2][:4] == bytes([0x48, 0xF4, 0x30, 0xF8])
    assert tensors["input.w.0"][:2] == ("U8", [30])
    wide = take_apart(model_file.to_bytes(small_model(weight_bits=8)))[1]
    assert wide["hidden.w.1"][:2] == ("I8", [16]) and wide["hidden.w.1"][2][:3] == b"\xf9\xfe\x03"


def test_bytes_never_change():
    """Files written by any release load in any later one: this hash is not to be updated."""
    raw = model_file.to_bytes(small_model())
    assert hashlib.sha256(raw).hexdigest() == GOLDEN_FILE
    assert small_model().content_hash == GOLDEN_CONTENT


GOLDEN_FILE = "2302b0e1c24dbb39d21f46b53621372bad8415827e13c2613b4874b7d16af233"
GOLDEN_CONTENT = "3fb6ed8d707b84be55520debaef4765b3ac4626a439cd0abe8d02a63a540fc6d"


def test_content_hash_sees_every_field():
    model = small_model()
    changes = [{"weight_bits": 8}, {"p_bits": 10}, {"prefixes": (1,)}, {"head": None}]
    for name in ("input", "hidden"):
        part = getattr(model, name)
        for change in (
            {"w": (part.w[0], -part.w[1])},
            {"s": (part.s[0] + np.int16(1), part.s[1])},
            {"s_shift": (3, 41)},
        ):
            changes.append({name: dataclasses.replace(part, **change)})
    hashes = {small_model(**change).content_hash for change in [{}, *changes]}
    assert len(hashes) == 1 + len(changes)


def test_svd_files_stay_as_they_were():
    """Schema 1 without a method, so that what knew no other method still loads them."""
    metadata, _ = take_apart(model_file.to_bytes(random_model(np.random.default_rng(0))))
    assert metadata["schema"] == 1 and "method" not in metadata
    assert "dense" not in json.dumps(metadata)
