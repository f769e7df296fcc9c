"""Streams of random networks with slower models: every prefix has the bits of `infer`."""

import math

import compressed_networks as networks
import numpy as np
import pytest
from mixed_rates import (
    began,
    check_prefixes,
    check_step,
    given,
    over_models,
    random_mixed,
    same,
    step_of,
)

import pynq_lstm as pl

pytestmark = pytest.mark.filterwarnings("ignore::pynq_lstm.errors.SaturationWarning")
BACKENDS = ("cpu", "reference")
CASES = 8


def random_state(rng, network):
    """(h, c) of an unbatched sequence, off every grid."""
    shapes = [(stack.cells, size) for stack, size in zip(network.stacks, network.hidden_sizes)]
    h, c = (
        [rng.uniform(-0.9, 0.9, shape).astype(np.float32) for shape in shapes] for _ in range(2)
    )
    return (h, c) if network.models > 1 else (h[0], c[0])


@pytest.mark.parametrize("seed", range(CASES))
@pytest.mark.parametrize("backend", BACKENDS)
def test_every_prefix(backend, seed):
    rng = np.random.default_rng(seed)
    network, x = random_mixed(rng)
    x = [a[0] for a in x]
    with pl.load(network, backend) as session, session.stream() as stream:
        assert stream.ran == (False,) * network.models
        end = check_prefixes(session, network, x, stream)
        for mine, side in zip(stream.state, end):
            same(network, mine, side)
        stream.reset()
        assert stream.ran == (False,) * network.models
        check_prefixes(session, network, x, stream)


@pytest.mark.parametrize("seed", range(CASES))
def test_the_whole_is_that_of_the_passes_by_hand(seed):
    """So that streams and `infer` are not wrong alike; prefixes of components, too."""
    rng = np.random.default_rng(50 + seed)
    network, x = random_mixed(rng, "svd")
    asked = int(rng.integers(1, 4))
    one = [a[0] for a in x]
    sizes = [size for s, size in zip(network.stacks, network.hidden_sizes) for _ in range(s.cells)]
    zeros = [np.zeros(size) for size in sizes]
    out, _, _ = networks.naive(network, one, (zeros, zeros), asked)
    first = [np.zeros(size, np.float32) for size in network.hidden_sizes]
    with pl.load(network, "cpu") as session, session.stream(asked) as stream:
        for n in range(1, len(one[0]) + 1):
            ours = stream.step(step_of(one, n - 1))
            given_out = out if network.models > 1 else out[0]
            check_step(network, n, ours, stream.ran, given_out, first)


@pytest.mark.parametrize("seed", range(CASES))
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_batch_is_streams_side_by_side_that_stop_early(backend, seed):
    rng = np.random.default_rng(100 + seed)
    network, x = random_mixed(rng)
    slowest, time = network.sequences.slowest, x[0].shape[1]
    lengths = rng.integers(slowest, time + 1, 3)
    with pl.load(network, backend) as session:
        out, state = session.infer(given(x), lengths=lengths)
        streams = [session.stream() for _ in lengths]
        found = [[] for _ in lengths]
        for t in range(time):  # in turn, so that one could disturb another
            for b, stream in enumerate(streams):
                if t < lengths[b]:
                    answer = stream.step(step_of([a[b] for a in x], t))
                    found[b].append((over_models(network, answer), stream.ran))
        for b, stream in enumerate(streams):
            for j, rows in enumerate(over_models(network, out)):
                new = [h[j] for h, ran in found[b] if ran[j]]
                np.testing.assert_array_equal(np.stack(new), rows[b, : len(new)])
                assert not rows[b, len(new) :].any()
            for mine, side in zip(stream.state, state):
                whole = [h[:, b] for h in over_models(network, side)]
                for a, its in zip(over_models(network, mine), whole, strict=True):
                    np.testing.assert_array_equal(a, its)
            stream.close()


@pytest.mark.parametrize("seed", range(CASES))
@pytest.mark.parametrize("backend", BACKENDS)
def test_states_that_are_handed_over(backend, seed):
    rng = np.random.default_rng(200 + seed)
    network, x = random_mixed(rng)
    x = [np.concatenate([a[0], a[1]]) for a in x]
    block = math.lcm(*network.wiring.rates)
    with pl.load(network, backend) as session, session.stream() as one, session.stream() as other:
        # off the grid: both round it alike, and what is held is rounded, too
        start = random_state(rng, network)
        one.state = start
        rounded = one.state
        out, end = session.infer(given(x), start)
        first = began(network, rounded[0])
        for n in range(1, len(x[0]) + 1):
            if n > 1 and n % block == 1 % block:  # between blocks the other one goes on
                other.state = one.state
                one, other = other, one
            ours = one.step(step_of(x, n - 1))
            check_step(network, n, ours, one.ran, out, first)
        for mine, side in zip(one.state, end):
            same(network, mine, side)


@pytest.mark.parametrize("seed", range(CASES))
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_state_set_within_a_block_begins_another_sequence(backend, seed):
    """As an `infer` with that state does: a state knows of no steps that wait."""
    rng = np.random.default_rng(300 + seed)
    network, x = random_mixed(rng)
    x, cut = [a[0] for a in x], int(rng.integers(1, 5))
    with pl.load(network, backend) as session, session.stream() as stream:
        for t in range(cut):
            stream.step(step_of(x, t))
        state = stream.state
        stream.state = state
        assert stream.ran == (False,) * network.models
        for mine, side in zip(stream.state, state):
            same(network, mine, side)
        rest = [np.concatenate([a[cut:], a]) for a in x]
        check_prefixes(session, network, rest, stream, state)


def test_the_networks_cover_what_there_is():
    rng = np.random.default_rng(0)
    made = [random_mixed(rng)[0] for _ in range(25)]
    rates = [set(network.wiring.rates) for network in made]
    assert any(len(found) > 2 for found in rates) and any(1 not in found for found in rates)
    assert any(math.lcm(*found) > max(found) for found in rates)  # blocks that do not nest
    assert any(max(found) > 3 for found in rates)  # a slower one of a slower one
    assert {network.method for network in made} == set(networks.OPTIONS)
    assert any(s.num_layers > 1 for network in made for s in network.stacks)
    assert any(network.models == 1 for network in made)
