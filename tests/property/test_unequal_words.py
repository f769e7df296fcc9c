"""Groups of LSTMs of unequal sizes: words by what they need, and SVD1 at the same words."""

import numpy as np
import pytest

import pynq_lstm as pl
from pynq_lstm.budgets import costs, screen
from pynq_lstm.compression import equal_words
from pynq_lstm.compression.equal_words import EqualWords
from pynq_lstm.compression.options import SvdOptions

SEEDS = range(10)
NAMES = {"input": "w_ih", "hidden": "w_hh"}
QUICK = {"solver": "bcd", "sweeps": 6, "progress": False, "input_range": (-1, 1)}


def layer(rng, inputs, hidden, decay):
    """An LSTM of decaying spectra."""

    def basis(size, count):
        return np.linalg.qr(rng.standard_normal((size, size)))[0][:, :count]

    def matrix(columns):
        count = min(hidden, columns)
        spectrum = (1.0 + np.arange(count)) ** -decay
        gates = [(basis(hidden, count) * spectrum) @ basis(columns, count).T for _ in range(4)]
        return np.concatenate(gates).astype(np.float32)

    return pl.Layer(matrix(inputs), matrix(hidden), np.zeros(4 * hidden, np.float32))


def unequal(seed):
    """LSTMs of random sizes, and refinements of all together."""
    rng = np.random.default_rng(seed)
    sizes = [tuple(int(v) for v in rng.integers((2, 4), (40, 16))) for _ in range(2 + seed % 3)]
    network = pl.Network([layer(rng, *size, rng.uniform(0.2, 1.5)) for size in sizes])
    return network, tuple(int(v) for v in rng.integers(5, 9, 2))


def of_the_audit():
    """Three LSTMs of two inputs beside one of 64: what is padded is most of it."""
    rng = np.random.default_rng(0)
    network = pl.Network([layer(rng, inputs, 16, 1.5) for inputs in (2, 2, 2, 64)])
    return network, (10, 4)


CASES = [*map(unequal, SEEDS), of_the_audit()]


def shape(layers, side):
    """Inputs and units of the longest."""
    units = max(one.hidden_size for one in layers)
    return units if side == "hidden" else max(one.input_size for one in layers), units


def words_of(layers, side):
    """Of a component of each gate."""
    return 4 * (sum(shape(layers, side)) + len(layers))


def squares(one, side):
    """Squared singular values of the four gates, added."""
    gates = np.split(getattr(one, NAMES[side]).astype(np.float64), 4)
    return sum(np.linalg.svd(gate, compute_uv=False) ** 2 for gate in gates)


def svd1(network, side, budget):
    """Components of each LSTM, one each, then by the fall for a word; what they leave."""
    values = [squares(one, side) for one in network.layers]
    each = [words_of([one], side) for one in network.layers]
    counts = [1] * len(values)
    while True:
        free = budget - sum(n * words for n, words in zip(counts, each))
        falls = [
            own[n] / words if n < len(own) and words <= free else -1.0
            for own, n, words in zip(values, counts, each)
        ]
        if max(falls) < 0:
            return counts, sum(own[n:].sum() for own, n in zip(values, counts))
        counts[int(np.argmax(falls))] += 1


def energy(network):
    return sum(
        float((getattr(one, name).astype(np.float64) ** 2).sum())
        for one in network.layers
        for name in NAMES.values()
    )


def alone(network):
    return tuple((k,) for k in range(len(network.layers)))


@pytest.mark.parametrize("network, ranks", CASES)
def test_words_go_where_singular_values_say(network, ranks):
    """At most the words of all together, and less than a refinement is left over."""
    words = EqualWords(network, SvdOptions(refinements=ranks))
    for side, rank in zip(NAMES, ranks):
        counts = words.counts(alone(network), side)
        budget, each = (
            rank * words_of(network.layers, side),
            [words_of([one], side) for one in network.layers],
        )
        used = sum(n * own for n, own in zip(counts, each))
        most = [min(shape([one], side)) for one in network.layers]
        room = [own for n, own, top in zip(counts, each, most) if n < top]
        assert used <= budget and (not room or budget - used < min(room))
        assert all(1 <= n <= top for n, top in zip(counts, most))
        values = [squares(one, side) for one in network.layers]
        left = sum(own[n:].sum() for own, n in zip(values, counts))
        _, best = svd1(network, side, budget)
        assert left <= 1.02 * best + 1e-3 * sum(map(np.sum, values))


@pytest.mark.parametrize("network, ranks", CASES)
def test_no_worse_than_words_by_the_number_of_lstms(network, ranks):
    made = pl.compress(network, share="none", refinements=ranks, **QUICK)
    lost = 0.0
    for side, rank in zip(NAMES, ranks):
        share = rank * words_of(network.layers, side) // len(network.layers)
        for one in network.layers:
            values = squares(one, side)
            lost += values[min(share // words_of([one], side), len(values)) :].sum()
    error = made.provenance["relative weight error"]
    assert error <= 1.01 * lost / energy(network) + 1e-3


@pytest.mark.parametrize("network, ranks", CASES)
def test_shared_where_that_is_no_worse_than_svd1_at_the_same_words(network, ranks):
    """`share="auto"` against singular values, each LSTM's vectors as long as it is."""
    made = pl.compress(network, share="auto", refinements=ranks, **QUICK)
    budgets = [rank * words_of(network.layers, side) for side, rank in zip(NAMES, ranks)]
    assert costs.of(made)["words"] <= sum(budgets)
    left = sum(svd1(network, side, budget)[1] for side, budget in zip(NAMES, budgets))
    error = made.provenance["relative weight error"]
    assert error <= 1.02 * left / energy(network) + 1e-3
    apart = pl.compress(network, share="none", refinements=ranks, **QUICK)
    assert error <= apart.provenance["relative weight error"] * (1 + 1e-6)


@pytest.mark.parametrize("network, ranks", CASES)
def test_the_model_says_what_sharing_gained_or_lost_at_the_same_words(network, ranks):
    told = pl.compress(network, refinements=ranks, **QUICK).provenance
    left = 0.0
    for side, rank in zip(NAMES, ranks):
        for gate in range(4):
            values, each = [], []
            for one in network.layers:
                w = np.split(getattr(one, NAMES[side]).astype(np.float64), 4)[gate]
                values.append(np.linalg.svd(w, compute_uv=False) ** 2)
                each.append(words_of([one], side) // 4)
            free = rank * words_of(network.layers, side) // 4
            items = sorted(
                (-value / own, j, value)
                for j, (squares, own) in enumerate(zip(values, each))
                for value in squares
            )
            left += sum(sum(own) for own in values)
            for _, j, value in items:
                if each[j] <= free:
                    left, free = left - value, free - each[j]
    separate, error = (
        told["relative error of separate components"],
        told["relative weight error"],
    )
    assert separate == pytest.approx(left / energy(network), rel=0.01, abs=1e-3)
    gained = 1 - error / separate
    if gained > 0.005:
        assert told["sharing"].endswith("less error than separate components at the same storage")
        assert float(told["sharing"].partition("%")[0]) == pytest.approx(100 * gained, abs=0.5)
    if gained < -0.005:
        lost = told["sharing"].removeprefix("lost: ")
        assert lost.endswith("more error than separate components at the same storage")
        assert float(lost.partition("%")[0]) == pytest.approx(-100 * gained, abs=0.5)


def test_the_audit():
    """Words that small LSTMs cannot use are the large one's, and the better grouping is found."""
    network, ranks = of_the_audit()
    found = pl.grouping(network, refinements=ranks, solver="bcd", sweeps=6, progress=False)
    whole = found.together.words
    assert whole == 3936 >= found.apart.words > whole - 81 * 4 - 33 * 4
    assert (
        found.apart.error
        < found.together.error
        == max(way.error for way in (found.found, found.apart, found.together))
    )
    told = pl.compress(network, refinements=ranks, **QUICK).provenance["sharing"]
    assert told.startswith("lost: ")


@pytest.mark.parametrize("tiles", [{}, {"u_tile": 3, "zero_u_tiles": 1, "v_tile": 3}])
@pytest.mark.parametrize("seed", SEEDS)
def test_groups_take_no_more_words_than_all_together(seed, tiles):
    """Ragged tiles among them, of random groups, greedy and with either form."""
    network, ranks = unequal(seed)
    rng = np.random.default_rng(1000 + seed)
    if min(one.input_size for one in network.layers) <= 3:
        tiles = {}
    owner = rng.integers(0, 2, len(network.layers))
    share = [np.flatnonzero(owner == g).tolist() for g in sorted(set(owner.tolist()))]
    form = ("per_gate", "stacked")[seed % 2]
    given = {"refinements": ranks, "form": form, "input_range": (-1, 1), "progress": False, **tiles}
    whole, made = (pl.compress(network, **given, **one) for one in ({}, {"share": share}))
    assert costs.of(made)["words"] <= costs.of(whole)["words"]


def test_ragged_tiles_count_as_whole_ones():
    """A pruned tile of one element instead of six leaves more words than were counted on."""
    rng = np.random.default_rng(4)
    network = pl.Network([layer(rng, 7, 7, 0.5) for _ in range(2)])
    given = {"u_tile": 6, "v_tile": 6, "zero_u_tiles": 1, "zero_v_tiles": 1, "refinements": 8}
    given.update(input_range=(-1, 1), progress=False)
    whole, made = (pl.compress(network, share=share, **given) for share in ("all", "none"))
    assert costs.of(made)["words"] <= costs.of(whole)["words"]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_screen_of_unequal_groups_is_one_of_prefixes(seed):
    """Of every rank that is kept, what `compress` makes of it, and no more than of a larger one."""
    network, _ = unequal(seed)
    words = EqualWords(network, SvdOptions())
    for side in NAMES:
        ranks, rows = words.rows(alone(network), side, range(1, 9))
        assert ranks[-1] == 8 and (np.diff(rows, axis=0) >= 0).all()
    given = {"share": "none", "input_range": (-1, 1), "progress": False}
    made = pl.compress(network, refinements=8, **given)
    found = screen.of_ranks(network, made, {"method": "svd", "share": "none"}, None, (8, 8))
    for at in ((0, 0), (len(found.ranks[0]) // 2, len(found.ranks[1]) // 2), (-1, -1)):
        pair = tuple(own[k] for own, k in zip(found.ranks, at))
        again = pl.compress(network, refinements=pair, **given)
        assert found.costs["words"][at] == costs.of(again)["words"], pair


class Known:
    """Falls that are known."""

    def __init__(self, words, *falls):
        self.words, self._falls = words, falls

    def pace(self, count):
        return self._falls[count] if count < len(self._falls) else 0.0


@pytest.mark.parametrize(
    "words, counts",
    [
        (5, [0, 1]),
        (12, [0, 2]),  # fewer than one of each take: what pays most comes first
        (13, [1, 1]),
        (22, [1, 2]),  # 8 for 10 words would pay more, and does not fit
        (23, [2, 1]),  # 8 for 10 words before 2 for 3
        (26, [2, 2]),
        (35, [2, 2]),  # the long one has no more
    ],
)
def test_words_are_spent_one_refinement_after_another(words, counts):
    worths = [Known(10, 9.0, 8.0), Known(3, 5.0, 2.0)]
    assert equal_words.spent(worths, words) == counts


def test_balanced_groups_count_errors_over_the_size_of_weights():
    """An LSTM of small weights gets as much as a large one only where errors are balanced."""
    rng = np.random.default_rng(3)
    first, other = (layer(rng, 8, 8, 1.0) for _ in range(2))
    small = pl.Layer(other.w_ih / 8, other.w_hh / 8, other.bias)
    network = pl.Network([first, small])
    plain, balanced = (
        EqualWords(network, SvdOptions(refinements=6, balance=balance)).counts(
            alone(network), "hidden"
        )
        for balance in (None, True)
    )
    assert plain[0] > plain[1] + 2 and abs(balanced[0] - balanced[1]) <= 1
