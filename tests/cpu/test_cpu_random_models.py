"""Random models of every shape, tile, form, width and scale: 0 LSB on every kernel."""

from functools import lru_cache

import numpy as np
import pytest
from cpu_checks import check, with_expected
from random_dense_models import random_dense_model
from random_models import random_input, random_model

from pynq_lstm import reference

GROUPS = 20


@lru_cache(None)
def random_case(seed):
    """Even seeds give rank-1 components, odd ones dense matrices; a fifth of both is larger."""
    rng = np.random.default_rng(seed)
    size = 90 if seed % 10 > 7 else 24
    draw = random_dense_model if seed % 2 else random_model
    model = draw(rng, max_size=size)
    return with_expected(model, random_input(rng, model))


@pytest.mark.parametrize("group", range(GROUPS))
def test_random_models(kernel, threads, group, cases):
    totals = dict.fromkeys(reference.KINDS[1:], 0)
    for seed in range(group, cases, GROUPS):
        for kind, count in check(random_case(seed), kernel, threads).items():
            totals[kind] += count
    enough = cases >= 10 * GROUPS
    assert all(totals.values()) or not enough, "some kind never saturated: the cases are too tame"
