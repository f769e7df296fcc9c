"""Components fitted together: at or below greedy ones and separate ones, on the integer grid."""

import numpy as np
import pytest
from example_matrices import JOINT_ERRORS, TILE, TILES, low_rank_layer, measured_pairs
from threadpoolctl import threadpool_limits

import pynq_lstm as pl
from pynq_lstm.compression import joint, rank_one, svd
from pynq_lstm.compression.descent import descend
from pynq_lstm.compression.options import SOLVERS, PartOptions, Sweeping, Tiles
from pynq_lstm.compression.separate import separate

SHORT = Sweeping(20, 1e-3)


@pytest.fixture(autouse=True)
def one_thread():
    with threadpool_limits(limits=1):
        yield


@pytest.fixture(scope="module")
def pairs():
    return measured_pairs()


def remaining(weights, components):
    """Share of the energy that the components leave, in float64."""
    s, u, v = (getattr(components, name).astype(np.float64) for name in "suv")
    dense = np.einsum("rj,ri,rk->jik", s, u, v, optimize=True)
    return ((dense - weights) ** 2).sum() / (weights**2).sum()


def zero_tiles(codes, size):
    return [[not row[k : k + size].any() for k in range(0, len(row), size)] for row in codes]


@pytest.mark.parametrize("tiles", TILES)
@pytest.mark.parametrize("name, refinements", JOINT_ERRORS)
def test_error_with_8_bit_vectors_is_at_or_below_a_descent_in_float(
    pairs, name, refinements, tiles
):
    sides = [Tiles(TILE, zero) for zero in TILES[tiles]]
    found = joint.approximate(pairs[name], PartOptions(refinements, *sides), 8, Sweeping())
    error = remaining(pairs[name], found.components)
    limit = JOINT_ERRORS[name, refinements][list(TILES).index(tiles)]
    assert limit * 0.9 < round(error, 4) <= limit
    np.testing.assert_allclose(found.components.error, error, rtol=1e-4)


def random_problem(seed):
    rng = np.random.default_rng(seed)
    models, rows, columns = 1 + seed % 3, int(rng.integers(2, 30)), int(rng.integers(2, 30))
    weights = rng.standard_normal((models, rows, columns)) * 10.0 ** rng.integers(-4, 4)
    if seed % 4 == 1:  # alike
        weights = weights[:1] + 0.1 * weights
    tiles = []
    for length in (rows, columns):
        size = int(rng.integers(1, length + 1))
        tiles.append(Tiles(size, int(rng.integers(0, -(-length // size)))))
    count = int(rng.integers(1, models * min(rows, columns) + 1))
    return weights, PartOptions(count, *tiles), (8, 4)[seed % 2]


def test_a_quick_start_leads_as_far(pairs, monkeypatch):
    """Its own error is near that of the greedy solver, and takes fewer rounds."""
    options, rounds = PartOptions(16, Tiles(TILE, 8), Tiles(TILE, 2)), []
    maximise = rank_one._maximise
    monkeypatch.setattr(rank_one, "_maximise", lambda *a: rounds.append(1) or maximise(*a))
    for name, weights in pairs.items():
        unit, _ = svd.scaled(weights)
        rounds.clear()
        quick = svd.rough(unit, options, 8)
        taken = len(rounds)
        careful = svd.approximate(unit, options, 8)
        assert quick.error < 1.03 * careful.error, name
        assert len(rounds) - taken > 3 * taken  # of two candidates
        starts = [joint.Factors(g.u.astype("f4"), g.v.astype("f4"), g.s) for g in (quick, careful)]
        sides = options.u, options.v
        ends = [descend(unit, start, sides, 8, Sweeping())[1][-1] for start in starts]
        np.testing.assert_allclose(*ends, rtol=1e-2)


def codes_energy(components):
    u, v = (a.astype(float) ** 2 for a in (components.u, components.v))
    return u.sum(axis=1) * v.sum(axis=1)


@pytest.mark.parametrize("careful", (True, False))
@pytest.mark.parametrize("seed", range(24))
def test_never_worse_than_greedy_or_separate_components(monkeypatch, seed, careful):
    """As the greedy solver makes them; of large matrices, those that a descent starts from."""
    weights, options, bits = random_problem(seed)
    passed = []
    if not careful:
        monkeypatch.setattr(joint, "CAREFUL", 0)
    found = joint.approximate(weights, options, bits, SHORT, passed.append)
    assert sum(passed) == joint.steps(options.refinements, len(weights), SHORT)
    greedy = svd.approximate(weights, options, bits)
    if not careful and len(greedy.s) == options.refinements:
        greedy = svd.rough(svd.scaled(weights)[0], options, bits)
        np.testing.assert_allclose(found.greedy, greedy.error, rtol=1e-3, atol=1e-9)
    else:
        np.testing.assert_allclose(found.greedy, remaining(weights, greedy), rtol=1e-3, atol=1e-9)
    error = remaining(weights, found.components)
    np.testing.assert_allclose(found.components.error, error, rtol=1e-3, atol=1e-9)
    assert error <= min(found.greedy, found.separate) * (1 + 1e-5) + 1e-9
    energy = found.components.s.astype(float) ** 2 * (codes_energy(found.components))[:, None]
    codes = found.components.u, found.components.v
    if len(energy) == options.refinements:  # those that matter most come first
        assert (np.diff(energy.sum(axis=1)) <= 1e-5 * energy.sum()).all() or error == found.greedy
    masks = found.components.u_mask, found.components.v_mask
    top = 2 ** (bits - 1) - 1
    for vectors, mask, side in zip(codes, masks, (options.u, options.v)):
        assert vectors.dtype == np.int8 and np.abs(vectors.astype(int)).max() <= top
        assert ((~mask).sum(axis=1) == side.zero).all()
        assert (np.array(zero_tiles(vectors, side.size)) >= ~mask).all()  # absent ones are zero


@pytest.mark.parametrize("seed", range(12))
def test_a_careful_start_is_never_worse_than_the_greedy_solver_at_any_size(monkeypatch, seed):
    weights, options, bits = random_problem(seed)
    monkeypatch.setattr(joint, "CAREFUL", 0)  # all matrices are large
    greedy = remaining(weights, svd.approximate(weights, options, bits))
    careful = joint.approximate(weights, options, bits, Sweeping(1, 0.5, careful=True))
    np.testing.assert_allclose(careful.greedy, greedy, rtol=1e-3, atol=1e-9)
    assert remaining(weights, careful.components) <= greedy * (1 + 1e-5) + 1e-9


def test_a_quick_start_may_be_worse_than_the_greedy_solver(monkeypatch):
    """What `careful` is for."""
    monkeypatch.setattr(joint, "CAREFUL", 0)
    wins = []
    for seed in range(40):
        weights, options, bits = random_problem(seed)
        greedy = remaining(weights, svd.approximate(weights, options, bits))
        found = joint.approximate(weights, options, bits, Sweeping(1, 0.5)).components
        wins.append(remaining(weights, found) <= greedy * (1 + 1e-5) + 1e-9)
    assert not all(wins)


def test_padding_of_a_smaller_model_is_no_error():
    """Components may spill into it: errors and choices are those of the weights."""
    rng = np.random.default_rng(5)
    weights, inside = rng.standard_normal((2, 12, 10)), np.ones((2, 12, 10), bool)
    inside[1, 4:], inside[1, :, 6:] = False, False
    weights *= inside
    options = PartOptions(3, Tiles(12), Tiles(10))
    found = joint.approximate(weights, options, 8, SHORT, inside=inside)
    s, u, v = (getattr(found.components, name).astype(np.float64) for name in "suv")
    left = np.einsum("rj,ri,rk->jik", s, u, v) - weights
    assert (left[~inside] ** 2).sum() > 1e-3 * (left**2).sum()
    error = (left[inside] ** 2).sum() / (weights**2).sum()
    assert found.components.error == pytest.approx(error, rel=1e-4)
    assert error <= min(found.greedy, found.separate) * (1 + 1e-5)
    # 3 components of 12 + 10 + 2 words; 23 of the large model, 11 of the small one
    squares = [np.linalg.svd(w, compute_uv=False) ** 2 for w in weights]
    least = min(
        sum(own[n:].sum() for own, n in zip(squares, counts))
        for counts in ((0, 4), (1, 4), (2, 2), (3, 0))
    )
    assert found.apart == pytest.approx(least / (weights**2).sum(), rel=0.05)


def test_both_starts_are_needed():
    """Greedy components lead to the better place for some matrices, separate ones for others."""
    wins = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        weights = rng.standard_normal((2, 24, 20))
        weights[1] = weights[0] + weights[1] * (0.1, 3.0)[seed % 2]
        options = PartOptions(12, Tiles(24), Tiles(20))
        unit, _ = svd.scaled(weights)
        problem = joint._Problem(unit, (options.u, options.v), 8, SHORT, lambda count: None)
        greedy = svd.approximate(unit, options, 8)
        coded = joint.Factors(greedy.u.astype("f4"), greedy.v.astype("f4"), greedy.s)
        alone, _ = separate(*problem.arguments, 12)
        ends = [descend(unit, start, *problem.arguments[1:])[1][-1] for start in (coded, alone)]
        wins.append(np.argmin(ends))
        kept = joint.approximate(weights, options, 8, SHORT).components.error
        only = [problem.best((start, start), (coded,)).error for start in (coded, alone)]
        np.testing.assert_allclose(kept, min(only), rtol=1e-3)
    assert {0, 1} == set(wins)


@pytest.mark.parametrize("count", (1, 4, 9))
def test_separate_components_are_the_largest_singular_values(count):
    rng = np.random.default_rng(count)
    weights = np.stack([rng.standard_normal((9, 7)), 2 * rng.standard_normal((9, 7))])
    floating, coded = separate(
        weights.astype(np.float32), (Tiles(9), Tiles(7)), 8, SHORT, lambda count: None, count
    )
    values = np.sort(np.concatenate([np.linalg.svd(w, compute_uv=False) for w in weights]))[::-1]
    np.testing.assert_allclose(floating.error(weights), (values[count:] ** 2).sum(), rtol=1e-4)
    assert (np.count_nonzero(coded.s, axis=1) == 1).all()  # one model each
    assert coded.error(weights) <= (values[count:] ** 2).sum() + 1e-3 * (values**2).sum()
    assert np.array_equal(coded.u, np.rint(coded.u))


def test_greedy_components_that_end_early_stay():
    """Nothing is left to fit, and their prefixes stay as good as they were."""
    rng = np.random.default_rng(0)
    u, v = (np.linalg.qr(rng.standard_normal((n, 2)))[0] for n in (20, 16))
    weights = np.stack([(u * (1, 0.7)) @ v.T, (u * (0.8, 1)) @ v.T])
    options = PartOptions(30, Tiles(20), Tiles(16))
    found = joint.approximate(weights, options, 8, SHORT)
    greedy = svd.approximate(weights, options, 8)
    assert 2 < len(found.components.s) == len(greedy.s) < 30
    assert np.array_equal(found.components.u, greedy.u)


@pytest.mark.parametrize("scale", (1e-30, 1e-3, 1e20))
def test_the_error_does_not_depend_on_the_scale(pairs, scale):
    weights = pairs["independent"][:, :30, :20].astype(np.float32)
    options = PartOptions(4, Tiles(4, 1), Tiles(5, 1))
    errors = [
        joint.approximate(w, options, 8, SHORT).components.error
        for w in (weights, weights * np.float32(scale))
    ]
    np.testing.assert_allclose(*errors, rtol=1e-2)


def test_same_bytes_twice(pairs):
    weights, options = pairs["random"][:, :64, :64], PartOptions(8, Tiles(8, 2), Tiles(8, 2))
    a, b = (joint.approximate(weights, options, 4, SHORT).components for _ in range(2))
    for name in ("u", "v", "u_mask", "v_mask", "s"):
        assert getattr(a, name).tobytes() == getattr(b, name).tobytes()


def layers(alike):
    rng = np.random.default_rng(1)
    first = low_rank_layer(rng, 12, 10, 6)
    second = first if alike else low_rank_layer(rng, 12, 10, 6)
    return pl.Network((first, second))


def test_the_model_says_what_sharing_gained():
    told = pl.compress(layers(True), input_range=(-1, 1), refinements=4, solver="bcd").provenance
    assert told["solver"] == "bcd"
    alone = told["relative error of separate components"]
    share = float(told["sharing"].partition("%")[0]) / 100
    assert told["sharing"].endswith("less error than separate components at the same storage")
    np.testing.assert_allclose(
        1 - share, told["relative weight error"] / alone, atol=2e-3
    )  # s is rounded between the two
    assert told["relative weight error"] < 1.01 * told["relative error of greedy components"]


def test_the_model_says_that_sharing_gained_nothing(monkeypatch):
    """Where the best is what separate components reach."""
    found = joint.approximate

    def no_better(*arguments):
        fitted = found(*arguments)
        return joint.Fitted(fitted.components, 1.0, fitted.components.error)

    monkeypatch.setattr(joint, "approximate", no_better)
    told = pl.compress(layers(False), input_range=(-1, 1), refinements=4, solver="bcd").provenance
    assert told["sharing"] == "gained nothing over separate components at the same storage"


def test_one_model_shares_nothing():
    one = pl.Network(layers(True).layers[:1])
    told = pl.compress(one, input_range=(-1, 1), refinements=4, solver="bcd").provenance
    assert "sharing" not in told and told["solver"] == "bcd"
    plain = pl.compress(one, input_range=(-1, 1), refinements=4).provenance
    assert plain["solver"] == "greedy"
    assert told["relative weight error"] <= plain["relative weight error"] * (1 + 1e-3)


def test_only_the_whole_is_served(tmp_path):
    made = {
        solver: pl.compress(layers(False), input_range=(-1, 1), refinements=(4, 6), solver=solver)
        for solver in SOLVERS
    }
    assert made["greedy"].prefixes is None and made["bcd"].prefixes == (6,)
    made["bcd"].save(tmp_path / "model")
    model = pl.CompressedModel.load(tmp_path / "model")
    assert model.prefixes == (6,)
    x = [np.zeros((1, 3, 12), np.float32)] * 2
    with pl.load(model, "reference") as session:
        session.infer(x)
        assert session.last_run.refinements == 6
        session.infer(x, refinements=6)
        with pytest.raises(pl.InputError, match=r"refinements = 4: .*choose from \[6\]"):
            session.infer(x, refinements=4)


@pytest.mark.parametrize("blocks", (1, 4))
def test_weights_of_a_gate_decide_how_a_start_is_made(monkeypatch, blocks):
    """Stacked lists have those of four gates."""
    calls, rough = [], svd.rough
    monkeypatch.setattr(svd, "rough", lambda *a: calls.append(1) or rough(*a))
    monkeypatch.setattr(joint, "CAREFUL", 2 * 6 * 8)
    options = PartOptions(2, Tiles(6), Tiles(8, blocks=blocks))
    for units in (8, 9):
        weights = np.random.default_rng(0).standard_normal((2, 6, blocks * units))
        joint.approximate(weights.astype(np.float32), options, 8, SHORT)
        assert len(calls) == units - 8
