"""No step of block coordinate descent raises the error, on random problems of every form."""

from functools import partial

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from pynq_lstm.compression import descent, half_sweep
from pynq_lstm.compression.factors import Factors, rounded
from pynq_lstm.compression.images import Matrices, residual_images
from pynq_lstm.compression.line_search import LineSearch
from pynq_lstm.compression.options import Sweeping, Tiles

SEEDS = range(24)
NOISE = {8: 0.0, 4: 2e-2}  # with the share that 8 bits have, a wrong one would not show


@pytest.fixture(autouse=True)
def one_thread():
    with threadpool_limits(limits=1):
        yield


def problem(seed):
    """Random matrices, tiles, bits and factors that fit them."""
    rng = np.random.default_rng(seed)
    models, rows, columns = 1 + seed % 3, int(rng.integers(2, 40)), int(rng.integers(2, 40))
    count = int(rng.integers(1, min(models * min(rows, columns), 20) + 1))
    weights = rng.standard_normal((models, rows, columns))
    if seed % 2:  # of low rank, so that components are alike
        rank = 1 + seed % 5
        left = rng.standard_normal((models, rows, rank))
        weights = left @ rng.standard_normal((models, rank, columns)) + 0.1 * weights
    tiles = []
    for length in (rows, columns):
        size = int(rng.integers(1, length + 1))
        tiles.append(Tiles(size, int(rng.integers(0, -(-length // size)))))
    vectors = [
        np.stack([row * side.kept(row * row) for row in rng.standard_normal((count, length))])
        for length, side in zip((rows, columns), tiles)
    ]
    start = Factors(*(a.astype(np.float32) for a in vectors), rng.standard_normal((count, models)))
    return weights.astype(np.float32), start, tiles, (8, 4)[seed % 2]


def objective(weights, factors, noise):
    """Error and noise times the energies of the components, in float64, term by term."""
    u, v, s = (np.asarray(a, np.float64) for a in (factors.u, factors.v, factors.s))
    total = 0.0
    for w, scalars in zip(weights.astype(np.float64), s.T):
        left = w.copy()
        for a, b, scalar in zip(u, v, scalars):
            left -= scalar * np.outer(a, b)
            total += noise * scalar**2 * (a @ a) * (b @ b)
        total += (left**2).sum()
    return total


def joined(side, x, y, s):
    """Factors from the vectors of a side, those of the other, and s."""
    return Factors(*((x, y) if side == 0 else (y, x)), s)


def watch(monkeypatch, errors, factors, weights, start, noise):
    """Append the objective to `errors` after every vector and after s.

    Where all vectors come from one system they are also found in turn, watched, and compared.
    """
    nearest, refit, at_once = half_sweep.nearest, half_sweep.refit, half_sweep._all
    x, y, s = start
    scaled, rows = x.astype(np.float64), iter(np.flatnonzero((s**2).sum(1) * (y**2).sum(1) > 0))

    def watched_nearest(*arguments):
        vector, scale = nearest(*arguments)
        scaled[next(rows)] = scale * vector
        errors.append(objective(weights, factors(scaled, y, s), noise))
        return vector, scale

    def watched_refit(images, x, y, s, noise):
        found, less = refit(images, x, y, s, noise)
        errors.append(objective(weights, factors(x, y, found), noise))
        return found, less

    def watched_all(slope, curvature, x):
        found = at_once(slope, curvature, x)
        turn = half_sweep._in_turn(slope, curvature, x, Tiles(x.shape[1]), None)
        for one, other in zip(found, turn):
            np.testing.assert_allclose(one, other, atol=1e-3 * np.abs(other).max())
        return found

    monkeypatch.setattr(half_sweep, "_all", watched_all)
    monkeypatch.setattr(half_sweep, "nearest", watched_nearest)
    monkeypatch.setattr(half_sweep, "refit", watched_refit)


@pytest.mark.parametrize("on_grid", (False, True))
@pytest.mark.parametrize("seed", SEEDS)
def test_no_vector_and_no_scalars_step_up(monkeypatch, seed, on_grid):
    """After every vector, after every refit of s, for both sides in turn."""
    weights, now, tiles, bits = problem(seed)
    noise = 0.0 if on_grid else NOISE[bits]
    if on_grid:
        now = rounded(now, bits)
    errors, fallen = [objective(weights, now, noise)], []
    whole = objective(weights, Factors(now.u, now.v, 0 * now.s), 0)
    for side in (0, 1, 0, 1):
        matrices = Matrices(weights) if side == 0 else Matrices(weights).turned()
        x, y, s = (now.u, now.v, now.s) if side == 0 else (now.v, now.u, now.s)
        watch(monkeypatch, errors, partial(joined, side), weights, (x, y, s), noise)
        error, images = residual_images(matrices, x, y, s, noise)
        np.testing.assert_allclose(error, errors[-1], rtol=1e-4, atol=1e-5 * whole)
        grid = bits if on_grid else None
        x, s, less = half_sweep.half_sweep(images, x, y, s, tiles[side], grid, noise)
        monkeypatch.undo()
        now = joined(side, x, y, s)
        fallen.append(error - less - errors[-1])
    scale = max(whole, errors[0])
    assert len(errors) > 4
    assert np.diff(errors).max() <= 1e-6 * scale
    assert np.abs(fallen).max() <= 1e-5 * scale  # what a half-sweep says that it gained
    for rows, side in zip((now.u, now.v), tiles):
        for vector in rows:
            zero = [not vector[k : k + side.size].any() for k in range(0, len(vector), side.size)]
            assert sum(zero) >= side.zero
            if on_grid:
                assert np.array_equal(vector, np.rint(vector))
                assert np.abs(vector).max() <= 2 ** (bits - 1) - 1


@pytest.mark.parametrize("on_grid", (False, True))
@pytest.mark.parametrize("seed", SEEDS)
def test_no_sweep_steps_up(seed, on_grid):
    """Also where vectors are moved on between sweeps."""
    weights, start, tiles, bits = problem(seed)
    start = rounded(start, bits) if on_grid else start
    found, errors = descent.descend(weights, start, tiles, bits, Sweeping(25, 0.0), on_grid=on_grid)
    noise = 0.0 if on_grid else descent.NOISE[bits]
    first = objective(weights, start, noise)
    assert np.diff([first, *errors]).max() <= 1e-6 * first
    np.testing.assert_allclose(errors[-1], objective(weights, found, noise), atol=1e-5 * first)
    assert 1 <= len(errors) <= 25


def test_a_descent_ends_where_a_rival_is_out_of_reach():
    weights, start, tiles, bits = problem(2)
    whole = descent.descend(weights, start, tiles, bits, Sweeping(40, 0.0))
    for share, wanted in ((1.1, len(whole[1])), (0.5, descent.WINDOW + 1)):
        passed = []
        _, errors = descent.descend(
            weights,
            start,
            tiles,
            bits,
            Sweeping(40, 0.0),
            passed.append,
            rival=share * whole[1][-1],
        )
        assert len(errors) == wanted and sum(passed) == 40
    assert whole[1][descent.WINDOW] < 2 * whole[1][-1]


def test_a_rival_a_little_below_is_not_chased_for_long(monkeypatch):
    """However many sweeps are left: the fall of one has become small."""
    weights, start, tiles, bits = problem(4)
    given = weights, start, tiles, bits, Sweeping(500, 1e-6)
    end = descent.descend(*given)[1]
    assert descent.descend(*given, rival=end[-1] * 1.1)[1] == end  # within reach
    chasing = descent.descend(*given, rival=end[-1] * 0.97)[1]
    monkeypatch.setattr(descent, "AGAIN", 500)
    assert len(chasing) < 0.7 * len(descent.descend(*given, rival=end[-1] * 0.97)[1])


def test_absent_tiles_stay_absent_where_vectors_are_moved_on():
    """Also those that were present a sweep before."""
    weights, start, _, _ = problem(4)
    other = Factors(start.u[:, ::-1].copy(), start.v[:, ::-1].copy(), start.s)
    assert ((other.u != 0) & (start.u == 0)).any()
    matrices = Matrices(weights)
    search = LineSearch(matrices, 0.0)
    search.moved_on(other, matrices.products(other.v), np.inf)
    ahead, images = search.moved_on(start, matrices.products(start.v), np.inf)
    assert images and not np.array_equal(ahead.u, start.u)
    for new, old in ((ahead.u, start.u), (ahead.v, start.v)):
        assert not new[old == 0].any()
        np.testing.assert_allclose((new**2).sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("seed", range(6))
def test_s_is_the_joint_least_squares_solution(seed):
    weights, now, _, _ = problem(seed)
    _, images = residual_images(Matrices(weights), now.u, now.v, now.s)
    s, fallen = half_sweep.refit(images, now.u, now.v, now.s)
    columns = np.stack([np.outer(a, b).ravel() for a, b in zip(now.u, now.v)], 1)
    columns = columns.astype(np.float64)
    for j, w in enumerate(weights):
        best = columns @ np.linalg.lstsq(columns, w.ravel().astype(np.float64), rcond=None)[0]
        least = ((w.ravel() - best) ** 2).sum()
        found = ((w.ravel() - columns @ s[:, j]) ** 2).sum()
        assert found <= least + 1e-4 * (w**2).sum()
    assert fallen > 0
