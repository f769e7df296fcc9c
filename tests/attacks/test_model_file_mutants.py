"""Thousands of mutated files: `ModelFormatError`, or a valid model with the hash that it states."""

import json
from functools import partial

import numpy as np
import pytest
from model_files import ANYTHING, forge, take_apart
from random_block_models import random_block_model
from random_dense_models import random_dense_model
from random_models import random_model

from pynq_lstm import model_file
from pynq_lstm.errors import ModelFormatError
from pynq_lstm.model_file import tensors as tensors_module

MUTANTS = 2500
VALUES = [*ANYTHING, 2, 4, 5, 7, 9, 15, 16, 17, 24, 25, 47, 48, 65536, 65537, 1e-46, 0.0, -0.0]


def mutate_bytes(rng, raw):
    """Flip, cut, extend, exchange or repeat, anywhere in a file or a tensor."""
    raw = bytearray(raw)
    kind = rng.integers(6) if raw else 2
    a, b = sorted(int(v) for v in rng.integers(0, len(raw) + 1, 2))
    if kind == 0:
        for place in rng.integers(0, len(raw), rng.integers(1, 4)):
            raw[place] ^= 1 << rng.integers(8)
    elif kind == 1:
        del raw[a:b]
    elif kind == 2:
        raw[a:a] = rng.bytes(int(rng.integers(1, 9)))
    elif kind == 3:
        raw[a:b] = raw[a:b][::-1]
    elif kind == 4:
        raw[rng.integers(len(raw))] = rng.choice([0, 1, 0x7F, 0x80, 0xFF])
    else:
        raw = raw[b:] + raw[:b]
    return bytes(raw)


def mutate_json(rng, value):
    """Change one thing somewhere inside a JSON value."""
    if isinstance(value, (dict, list)) and value and rng.random() < 0.8:
        value = value.copy()
        names = list(value) if isinstance(value, dict) else range(len(value))
        key = names[rng.integers(len(names))]
        if rng.random() < 0.1:
            del value[key]
        elif isinstance(value, list) and rng.random() < 0.1:
            value.append(value[key])
        else:
            value[key] = mutate_json(rng, value[key])
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool) and rng.random() < 0.6:
        return value + int(rng.choice([-2, -1, 1, 2]))
    return VALUES[rng.integers(len(VALUES))]


def mutant(rng, files):
    """A file that differs from a valid one; most have a hash that is right."""
    raw = files[rng.integers(len(files))]
    metadata, tensors = take_apart(raw)
    kind = rng.random()
    if kind < 0.1:
        return mutate_bytes(rng, raw)
    if kind < 0.35:
        changed = mutate_json(rng, metadata)
        if isinstance(changed, dict):
            return forge(changed, tensors)
        return forge(metadata, tensors, text=lambda _: json.dumps(changed))
    if kind < 0.4:
        return forge(metadata, tensors, header=lambda header: json.dumps(mutate_json(rng, header)))
    names = [name for name, (_, _, data) in tensors.items() if data]
    for _ in range(rng.integers(1, 3)):
        name = names[rng.integers(len(names))]
        dtype, shape, data = tensors[name]
        changed = mutate_bytes(rng, data)
        if rng.random() < 0.9:  # the size stays
            changed = (changed + bytes(len(data)))[: len(data)]
        if dtype in ("I8", "U8"):
            shape = [len(changed)]
        tensors[name] = (dtype, shape, changed)
    return forge(metadata, tensors)


@pytest.mark.parametrize(
    "draw, least",
    [
        (partial(random_model, max_size=10, max_components=3), (1400, 900, 200)),
        (partial(random_dense_model, max_size=10), (1400, 1300, 200)),
        (partial(random_block_model, max_size=10), (1400, 900, 200)),
    ],
    ids=["svd", "dense", "block_diagonal"],
)
def test_mutants(monkeypatch, draw, least):
    rng = np.random.default_rng(20200206)
    files = [model_file.to_bytes(draw(rng)) for _ in range(40)]
    hashed, unpack = [], tensors_module.unpack
    monkeypatch.setattr(
        tensors_module, "unpack", lambda *arguments: hashed.append(1) or unpack(*arguments)
    )
    past = loaded = 0
    refusals = set()
    for _ in range(MUTANTS):
        raw = mutant(rng, files)
        hashed.clear()
        try:
            model = model_file.from_bytes(raw)
        except ModelFormatError as error:
            assert str(error)
            refusals.add(error.problem)
            past += len(hashed)
            continue
        past += len(hashed)
        loaded += raw not in files
        # one content has one text, one buffer, one hash
        assert take_apart(model_file.to_bytes(model)) == take_apart(raw)
    print(f"{past} of {MUTANTS} mutants past the hash, {loaded} valid, {len(refusals)} refusals")
    assert all(n >= at for n, at in zip((past, loaded, len(refusals)), least, strict=True))
