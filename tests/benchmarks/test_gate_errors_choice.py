"""What `make gate-errors` compares, and when the package's own expectation stays."""

import gate_errors as bench
import numpy as np
import pytest
from example_matrices import random_inputs, random_network

from pynq_lstm.compression import gate_errors
from pynq_lstm.compression.calibration import Steps
from pynq_lstm.model import PARTS


def step(pre, before):
    """What one step makes of pre-activations (units of i, f, g, o): gates, c, h, in float64."""
    i, f, g, o = np.split(pre, 4)
    i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
    g = np.tanh(g)
    c = f * before + i * g
    return np.concatenate([i, f, g, o]), c, o * np.tanh(c)


def test_slopes_are_those_of_the_step():
    rng, units, tiny = np.random.default_rng(0), 5, 1e-6
    pre, before = rng.standard_normal(4 * units), rng.standard_normal(units)
    _, c, _ = step(pre, before)
    found = bench.followed(pre[None], before[None], c[None])
    for k in range(4 * units):
        moved = pre + tiny * (np.arange(4 * units) == k)
        gates, cells, h = ((a - b) / tiny for a, b in zip(step(moved, before), step(pre, before)))
        unit, into_h = k % units, k >= 3 * units
        assert found["pre-activations"][0, k] == 1
        assert found["gates"][0, k] == pytest.approx(gates[k], abs=1e-5)
        assert found["h"][0, k] == pytest.approx(h[unit], abs=1e-5)
        wanted = h[unit] if into_h else cells[unit]
        assert found["c, and h of gate o"][0, k] == pytest.approx(wanted, abs=1e-5)


def test_the_packages_own_is_one_of_eight():
    rng = np.random.default_rng(1)
    net = random_network(rng, [(3, 6), (3, 6)])
    data = [Steps.whole(x) for x in random_inputs(rng, net, 70, 4)]
    found, own = bench.candidates(net, data), gate_errors.measure(net, data)
    assert len(found) == 8
    for side in PARTS:
        np.testing.assert_allclose(found[bench.OWN][side].slopes, own[side].slopes)
        np.testing.assert_array_equal(found[bench.OWN][side].moments, own[side].moments)
        sizes = {name: made[side].moments.shape for name, made in found.items()}
        assert set(sizes.values()) == {own[side].moments.shape}


@pytest.mark.parametrize("gained, lost, stays", ((0, 0, True), (3, 1, True), (40, 0, False)))
def test_the_packages_own_stays_within_the_noise(gained, lost, stays):
    own = np.repeat([1.0, 0.0], 200)
    other = own.copy()
    other[200 : 200 + gained], other[:lost] = 1, 0
    chosen, best, behind = bench.choice({bench.OWN: own, "other": other})
    assert (chosen == bench.OWN) == stays
    assert best == ("other" if gained else bench.OWN) and behind[best] == (0, 0)
    assert behind[bench.OWN][0] == pytest.approx((gained - lost) / 4)
