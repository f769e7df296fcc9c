"""Beats of memory; tests/hls/test_random_designs.py holds them to those of a simulation."""

import numpy as np
import pytest
from random_designs import ENGINES, random_design, random_image

from pynq_lstm.accelerator import buffers, traffic


@pytest.fixture(params=[(engine, seed) for engine in ENGINES for seed in range(8)], ids=str)
def packed(request):
    engine, seed = request.param
    rng = np.random.default_rng([seed, 6])
    return random_image(rng, random_design(rng, engine, 64))


@pytest.mark.parametrize("state", [False, True])
@pytest.mark.parametrize("keep", [False, True])
def test_a_run_moves_its_input_and_its_output(packed, state, keep):
    """The input that is made is read once, its lengths twice."""
    plan, lengths = packed.plan, np.array([3, 1, 4])
    x = [np.zeros((3, 4, n), int) if n else None for n in plan.external_sizes()]
    zero = [np.zeros((3, n), int) for n in plan.hidden_sizes()]
    given = buffers.run_input(packed, x, zero, zero, lengths, state=state)
    read, written = traffic.run_beats(packed, lengths, state, keep)
    assert read == len(given) + len(lengths)
    assert written == buffers.output_beats(packed, lengths, keep)


def test_a_wave_moves_no_weights(packed):
    one, two = (traffic.run_beats(packed, [n]) for n in (5, 6))
    assert tuple(b - a for a, b in zip(one, two)) == buffers.wave_beats(packed)


def test_a_load_reads_an_image_twice_and_checks_its_records(packed):
    """Records that several programs share are checked for each, others once."""
    beats, read = len(packed.beats), traffic.load_beats(packed)
    assert 2 * beats < read
    if len(packed.programs) == 1:
        assert read < 3 * beats + 16
