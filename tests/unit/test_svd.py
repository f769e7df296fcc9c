"""Greedy shared components of one gate: measured errors, tiles, prefixes, exact recovery."""

import numpy as np
import pytest
from example_matrices import GREEDY_ERRORS, TILES, measured_pairs
from threadpoolctl import threadpool_limits

from pynq_lstm.compression import grid
from pynq_lstm.compression.options import PartOptions, Tiles
from pynq_lstm.compression.separate import separate
from pynq_lstm.compression.svd import approximate
from pynq_lstm.compression.sweeping import Sweeping


@pytest.fixture(autouse=True)
def one_thread():
    with threadpool_limits(limits=1):
        yield


@pytest.fixture(scope="module")
def pairs():
    with threadpool_limits(limits=1):
        return measured_pairs()


def remaining(weights, components, count=None):
    """Share of the energy that the first `count` components leave, in float64."""
    s, u, v = (getattr(components, name)[:count].astype(np.float64) for name in "suv")
    dense = np.einsum("rj,ri,rk->jik", s, u, v, optimize=True)
    return ((dense - weights) ** 2).sum() / (weights**2).sum()


def zero_tiles(codes, size):
    return [[not row[k : k + size].any() for k in range(0, len(row), size)] for row in codes]


def options(refinements, u_size, v_size, u_zero=0, v_zero=0):
    return PartOptions(refinements, Tiles(u_size, u_zero), Tiles(v_size, v_zero))


@pytest.mark.parametrize("tiles", TILES)
@pytest.mark.parametrize("name, refinements", GREEDY_ERRORS)
def test_error_with_8_bit_vectors_is_at_or_below_a_greedy_solver_that_refits_s(
    pairs, name, refinements, tiles
):
    found = approximate(pairs[name], options(refinements, 8, 8, *TILES[tiles]), 8)
    error = remaining(pairs[name], found)
    limit = GREEDY_ERRORS[name, refinements][list(TILES).index(tiles)]
    assert limit * 0.7 < round(error, 4) <= limit
    np.testing.assert_allclose(found.error, error, rtol=1e-4)
    assert found.u.shape == (refinements, 256) and found.v.shape == (refinements, 128)
    for codes, mask, absent in zip((found.u, found.v), (found.u_mask, found.v_mask), TILES[tiles]):
        assert ((~mask).sum(axis=1) == absent).all()
        assert np.array_equal(zero_tiles(codes, 8), ~mask)


@pytest.mark.parametrize("bits, top", ((8, 127), (4, 7)))
@pytest.mark.parametrize("absent", (0, 3))
def test_every_further_component_lowers_the_error(pairs, bits, top, absent):
    weights = pairs["shared"][:, :60, :50]
    found = approximate(weights, options(30, 5, 7, absent, absent), bits)
    errors = [remaining(weights, found, k) for k in range(31)]
    assert errors[0] == 1 and (np.diff(errors) <= 1e-7).all()
    assert errors[30] < 0.7 * errors[8]
    for codes in (found.u, found.v):
        assert np.abs(codes.astype(int)).max() == top


@pytest.mark.parametrize(
    "shape, u, v",
    [
        ((2, 10, 12), Tiles(4, 1), Tiles(5, 2)),  # ragged: 4 4 2, 5 5 2
        ((1, 9, 7), Tiles(1, 5), Tiles(7)),
        ((3, 17, 16), Tiles(16, 1), Tiles(3, 4)),
    ],
)
@pytest.mark.parametrize("bits", (4, 8))
def test_ragged_tiles_and_masks_of_their_own(shape, u, v, bits):
    weights = np.random.default_rng(0).standard_normal(shape)
    found = approximate(weights, PartOptions(9, u, v), bits)
    assert len(found.s) == 9
    for codes, mask, tiles in ((found.u, found.u_mask, u), (found.v, found.v_mask, v)):
        assert mask.shape == (9, -(-codes.shape[1] // tiles.size))
        assert ((~mask).sum(axis=1) == tiles.zero).all()
        assert not codes[~np.repeat(mask, tiles.size, axis=1)[:, : codes.shape[1]]].any()
        if mask.shape[1] > 2 and tiles.zero:
            assert len({row.tobytes() for row in mask}) > 1  # independent for each refinement


def common_basis(rng, models, rows, columns, rank):
    """Matrices U diag(s_j) V^T with common orthonormal U and V."""
    u, v = (np.linalg.qr(rng.standard_normal((n, rank)))[0] for n in (rows, columns))
    return np.stack([(u * rng.uniform(0.5, 2, rank)) @ v.T for _ in range(models)])


@pytest.mark.parametrize("models, rank", [(1, 1), (1, 5), (2, 3), (4, 6)])
def test_matrices_with_a_common_basis_are_recovered(models, rank):
    weights = common_basis(np.random.default_rng(rank), models, 20, 16, rank)
    found = approximate(weights, options(rank, 20, 16), 8)
    assert remaining(weights, found) < 1e-4  # what 8 bits lose
    if rank > 1:
        assert remaining(weights, found, rank - 1) > 0.01
    # further terms mend the rounding, until float32 has no more to give
    more = approximate(weights, options(16, 20, 16), 8)
    assert remaining(weights, more) < 1e-5


def test_full_rank_is_exact_to_float32():
    weights = np.random.default_rng(0).standard_normal((1, 12, 9))
    assert remaining(weights, approximate(weights, options(9, 12, 9), 8)) < 1e-4


@pytest.mark.parametrize("bits, top", ((8, 127), (4, 7)))
def test_components_end_where_nothing_is_left(bits, top):
    rng = np.random.default_rng(0)
    u, v = (np.append(rng.integers(-top, top + 1, n), top) for n in (9, 7))
    weights = np.outer(u, v) * np.array([0.25, -3e-3])[:, None, None]
    steps = []
    found = approximate(weights, options(8, 10, 8), bits, step=lambda: steps.append(1))
    assert len(found.s) == 1 and remaining(weights, found) < 1e-12
    sign = np.sign(found.u[0, -1])
    assert np.array_equal(found.u[0], sign * u)
    assert np.array_equal(found.v[0], v * np.sign(found.v[0, -1]))
    assert len(steps) == 2  # one for each of two candidates


@pytest.mark.parametrize("scale", (1e-30, 1e-3, 1e20))
def test_codes_do_not_depend_on_the_scale(pairs, scale):
    weights = pairs["independent"][:, :30, :20].astype(np.float32)
    wanted = approximate(weights, options(4, 4, 5, 1, 1), 8)
    found = approximate(weights * np.float32(scale), options(4, 4, 5, 1, 1), 8)
    # float32 rounds the scaled weights anew, so a code may move by one
    for name in "uv":
        codes = getattr(found, name).astype(int)
        assert np.abs(codes - getattr(wanted, name)).max() <= 1
    np.testing.assert_allclose(found.s, wanted.s * scale, rtol=0.05)


def test_same_bytes_twice(pairs):
    weights, wanted = pairs["random"][:, :64, :64], options(8, 8, 8, 2, 2)
    a, b = (approximate(weights, wanted, 4) for _ in range(2))
    for name in ("u", "v", "u_mask", "v_mask", "s"):
        assert getattr(a, name).tobytes() == getattr(b, name).tobytes()


@pytest.mark.parametrize("bits, top", ((8, 127), (4, 7)))
def test_codes_are_the_best_of_their_clips(bits, top):
    rng = np.random.default_rng(bits)

    def loss(vector, codes):
        return ((vector - codes * ((codes @ vector) / (codes @ codes))) ** 2).sum()

    for _ in range(30):
        vector = rng.standard_normal(40) * rng.uniform(0.01, 10)
        codes = grid.codes(vector, bits)
        assert codes.dtype == np.int8 and np.abs(codes.astype(int)).max() <= top
        plain = np.rint(vector * (top / np.abs(vector).max()))
        assert loss(vector, codes.astype(float)) <= loss(vector, plain) * (1 + 1e-12)
    assert not grid.codes(np.zeros(5), bits).any()


@pytest.mark.parametrize("seed", range(3))
def test_signs_do_not_depend_on_the_library_of_linear_algebra(pairs, seed, monkeypatch):
    """Any library may turn any singular vector round, and each does so in its own way."""
    weights = pairs["shared"][:, :40, :30].astype(np.float32)
    tiles, sweeping = (Tiles(8, 1), Tiles(6)), Sweeping()

    def found():
        alone = separate(weights, tiles, 8, sweeping, lambda count=1: None, 6)[1]
        return approximate(weights, options(6, 8, 6, 1), 8), alone

    wanted = found()
    rng = np.random.default_rng(seed)
    eigh, svd = np.linalg.eigh, np.linalg.svd

    def turned_eigh(matrix):
        values, vectors = eigh(matrix)
        return values, vectors * rng.choice([-1, 1], len(values))

    def turned_svd(matrix, **keywords):
        left, values, right = svd(matrix, **keywords)
        signs = rng.choice([-1, 1], len(values))
        return left * signs, values, right * signs[:, None]

    monkeypatch.setattr(np.linalg, "eigh", turned_eigh)
    monkeypatch.setattr(np.linalg, "svd", turned_svd)
    for one, other in zip(found(), wanted):
        for name in "uvs":
            np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-6)
