"""Random models of every shape, tile, form, width and scale: 0 LSB on every kernel."""

from functools import lru_cache

import numpy as np
import pytest
from cpu_checks import DRAWN, check, with_expected
from random_models import random_input

from pynq_lstm import reference

GROUPS = 20


@lru_cache(None)
def random_case(seed):
    """Rank-1 components, dense or block-diagonal matrices in turn; a fifth of each is larger."""
    rng = np.random.default_rng(seed)
    size = 90 if seed % 10 > 7 else 24
    model = DRAWN[seed % 3](rng, max_size=size)
    return with_expected(model, random_input(rng, model))


@pytest.mark.parametrize("group", range(GROUPS))
def test_random_models(kernel, threads, group, cases):
    totals = dict.fromkeys(reference.KINDS[1:], 0)
    for seed in range(group, cases, GROUPS):
        for kind, count in check(random_case(seed), kernel, threads).items():
            totals[kind] += count
    enough = cases >= 10 * GROUPS
    assert all(totals.values()) or not enough, "some kind never saturated: the cases are too tame"
