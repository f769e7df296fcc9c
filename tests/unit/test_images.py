"""What residuals make of vectors, against the residuals themselves in float64."""

import numpy as np
import pytest

from pynq_lstm.compression import half_sweep, images
from pynq_lstm.compression.factors import Factors
from pynq_lstm.compression.images import Matrices, residual_images
from pynq_lstm.compression.line_search import LineSearch
from pynq_lstm.compression.tiling import Tiles


def problem(seed, left=1.0):
    """Matrices, and factors that leave about so much of them."""
    rng = np.random.default_rng(seed)
    models, rows, columns, count = 1 + seed % 3, 30, 22, 7
    u, v, s = (rng.standard_normal((count, size)) for size in (rows, columns, models))
    made = np.einsum("rj,ri,rk->jik", s, u, v)
    weights = made + left * rng.standard_normal(made.shape) * made.std()
    return weights.astype(np.float32), Factors(u.astype(np.float32), v.astype(np.float32), s)


def naive(weights, factors):
    """Residuals, (models, rows, columns) float64."""
    u, v, s = (getattr(factors, name).astype(np.float64) for name in "uvs")
    return weights.astype(np.float64) - np.einsum("rj,ri,rk->jik", s, u, v)


@pytest.mark.parametrize("noise", (0.0, 0.02))
@pytest.mark.parametrize("left", (1.0, 0.2, 1e-2, 1e-4))
@pytest.mark.parametrize("seed", range(6))
def test_images_and_error_are_those_of_the_residuals(seed, left, noise):
    weights, now = problem(seed, left)
    errors, matrices = naive(weights, now), Matrices(weights)
    energies = (now.s**2).sum(axis=1) * (now.u**2).sum(axis=1) * (now.v**2).sum(axis=1)
    for own, x, y, axes in (
        (matrices, now.u, now.v, "jik,rk->jri"),
        (matrices.turned(), now.v, now.u, "jik,ri->jrk"),
    ):
        error, found = residual_images(own, x, y, now.s, noise)
        wanted = np.einsum(axes, errors, y.astype(np.float64))
        whole = np.linalg.norm(np.einsum(axes, weights.astype(np.float64), y), axis=-1).max()
        assert np.abs(np.stack(found) - wanted).max() <= 1e-6 * whole
        # residuals are made in float32: of the little that is left they know the fewer digits
        known = max(1e-4, 2.0**-23 / left)
        exact = (errors**2).sum() + noise * energies.sum()
        np.testing.assert_allclose(error, exact, rtol=known)


def test_little_is_told_from_nothing():
    """Where Gram matrices in float32 would not know the error, nor even its sign."""
    weights, now = problem(0, 1e-6)
    error, _ = residual_images(Matrices(weights), now.u, now.v, now.s)
    exact = (naive(weights, now) ** 2).sum()
    assert exact < 1e-11 * (weights**2).sum()
    np.testing.assert_allclose(error, exact, rtol=0.5)


@pytest.mark.parametrize("size", (1e3, 1e4))
def test_components_that_cancel_one_another(size):
    """Much is left of the matrices, but little of what Gram matrices would add up."""
    weights, now = problem(1, 1.0)
    now.u[1] = now.u[0] + np.float32(1e-4) * now.u[1]
    now.v[1] = now.v[0]
    now.s[0], now.s[1] = size, -size
    error, found = residual_images(Matrices(weights), now.u, now.v, now.s)
    exact = naive(weights, now)
    assert (exact**2).sum() > 0.5 * (weights**2).sum()
    np.testing.assert_allclose(error, (exact**2).sum(), rtol=1e-3)
    wanted = np.einsum("jik,rk->jri", exact, now.v.astype(np.float64))
    np.testing.assert_allclose(np.stack(found), wanted, atol=1e-3 * np.abs(wanted).max())


def test_products_that_are_known_are_used():
    weights, now = problem(2)
    matrices = Matrices(weights)
    plain = residual_images(matrices, now.u, now.v, now.s)
    known = residual_images(matrices, now.u, now.v, now.s, 0.0, matrices.products(now.v))
    other = residual_images(matrices, now.u, now.v, now.s, 0.0, matrices.products(-now.v))
    assert known[0] == plain[0] != other[0]
    assert all(np.array_equal(a, b) for a, b in zip(known[1], plain[1]))


@pytest.mark.parametrize("seed", range(3))
def test_images_after_s_has_changed(seed):
    weights, now = problem(seed)
    change = np.random.default_rng(seed).standard_normal(now.s.shape)
    _, before = residual_images(Matrices(weights), now.u, now.v, now.s)
    _, after = residual_images(Matrices(weights), now.u, now.v, now.s + change)
    found = images.images_after(before, now.u, now.v, change)
    np.testing.assert_allclose(np.stack(found), np.stack(after), atol=1e-4 * np.abs(after).max())


@pytest.mark.parametrize("unused", (False, True))
@pytest.mark.parametrize("seed", range(6))
def test_all_vectors_by_one_system_are_those_found_in_turn(seed, unused):
    """Where every minimiser is allowed; `Tiles` with a zero tile take the other way."""
    weights, now = problem(seed)
    if unused:
        now.s[3] = 0
    _, met = residual_images(Matrices(weights), now.u, now.v, now.s)
    slope = sum(c[:, None].astype(np.float32) * image for c, image in zip(now.s.T, met))
    curvature = ((now.s @ now.s.T) * (now.v @ now.v.T)).astype(np.float32)
    one = half_sweep._all(slope, curvature, now.u)
    turn = half_sweep._in_turn(slope, curvature, now.u, Tiles(now.u.shape[1]), None)
    size = np.abs(turn[1]).max()
    np.testing.assert_allclose(one[1], turn[1], atol=1e-4 * size)
    used = np.arange(7) != 3 if unused else np.ones(7, bool)
    np.testing.assert_allclose(one[0][used], turn[0][used], atol=1e-4)
    np.testing.assert_allclose(one[2], turn[2], rtol=1e-4)


@pytest.mark.parametrize("factor", (1e-14, 1e-17, 1e-20, 1e-25))
@pytest.mark.parametrize("tiles", (Tiles(30), Tiles(5, 2)))
def test_a_vector_that_is_hardly_used_overflows_nothing(factor, tiles):
    weights, now = problem(2)
    now.s[3] *= factor
    error, met = residual_images(Matrices(weights), now.u, now.v, now.s)
    with np.errstate(all="raise", under="ignore"):
        x, s, fallen = half_sweep.half_sweep(met, now.u, now.v, now.s, tiles)
    assert np.isfinite(x).all() and np.isfinite(s).all()
    left = naive(weights, Factors(x, now.v, s))
    assert fallen > 0 and (left**2).sum() < error
    np.testing.assert_allclose((left**2).sum(), error - fallen, rtol=1e-3)


@pytest.mark.parametrize("block", (1, 3, 100))
def test_blocks_change_nothing(monkeypatch, block):
    weights, now = problem(1)
    _, met = residual_images(Matrices(weights), now.u, now.v, now.s)
    wanted = half_sweep.half_sweep(met, now.u, now.v, now.s, Tiles(5, 2))
    monkeypatch.setattr(half_sweep, "BLOCK", block)
    found = half_sweep.half_sweep(met, now.u, now.v, now.s, Tiles(5, 2))
    np.testing.assert_allclose(found[0], wanted[0], atol=1e-4)
    np.testing.assert_allclose(found[1:][1], wanted[2], rtol=1e-4)


@pytest.mark.parametrize("seed", range(6))
def test_images_further_along_need_no_product_of_their_own(seed, monkeypatch):
    """Also where a vector has lost a tile: it stays where it is."""
    weights, now = problem(seed)
    rng, matrices = np.random.default_rng(100 + seed), Matrices(weights)
    u, v = (a + 0.1 * rng.standard_normal(a.shape).astype("f4") for a in (now.u, now.v))
    before = Factors(u, v, now.s)
    now.v[2, :4] = 0
    search = LineSearch(matrices, 0.0)
    search.moved_on(before, matrices.products(before.v), np.inf)
    products = matrices.products(now.v)
    monkeypatch.setattr(Matrices, "products", None)  # none is made from here on
    ahead, found = search.moved_on(now, products, np.inf)
    monkeypatch.undo()
    assert not ahead.v[2, :4].any() and now.v[2, 4:].any()
    np.testing.assert_allclose(ahead.v[2], now.v[2] / np.linalg.norm(now.v[2]), atol=1e-6)
    assert np.abs(ahead.v[1] - now.v[1] / np.linalg.norm(now.v[1])).max() > 1e-3
    _, wanted = residual_images(matrices, ahead.u, ahead.v, ahead.s)
    scale = np.abs(np.stack(matrices.products(ahead.v))).max()
    assert np.abs(np.stack(found) - np.stack(wanted)).max() <= 1e-5 * scale


def test_a_move_that_raises_the_error_is_not_made():
    weights, now = problem(1)
    matrices = Matrices(weights)
    search = LineSearch(matrices, 0.0)
    assert search.moved_on(now, matrices.products(now.v), np.inf) == (now, None)  # no change yet
    ahead, found = search.moved_on(now, matrices.products(now.v), 0.0)
    assert ahead is now and found is None
