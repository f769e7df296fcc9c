"""Files of block-diagonal models: round trips, and the bytes as docs/model_file.md has them."""

import dataclasses
import hashlib

import numpy as np
from model_files import assert_same, naive_tensors, take_apart
from random_block_models import random_block_model
from random_dense_models import random_dense_model
from random_models import random_model

from pynq_lstm import block_mask, model_file
from pynq_lstm.head import Head
from pynq_lstm.model import CompressedModel
from pynq_lstm.parts import BlockDiagonalPart

MODELS = 120


def models():
    """Random block-diagonal models; some with the one prefix there is."""
    for seed in range(MODELS):
        model = random_block_model(np.random.default_rng(seed))
        yield dataclasses.replace(model, prefixes=(1,)) if seed % 3 == 0 else model


def small_model(**changes):
    """A fixed model: 2-bit codes, two models of different sizes, a head."""

    def part(columns, rank):
        w = []
        for h, k in zip((3, 2), columns):
            codes = (np.arange(4 * h * k).reshape(4 * h, k) * 5 % 3 - 1).astype(np.int8)
            w.append(codes * block_mask.stacked_mask(h, k, rank))
        m = tuple((np.arange(k) * 16000 + 500).astype(np.uint16) for k in columns)
        return BlockDiagonalPart(rank, tuple(w), m, (3, 30), (15, 0))

    fields = dict(
        input_sizes=(5, 4),
        hidden_sizes=(3, 2),
        activation_bits=8,
        weight_bits=2,
        p_bits=6,
        gate_bits=8,
        cell_bits=12,
        x_inverse_scale=(0.5, 127.0),
        cell_fraction_bits=(8, 9),
        pre_shift=(2, -1),
        input=part((5, 4), 2),
        hidden=part((3, 2), 4),
        bias=(np.arange(12, dtype=np.int32), np.arange(8, dtype=np.int32) - 70000),
        head=Head(np.arange(10, dtype=np.float32).reshape(2, 5), np.zeros(2, np.float32)),
        provenance={"made by": "a test"},
    )
    return CompressedModel(**{**fields, **changes})


def test_round_trip(tmp_path):
    widths, heads = {2: 0, 4: 0, 8: 0}, 0
    for number, model in enumerate(models()):
        raw = model_file.to_bytes(model)
        loaded = model_file.from_bytes(raw)
        assert_same(loaded, model)
        assert model_file.to_bytes(loaded) == raw
        if number % 20 == 0:  # syncing a file takes its time
            model.save(tmp_path / "a.safetensors")
            assert (tmp_path / "a.safetensors").read_bytes() == raw
            assert_same(CompressedModel.load(tmp_path / "a.safetensors"), model)
        widths[model.weight_bits] += 1
        heads += model.head is not None
    assert min(*widths.values(), heads, MODELS - heads) >= 25


def test_tensors_are_those_of_the_specification():
    for model in models():
        metadata, tensors = take_apart(model_file.to_bytes(model))
        assert tensors == naive_tensors(model)
        assert metadata["sha256"] == model.content_hash
        assert (metadata["schema"], metadata["method"]) == (3, "block_diagonal")
        bits = metadata["gate_bits"], metadata["cell_bits"]
        assert bits == (model.gate_bits, model.cell_bits)
        part = model.input
        assert metadata["input"] == {
            "rank": part.rank,
            "m_shift": list(part.m_shift),
            "sum_shift": list(part.sum_shift),
        }


def test_tensors_by_hand():
    model = small_model()
    _, tensors = take_apart(model_file.to_bytes(model))
    # rank 2 on 2 units and 4 columns keeps unit 0 of columns 0 and 3, unit 1 of columns 1 and 2
    codes = [int(model.input.w[1][row, k]) for row in range(8) for k in ((0, 3), (1, 2))[row % 2]]
    assert codes == [-1, -1, 0, -1, 0, 0, 1, 0, 1, 1, -1, 1, -1, -1, 0, -1]
    # four a byte, the first in the lowest bits: 11 is -1, 01 is 1
    wanted = bytes([0b11001111, 0b00010000, 0b01110101, 0b11001111])
    assert tensors["input.w.1"] == ("U8", [4], wanted)
    assert tensors["input.m.1"] == ("U16", [4], bytes.fromhex("f4017440f47e74bd"))
    wide = take_apart(model_file.to_bytes(small_model(weight_bits=8)))[1]
    assert wide["input.w.1"][:2] == ("I8", [16])
    assert wide["input.w.1"][2] == bytes(c & 255 for c in codes)
    nibbles = take_apart(model_file.to_bytes(small_model(weight_bits=4)))[1]["input.w.1"]
    assert nibbles[:2] == ("U8", [8]) and nibbles[2][:2] == bytes([0xFF, 0xF0])


def test_bytes_never_change():
    """Files written by any release load in any later one: this hash is not to be updated."""
    raw = model_file.to_bytes(small_model())
    assert hashlib.sha256(raw).hexdigest() == GOLDEN_FILE
    assert small_model().content_hash == GOLDEN_CONTENT


GOLDEN_FILE = "d51b9231b67f0b715eba0673edbf153110d64db327dfd0d36de33f4febfe4884"
GOLDEN_CONTENT = "4457c292be91e338af10127a155e7fff081c2bb89128a20c9d5a19545eeb0b59"


def test_content_hash_sees_every_field():
    changes = [
        {"weight_bits": 8},
        {"p_bits": 8},
        {"prefixes": (1,)},
        {"head": None},
        {"gate_bits": 16},
        {"cell_bits": 16},
    ]
    for name in ("input", "hidden"):
        part = getattr(small_model(), name)
        for change in (
            {"w": (part.w[0], -part.w[1])},
            {"m": (part.m[0] + np.uint16(1), part.m[1])},
            {"m_shift": (3, 31)},
            {"sum_shift": (14, 0)},
        ):
            changes.append({name: dataclasses.replace(part, **change)})
    hashes = {small_model(**change).content_hash for change in [{}, *changes]}
    assert len(hashes) == 1 + len(changes)


def test_files_of_other_methods_stay_as_they_were():
    """The schema that knew them, without bits of gates and c, while those are 16."""
    for draw, schema in ((random_model, 1), (random_dense_model, 2)):
        model = draw(np.random.default_rng(0))
        metadata, _ = take_apart(model_file.to_bytes(model))
        assert metadata["schema"] == schema
        assert not {"gate_bits", "cell_bits"} & set(metadata)
        for bits in ({"gate_bits": 8}, {"cell_bits": 15}):
            narrow = dataclasses.replace(model, **bits)
            raw = model_file.to_bytes(narrow)
            metadata, _ = take_apart(raw)
            assert (metadata["schema"], metadata["method"]) == (3, model.method)
            found = {name: metadata[name] for name in ("gate_bits", "cell_bits")}
            assert found == {"gate_bits": 16, "cell_bits": 16, **bits}
            assert_same(model_file.from_bytes(raw), narrow)
