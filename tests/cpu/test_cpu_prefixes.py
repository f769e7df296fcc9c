"""Prefixes of the components, none of them, and models without tiles."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from cpu_checks import DRAWN, assert_equal, check, opened, with_expected
from random_models import random_input, random_model, sized_model

from pynq_lstm import reference
from pynq_lstm.runtime.cpu import backend


@lru_cache(None)
def prefix_case(seed, refinements):
    rng = np.random.default_rng(50_000 + seed)
    model = random_model(rng)
    *arguments, _ = random_input(rng, model)
    return with_expected(model, (*arguments, refinements))


@pytest.mark.parametrize("seed", range(10))
def test_every_prefix_and_none(kernel, seed):
    for refinements in range(prefix_case(seed, 0)[0].max_refinements + 2):
        check(prefix_case(seed, refinements), kernel)


def test_one_backend_runs_more_prefixes_than_it_keeps(kernel):
    rng = np.random.default_rng(51_000)
    model = sized_model(rng, (9,), (11,), max_components=12)
    *arguments, _ = random_input(rng, model)
    prefixes = range(1, model.max_refinements + 1)
    assert len(prefixes) > backend.PREFIXES
    expected = {k: reference.run(model, *arguments, k) for k in prefixes}
    cpu = opened(model, kernel)
    for refinements in (*prefixes, *reversed(prefixes)):
        assert_equal(cpu.run(*arguments, refinements), expected[refinements])


@pytest.mark.parametrize("draw", DRAWN[1:])
def test_every_prefix_of_what_has_no_components_is_the_whole(kernel, draw):
    rng = np.random.default_rng(52_000)
    model = draw(rng)
    *arguments, _ = random_input(rng, model)
    for refinements in (1, 2, 10**6):
        check(with_expected(model, (*arguments, refinements)), kernel)


@pytest.mark.parametrize("which", ["input", "hidden", "both"])
def test_no_tile_present(kernel, threads, which):
    rng = np.random.default_rng(60_000)
    model = sized_model(rng, (20, 33), (40, 7))
    names = ("u", "u_mask", "v", "v_mask")
    for side in ("input", "hidden") if which == "both" else (which,):
        part = getattr(model, side)
        none = {name: np.zeros_like(getattr(part, name)) for name in names}
        model = replace(model, **{side: replace(part, **none)})
    check(with_expected(model, random_input(rng, model)), kernel, threads)
