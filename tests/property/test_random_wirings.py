"""Random networks of connected models, in batches, against each sequence run naively by itself."""

import numpy as np
import pytest
import random_wirings

CASES = 20


@pytest.mark.parametrize("seed", range(CASES))
def test_network_is_the_naive_one(seed):
    rng = np.random.default_rng(seed)
    for _ in range(5):
        network, sizes = random_wirings.random_network(rng)
        assert network.sequences.input_sizes == tuple(sizes)
        slowest = max(rate or 1 for rate in network.wiring.rates)
        steps = slowest + int(rng.integers(6))
        lengths = rng.integers(slowest, steps + 1, 4)
        x = [rng.standard_normal((4, steps, size)).astype(np.float32) for size in sizes]
        out, (h, c) = network.infer(x if len(x) > 1 else x[0], lengths=lengths)
        if len(network.stacks) == 1:
            out, h, c = [out], [h], [c]
        for b, length in enumerate(lengths):
            expected = random_wirings.run(network, [a[b, :length] for a in x])
            for j, (rows, h_naive, c_naive) in enumerate(zip(*expected)):
                np.testing.assert_allclose(out[j][b, : len(rows)], rows, rtol=0, atol=1e-5)
                assert not out[j][b, len(rows) :].any()
                np.testing.assert_allclose(h[j][:, b], h_naive, rtol=0, atol=1e-5)
                np.testing.assert_allclose(c[j][:, b], c_naive, rtol=0, atol=1e-5)


def test_the_networks_cover_the_notation():
    rng = np.random.default_rng(0)
    networks = [random_wirings.random_network(rng)[0] for _ in range(100)]
    text = "\n".join(str(network.wiring) for network in networks)
    for sign in ("+", ",", "/ 3", "last(m", "last(x", "= m", "= x"):
        assert text.count(sign) > 20, sign
    rates = [rate for network in networks for rate in network.wiring.rates]
    assert {1, 2, 3, None} <= set(rates) and max(rate or 1 for rate in rates) > 3
    assert any(stack.cells > 4 for network in networks for stack in network.stacks)
