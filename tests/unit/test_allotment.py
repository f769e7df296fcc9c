"""Words put where they pay most."""

import re

import numpy as np
import pytest
from example_matrices import low_rank_layer, random_inputs, random_network

import pynq_lstm as pl
from pynq_lstm.compression import calibration, division, gate_errors, svd
from pynq_lstm.compression.curves import LOOK_AHEAD, Curve
from pynq_lstm.compression.gate_errors import GateErrors
from pynq_lstm.compression.options import SOLVERS, PartOptions, Tiles
from pynq_lstm.compression.weights import dense_weights
from pynq_lstm.model import PARTS
from pynq_lstm.model_size import parameters


@pytest.fixture
def rng():
    return np.random.default_rng(8)


@pytest.fixture
def net(rng):
    return random_network(rng, [(12, 10), (7, 8)])


class Given:
    """A curve of known falls."""

    def __init__(self, words, falls):
        self.words, self._falls = words, falls

    def fall(self, count):
        return self._falls[count] if count < len(self._falls) else 0.0

    pace = fall


def naive_fill(curves, words):
    """One each; then, as long as one fits, the one with the largest fall for a word."""
    counts = [1] * len(curves)
    while True:
        free = words - sum(n * curve.words for n, curve in zip(counts, curves))
        open_ = [
            (-curve.fall(n) / curve.words, k)
            for k, (n, curve) in enumerate(zip(counts, curves))
            if curve.words <= free and curve.fall(n) > 0
        ]
        if not open_:
            return counts
        counts[min(open_)[1]] += 1


@pytest.mark.parametrize("seed", range(20))
def test_the_budget_is_filled_by_the_best_gain_for_a_word(seed):
    rng = np.random.default_rng(seed)
    curves = [
        Given(int(rng.integers(1, 9)), sorted(rng.random(rng.integers(1, 7)), reverse=True))
        for _ in range(5)
    ]
    least = sum(curve.words for curve in curves)
    for words in (least, least + 1, least + 13, least + 1000):
        passed = []
        counts = division.fill(curves, words, passed.append)
        assert counts == naive_fill(curves, words)
        assert sum(passed) == sum(n * c.words for n, c in zip(counts, curves)) <= words


def test_a_curve_is_what_greedy_components_leave(rng):
    weights = rng.standard_normal((2, 9, 8)).astype(np.float32) * 1e-3
    root = rng.standard_normal((2, 9, 2))
    worth = GateErrors(root @ root.transpose(0, 2, 1), rng.random((2, 1, 8)))
    part = PartOptions(16, Tiles(4, 1), Tiles(3, 1))
    curve = Curve(weights, part, 8, worth)
    assert curve.words == 8 + 6 + 2  # ragged tiles absent: 4 + 4 of u, 3 + 3 of v, and s
    unit, scale = svd.scaled(weights)
    left = unit.astype(np.float64)
    for k, term in enumerate(svd.terms(unit, part, 8)):
        u, v = (codes.astype(np.float64) for codes in term.codes)
        for e in left:
            e -= np.outer(u, v) * (u @ e @ v) / (u @ u * (v @ v))
        np.testing.assert_allclose(curve.left(k + 1), worth.expected(left) * scale**2, rtol=1e-6)
    assert k == 15 and curve.fall(16) == curve.fall(40) == 0
    falls = [curve.fall(k) for k in range(20)]
    assert min(falls) < 0  # components for the weights may hurt here
    for k in range(12):
        averages = [np.mean(falls[k : k + n]) for n in range(1, LOOK_AHEAD + 1)]
        np.testing.assert_allclose(curve.pace(k), max(averages))


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("form", ("per_gate", "stacked", "auto"))
def test_the_model_has_at_most_the_words(rng, net, form, solver):
    x = random_inputs(rng, net)
    for words in (300, 700):
        for tiles in ({}, {"u_tile": 3, "v_tile": 4, "zero_u_tiles": 1, "zero_v_tiles": 1}):
            given = {"form": form, "solver": solver, "sweeps": 3, **tiles}
            model = pl.compress(net, calibration=x, words=words, **given)
            assert words - 100 < parameters(model) <= words
            assert min(model.input.counts + model.hidden.counts) >= 1
            told = model.provenance
            assert told["words"] == words and 0 < told["expected error of the gates"] < 1
            if form != "auto":
                assert "input form" not in told
                continue
            for side in PARTS:
                stacked = getattr(model, side).gate_stacked
                assert told[f"{side} form"] == ("stacked" if stacked else "per_gate")
                errors = [
                    told[f"expected error, {side} part {one}"] for one in ("per_gate", "stacked")
                ]
                assert min(errors) == errors[stacked] == told["expected error of the gates"]


def test_words_make_the_model_of_the_numbers_that_they_are_allotted(rng, net):
    x = random_inputs(rng, net)
    allotted = pl.compress(net, calibration=x, words=900)
    counts = allotted.input.counts, allotted.hidden.counts
    assert len(set(sum(counts, ()))) > 1
    again = pl.compress(net, calibration=x, refinements=counts)
    for side in PARTS:
        one, other = getattr(allotted, side), getattr(again, side)
        assert one.counts == other.counts
        for name in ("u", "v", "s", "u_mask", "v_mask"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_gates_of_low_rank_leave_their_words_to_others(rng):
    simple, full = low_rank_layer(rng, 16, 12, 1), random_network(rng, [(16, 12)]).layers[0]
    net = pl.Network((pl.Layer(simple.w_ih, full.w_hh, full.bias),))
    x = random_inputs(rng, net, 8, 10)
    model = pl.compress(net, calibration=x, words=8 * 29 * 4)
    assert max(model.input.counts) <= 4 and min(model.hidden.counts) >= 4


def test_the_allotment_lowers_what_it_is_for(rng):
    """Gates differ less from the float network's than with the same words in equal parts."""
    net = random_network(rng, [(24, 20)], gain=2.0)
    x = random_inputs(rng, net, 8, 12) * np.linspace(0.1, 2, 24, dtype=np.float32)
    equal = pl.compress(net, calibration=x, refinements=5, activation_bits=16)
    allotted = pl.compress(net, calibration=x, words=parameters(equal), activation_bits=16)
    assert parameters(allotted) <= parameters(equal)
    errors = []
    for model in (equal, allotted):
        with pl.load(model, "reference") as session:
            errors.append(((session.infer(x)[0] - net.infer(x)[0]) ** 2).mean())
    assert errors[1] < errors[0]


def test_balanced_words_expect_what_is_made(rng):
    """The error that is told is of the components that are made, LSTMs of small weights included.

    Before the scales were taken out it was of other components, those of the weights themselves.
    """
    first, other = random_network(rng, [(9, 10), (9, 10)], gain=2.0).layers
    small = pl.Layer(first.w_ih * 0.1, first.w_hh * 0.1, first.bias)
    net = pl.Network((small, other))
    x = random_inputs(rng, net, 8, 10)
    model = pl.compress(net, calibration=x, words=900, balance=True, activation_bits=16)
    worth = gate_errors.measure(net, calibration.calibration_input(net, x, None))
    left = whole = 0.0
    for j, layer in enumerate(net.layers):
        true = layer.w_ih, layer.w_hh
        for side, found, weights in zip(PARTS, dense_weights(model, j), true):
            own = GateErrors(worth[side].moments[j : j + 1], worth[side].slopes[j : j + 1])
            for gate, expected in enumerate(own.of_lists(4)):
                left += expected.expected(np.split(weights - found, 4)[gate].T[None])
                whole += expected.expected(np.split(weights, 4)[gate].T.astype(float)[None])
    assert model.provenance["expected error of the gates"] == pytest.approx(left / whole, rel=0.1)


def test_too_few_words(net):
    least = 4 * (12 + 10 + 2) + 4 * (10 + 10 + 2)
    text = f"words = {least - 1}: too few for one component of each list: they take {least}; "
    with pytest.raises(pl.CompressionError, match=text + f"pass at least {least}"):
        pl.compress(net, input_range=(-1, 1), words=least - 1)
    model = pl.compress(net, input_range=(-1, 1), words=least)
    assert model.input.counts == model.hidden.counts == (1,) * 4
    stacked = 12 + 40 + 2 + 10 + 40 + 2
    with pytest.raises(pl.CompressionError, match=f"take {stacked}; pass at least {stacked}"):
        pl.compress(net, input_range=(-1, 1), words=stacked - 1, form="auto")
    model = pl.compress(net, input_range=(-1, 1), words=stacked, form="auto")
    assert model.input.counts == model.hidden.counts == (1,)


def test_calibration_that_tells_nothing():
    weights = np.ones((8, 3), np.float32), np.ones((8, 2), np.float32), np.zeros(8, np.float32)
    net = pl.Network([pl.Layer(*weights)])
    with pytest.raises(pl.CalibrationError, match="does not tell where words pay"):
        pl.compress(net, calibration=np.zeros((2, 4, 3), np.float32), words=100)


@pytest.mark.parametrize("options, text", [
    ({"words": 0}, "words = 0: not a number of words; pass 1 or more"),
    ({"words": 1e4}, "words = 10000.0: not a number of words"),
    ({"words": True}, "words = True: not a number of words"),
    ({"words": (1, 2)}, "words = (1, 2): not a number of words"),
    ({"words": 10**4, "refinements": 4},
     "words = 10000: beside refinements = 4, which sets the components, too; pass words or "
     "refinements, not both"),
    ({"form": "gates"}, "form = 'gates': unknown; choose from ['per_gate', 'stacked', 'auto']"),
    ({"form": ("stacked", 1)}, "form = 1: unknown; choose from"),
    ({"form": ("stacked",)}, "form = ('stacked',): unknown"),
    ({"form": None}, "form = None: unknown"),
    ({"refinements": ((1, 2, 3), 4)},
     "refinements = (1, 2, 3): neither a number nor one for each gate, of the input part; pass "
     "one number, or four (gates i, f, g, o)"),
    ({"refinements": (1, 2, 3, 4)}, "refinements = (1, 2, 3, 4): neither a number nor a pair"),
    ({"refinements": (4, (1, 2, 0, 3))}, "refinements = 0: outside 1 to 16 for the hidden part"),
    ({"refinements": ((1, 2, 15, 3), 4)}, "refinements = 15: outside 1 to 14 for the input part"),
    ({"refinements": ((1, 2, 3, 4), 4), "form": "stacked"},
     "refinements = (1, 2, 3, 4): numbers of several lists for the input part, whose gates share "
     "one; pass one number, or form='per_gate'"),
    ({"refinements": (14, 17), "form": "stacked"},
     "refinements = 17: outside 1 to 16 for the hidden part (models x min(rows, columns) of 2 "
     "matrices of 8 x 32)"),
    ({"zero_v_tiles": 4, "form": "stacked"},
     "zero_v_tiles = 4: outside 0 to 3 for the input part (one less than the 4 tiles of v)"),
    ({"zero_v_tiles": 1, "form": "auto"}, "zero_v_tiles = 1: outside 0 to 0 for the input part"),
    ({"method": "dense", "words": 4}, "words = 4: no option of method 'dense'"),
    ({"method": "block_diagonal", "form": "stacked"}, "form = 'stacked': no option of method"),
], ids=str)  # fmt: skip
def test_bad_input(rng, options, text):
    net = random_network(rng, [(7, 8), (5, 8)])
    with pytest.raises(pl.CompressionError, match=re.escape(text)):
        pl.compress(net, input_range=(-1, 1), **options)


def test_a_bar_for_words(net, capsys):
    pl.compress(net, input_range=(-1, 1), words=400, progress=True)
    assert "word" in capsys.readouterr().err
