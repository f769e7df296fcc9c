"""The compressor coarsens grids where an accumulator could overflow, and says so."""

import dataclasses

import numpy as np
import pytest
from example_matrices import random_network

import pynq_lstm as pl
from pynq_lstm import overflow
from pynq_lstm.compression.parts import PartComponents, limit_dot_products
from pynq_lstm.compression.weights import weight_error

INT32_MAX = 2**31 - 1


def components_of(u):
    rows = np.array(u, np.int8)
    return PartComponents(
        (len(rows),),
        rows,
        np.ones((len(rows), 1), bool),
        np.ones((len(rows), 4, 1), np.int8),
        np.ones((len(rows), 4, 1), bool),
        np.full((len(rows), 2), 3.0),
        rows.shape[1],
        1,
    )


@pytest.mark.parametrize("inputs, halvings", ((516, 0), (517, 1), (1032, 1), (1041, 2), (4000, 3)))
def test_dot_products_are_limited_by_halving(inputs, halvings):
    signs = np.where(np.arange(inputs) % 3, 127, -127)
    before = components_of([signs, np.ones(inputs)])
    part, count = limit_dot_products(before, 16)
    assert overflow.dot_bound(part, 16) <= INT32_MAX
    assert count == (halvings > 0)
    assert set(np.abs(part.u[0])) == {127 >> halvings}
    assert np.array_equal(np.sign(part.u), np.sign(before.u))
    np.testing.assert_array_equal(part.u[1], 1)  # the narrow component stays as it was
    np.testing.assert_allclose(part.s[0], 3.0 * 127 / (127 >> halvings))
    assert np.array_equal(part.s[1], before.s[1])
    assert limit_dot_products(before, 8)[1] == 0


@pytest.mark.parametrize("inputs, bits", ((600, 8), (9500, 4)))
def test_halving_costs_nothing_where_the_vector_keeps_its_direction(inputs, bits):
    layer = random_network(np.random.default_rng(0), [(inputs, 8)]).layers[0]
    constant = dataclasses.replace(layer, w_ih=np.full((32, inputs), 0.01, np.float32))
    net = pl.Network((constant,))
    model = pl.compress(
        net, input_range=(-1, 1), refinements=1, activation_bits=16, weight_bits=bits
    )
    assert np.abs(model.input.u).max() < 2 ** (bits - 1) - 1
    assert weight_error(net, model).by_part[0] < 1e-8


def test_compressor_halves_u_and_says_so():
    rng = np.random.default_rng(0)
    small = random_network(rng, [(600, 4)]).layers[0]
    net = pl.Network((dataclasses.replace(small, w_ih=np.full((16, 600), 0.01, np.float32)),))
    narrow, wide = (
        pl.compress(net, input_range=(-1, 1), refinements=1, activation_bits=bits)
        for bits in (8, 16)
    )
    name = "input components with a halved grid of u"
    assert wide.provenance[name] == 4 and name not in narrow.provenance
    assert np.abs(wide.input.u).max() == 63 and np.abs(narrow.input.u).max() == 127
    x = rng.uniform(-1, 1, (2, 3, 600)).astype(np.float32)
    assert pl.compare(net, wide, x).layers[0].out.max < 0.1


def test_compressor_coarsens_p_and_says_so():
    net = random_network(np.random.default_rng(0), [(6, 8)])
    layer = net.layers[0]
    biased = pl.Network((dataclasses.replace(layer, bias=layer.bias + np.float32(2e6)),))
    free, held = (pl.compress(n, input_range=(-1, 1), refinements=4) for n in (net, biased))
    name = "p coarsened by powers of two"
    assert name not in free.provenance
    assert held.provenance[name] == free.pre_shift[0] - held.pre_shift[0] > 0
    finer = 2 * np.abs(held.bias[0].astype(np.int64)).max()
    assert finer > INT32_MAX * 0.9  # no finer grid would have held the bias


@pytest.mark.parametrize("p_bits, finest", ((10, True), (4, False)))
def test_the_grid_of_p_has_the_least_error(p_bits, finest):
    """One step coarser is never chosen; finer, with some clipping, pays at few bits."""
    net = random_network(np.random.default_rng(4), [(12, 16), (12, 16)], gain=2.0)
    x = np.random.default_rng(5).standard_normal((2, 16, 20, 12)).astype(np.float32)
    model = pl.compress(net, calibration=x, refinements=24, p_bits=p_bits)
    # largest p over the calibration data, on the chosen grid, before saturation
    codes = np.rint(x[0] * np.float32(model.x_inverse_scale[0]))
    d = codes.reshape(-1, 12) @ model.input.u.T.astype(np.float64)
    p = np.abs(np.rint(d * model.input.s[:, 0] * 2.0 ** -model.input.s_shift[0])).max()
    limit = 2 ** (p_bits - 1) - 1
    share = model.provenance.get("largest share of p clipped in calibration", 0)
    if finest:
        assert limit / 2 < p <= limit * 1.05 and share == 0
    else:
        assert p > limit and 0 < share < 0.1
