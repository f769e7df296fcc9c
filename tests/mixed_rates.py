"""Forward networks with models at slower rates, and their streams held against `infer`.

What a model gave after n steps follows from one `infer` over all of them by counting on fingers:
step floor(n / k) of its out, or, before it has run, the h that the sequence began with.
"""

import compressed_networks as networks
import numpy as np


def is_mixed(net):
    """Forward, nothing once a sequence, something slower; a rate of 1 need not be there."""
    forward = not any(s.bidirectional or s.reverse for s in net.stacks)
    return forward and None not in net.wiring.rates and max(net.wiring.rates) > 1


def random_mixed(rng, method=None, **options):
    """A `CompressedNetwork` with slower models, and batches of 3 sequences as lists over inputs."""
    net, network, _, _ = networks.random_compressed(rng, method, is_mixed, **options)
    time = network.sequences.slowest + int(rng.integers(4, 8))
    x = [rng.standard_normal((3, time, size)).astype(np.float32) for size in network.input_sizes]
    return network, x


def given(x):
    """A list over external inputs as a user passes it."""
    return x if len(x) > 1 else x[0]


def step_of(x, t):
    """Step t of an unbatched sequence."""
    return given([a[t] for a in x])


def over_models(network, values):
    """What is given back, as a list over models."""
    return [values] if network.models == 1 else list(values)


def same(network, ours, theirs):
    """Both are what is given back for all models, bit by bit."""
    for a, b in zip(over_models(network, ours), over_models(network, theirs), strict=True):
        np.testing.assert_array_equal(a, b)


def began(network, side):
    """h of the top layer of each model in a state."""
    return [h[-1] for h in over_models(network, side)]


def check_step(network, n, ours, ran, out, first):
    """Step n, from 1, of a stream against the out of the whole and the h that it began with."""
    rates = network.wiring.rates
    assert ran == tuple(n % k == 0 for k in rates)
    for mine, rows, h, k in zip(
        over_models(network, ours), over_models(network, out), first, rates, strict=True
    ):
        np.testing.assert_array_equal(mine, rows[n // k - 1] if n >= k else h)
        assert mine.dtype == np.float32


def check_prefixes(session, network, x, stream, state=None):
    """Every prefix of one sequence, from a state on its grid, against `infer` of the prefix."""
    out, end = session.infer(given(x), state)
    zeros = [np.zeros(size, np.float32) for size in network.hidden_sizes]
    first = zeros if state is None else began(network, state[0])
    for n in range(1, len(x[0]) + 1):
        ours = stream.step(step_of(x, n - 1))
        check_step(network, n, ours, stream.ran, out, first)
        if n >= network.sequences.slowest:  # `infer` takes no shorter ones
            _, its = session.infer(given([a[:n] for a in x]), state)
            for mine, side in zip(stream.state, its):
                same(network, mine, side)
            for mine, h in zip(over_models(network, ours), began(network, its[0]), strict=True):
                np.testing.assert_array_equal(mine, h)
    return end
