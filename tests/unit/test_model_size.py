"""Stored bytes, parameters and multiplications, against counting one by one."""

import dataclasses

import numpy as np
import pytest
from model_files import naive_tensors
from random_models import random_model

from pynq_lstm import model_file, model_size
from pynq_lstm.errors import InputError


def naive_parameters(model):
    total = 0
    for part in (model.input, model.hidden):
        for r in range(len(part.u)):
            total += part.s.shape[1]
            total += sum(bool(part.u_mask[r, e // part.u_tile]) for e in range(part.u.shape[1]))
            total += sum(
                bool(part.v_mask[r, g, e // part.v_tile])
                for g in range(4)
                for e in range(part.v.shape[2])
            )
    return total


def naive_multiplications(model, refinements):
    total = 0
    for part, sizes in ((model.input, model.input_sizes), (model.hidden, model.hidden_sizes)):
        for j, hidden in enumerate(model.hidden_sizes):
            for r in range(len(part.u)):
                if part.refinement[r] >= refinements:
                    continue
                total += 1
                total += sum(bool(part.u_mask[r, e // part.u_tile]) for e in range(sizes[j]))
                total += sum(
                    bool(part.v_mask[r, g, e // part.v_tile])
                    for g in range(4)
                    for e in range(hidden)
                )
    return total


def test_against_counting():
    for seed in range(100):
        model = random_model(np.random.default_rng(seed), 16, 4)
        raw = model_file.to_bytes(model)
        assert model_size.stored_bytes(model) == len(raw) - 8 - int.from_bytes(raw[:8], "little")
        naive = sum(len(stored) for _, _, stored in naive_tensors(model).values())
        assert model_size.stored_bytes(model) == naive
        assert model_size.parameters(model) == naive_parameters(model)
        for k in range(1, model.max_refinements + 1):
            assert model_size.multiplications(model, k) == naive_multiplications(model, k)
        assert model_size.multiplications(model) == naive_multiplications(model, 99)


def test_prefixes_that_are_not_served():
    model = random_model(np.random.default_rng(3))
    with pytest.raises(InputError, match="refinements = 0: .* does not serve; choose 1 or more"):
        model_size.multiplications(model, 0)
    model = dataclasses.replace(model, prefixes=(1,))
    with pytest.raises(InputError, match=r"refinements = 2: .* does not serve; choose from \[1\]"):
        model_size.multiplications(model, 2)
    assert model_size.multiplications(model, 1) == model_size.multiplications(model)
