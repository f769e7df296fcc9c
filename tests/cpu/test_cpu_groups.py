"""Models as groups, for every layout: read place by place they give the pre-activations."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from cpu_checks import DRAWN, check, with_expected
from layouts import LAYOUTS
from naive_panels import pre_of
from random_block_models import sized_block_model
from random_dense_models import sized_dense_model
from random_models import random_input, random_model, sized_model

from pynq_lstm import reference
from pynq_lstm.runtime.cpu import blocks, groups

JOINED = {"joined": (1 << 30, 1 << 30), "apart": (-1, -1), "as chosen": None}


@pytest.fixture(params=JOINED)
def joined(request, monkeypatch):
    """Whether the v of both parts are one product."""
    limits = JOINED[request.param]
    if limits:
        monkeypatch.setattr(groups, "_JOINED_BYTES", limits[0])
        monkeypatch.setattr(groups, "_JOINED_WORDS", limits[1])
    return request.param


def takes_blocks(layout):
    """Operands are made of whole quads of vectors, 64 at a time: six lanes have none."""
    return blocks.TOGETHER % (4 * layout.lanes) == 0


def pre_activations(model, x, h, c, refinements):
    """(models) arrays (4 * hidden,): pre of the reference for one step of one sequence."""
    found = {}
    reference.run(
        model, x, h, c, np.ones(1, int), refinements, lambda j, _, pre: found.update({j: pre[0]})
    )
    return found


def check_model(layout, model, arguments, refinements):
    """Every group of a model; returns the packed ones."""
    x, h, c = ([a[:1] for a in side] for side in arguments[:3])
    x = [a[:, :1] for a in x]
    expected = pre_activations(model, x, h, c, refinements)
    found = groups.groups_of(model)
    assert sorted(j for group in found for j in group.members) == list(range(model.models))
    packed = []
    for group in found:
        packed.append(groups.pack_group(layout, model, group, refinements))
        for place, j in enumerate(group.members):
            pre = pre_of(layout, model, group, packed[-1], place, x[j][0, 0], h[j][0])
            np.testing.assert_array_equal(pre, expected[j])
    return packed


@pytest.mark.parametrize("layout", LAYOUTS)
def test_random_models(layout, joined):
    for seed in range(12):
        rng = np.random.default_rng(300_000 + seed)
        draws = DRAWN if takes_blocks(LAYOUTS[layout]) else DRAWN[:2]
        model = draws[seed % len(draws)](rng, max_size=40)
        arguments = random_input(rng, model)
        for refinements in {1, arguments[-1], model.max_refinements}:
            packed = check_model(LAYOUTS[layout], model, arguments, refinements)
            if model.method == "block_diagonal" and joined == "apart":
                assert not any(group.joined for group in packed)
            if model.method == "svd" and joined != "as chosen":
                assert all(group.joined == (joined == "joined") for group in packed)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_larger_models(layout, joined):
    rng = np.random.default_rng(310_000)
    for model in (
        sized_model(rng, (150, 90), (120, 120), max_components=100),
        sized_dense_model(rng, (150, 90), (120, 50)),
        sized_block_model(rng, (150, 90), (120, 50)),
    ):
        if model.method == "block_diagonal" and not takes_blocks(LAYOUTS[layout]):
            continue
        arguments = random_input(rng, model)
        check_model(LAYOUTS[layout], model, arguments, model.max_refinements)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_component_at_all(layout, joined):
    rng = np.random.default_rng(320_000)
    model = sized_model(rng, (20, 20), (30, 30))
    check_model(LAYOUTS[layout], model, random_input(rng, model), 0)


def test_models_of_equal_size_share_a_group():
    rng = np.random.default_rng(330_000)
    model = sized_model(rng, (9, 20, 4, 8), (30, 12, 30, 12))
    assert groups.groups_of(model) == [
        groups.Group(members=[0, 2], size=30, inputs=9),
        groups.Group(members=[1, 3], size=12, inputs=20),
    ]


@pytest.mark.parametrize("make", (sized_dense_model, sized_block_model))
def test_models_without_shared_vectors_are_groups_of_their_own(make):
    rng = np.random.default_rng(340_000)
    model = make(rng, (9, 9), (30, 30))
    assert groups.groups_of(model) == [
        groups.Group(members=[0], size=30, inputs=9),
        groups.Group(members=[1], size=30, inputs=9),
    ]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_exact_way_is_taken_where_a_multiplier_would_not_do(layout):
    rng = np.random.default_rng(350_000)
    for make in (sized_model, sized_dense_model):
        model = make(rng, (20,), (30,))
        group = groups.groups_of(model)[0]
        for shift in (0, 15, 16, 31, 32, 47):
            model = replace(model, hidden=replace(model.hidden, s_shift=(shift,)))
            packed = groups.pack_group(LAYOUTS[layout], model, group, model.max_refinements)
            assert packed.hidden.exact == (not 16 <= shift < 32)
            assert packed.hidden.scale.dtype == np.int32


@lru_cache(None)
def random_case(seed):
    rng = np.random.default_rng(360_000 + seed)
    model = random_model(rng, max_size=60)
    return with_expected(model, random_input(rng, model))


def test_joined_or_not_the_bits_are_the_same(kernel, joined):
    for seed in range(24):
        check(random_case(seed), kernel)
