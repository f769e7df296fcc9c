"""Random stacks and wirings: words never exceed the budget, and expect no more than equal ranks."""

import itertools

import compressed_networks as networks
import numpy as np
import pytest
from example_matrices import low_rank_layer, random_inputs, random_layer, random_network

import pynq_lstm as pl
from pynq_lstm.compression import calibration, division, gate_errors, gates, group_words
from pynq_lstm.compression import networks as of_networks
from pynq_lstm.compression.groups import passes
from pynq_lstm.compression.options import SvdOptions
from pynq_lstm.compression.weights import dense_weights
from pynq_lstm.errors import CalibrationError, CompressionError
from pynq_lstm.model import PARTS
from pynq_lstm.model_size import parameters

pytestmark = pytest.mark.filterwarnings("ignore::pynq_lstm.errors.SaturationWarning")
CASES = 10
FORMS = ("per_gate", "stacked", "auto", ("stacked", "auto"))


def drawn(seed, most=3):
    """A random network with some x, and options."""
    rng = np.random.default_rng(seed)
    net = networks.random_float_network(rng, most=most)
    x, lengths = networks.random_x(rng, net, batch=4)
    form = FORMS[seed % len(FORMS)]
    return rng, net, x, {"form": form, "activation_bits": 16}


def fewest(net, x, **options):
    """The least words that will do, as the error names them."""
    with pytest.raises(CompressionError, match="words = 1: too few for one component") as caught:
        pl.compress(net, calibration=x, words=1, progress=False, **options)
    return int(caught.value.remedy.removeprefix("pass at least "))


def words_of(network):
    return sum(map(parameters, network.groups))


def expected_error(net, data, groups, of_network):
    """Naively: of the weights that the integers stand for, met by what LSTMs of the float net do.

    Returns
    -------
    float
        Share of what no components at all leave.
    """
    met, left, whole = of_networks.met_by(net, data), 0.0, 0.0
    for own, model in zip(groups, of_network.groups):
        for j, k in enumerate(own):
            layer = net.layers[k]
            worth = gate_errors.measure(pl.Network([layer]), [met[k]])
            for side, found, true in zip(PARTS, dense_weights(model, j), (layer.w_ih, layer.w_hh)):
                for weights, total in ((true - found, True), (true, False)):
                    split = np.split(np.asarray(weights, np.float64), 4)
                    lists = worth[side].of_lists(4)
                    error = sum(one.expected(w.T[None]) for one, w in zip(lists, split))
                    left, whole = left + error * total, whole + error * (not total)
    return left / whole


@pytest.mark.parametrize("seed", range(CASES))
def test_the_network_has_at_most_the_words(seed):
    rng, net, x, options = drawn(seed)
    least = fewest(net, x, **options)
    full = int(rng.integers(least, 6 * least))
    for words in (least, least + 1, full):
        made = pl.compress(net, calibration=x, words=words, progress=False, **options)
        assert isinstance(made, pl.CompressedNetwork) and words_of(made) <= words
        assert made.held == passes(net)
        for model in made.groups:
            assert min(model.input.counts + model.hidden.counts) >= 1
        told = made.provenance
        assert told["words"] == words and 0 <= told["expected error of the gates"] < 1.0001
        if words == least:  # one component of each list, or not even one word could be spared
            assert words_of(made) > least - 5 * sum(map(len, made.held)) - 40


@pytest.mark.parametrize("seed", range(CASES))
def test_it_expects_no_more_than_equal_ranks(seed):
    """By the curves, whatever the division; the parts have the form that is asked for."""
    rng, net, x, options = drawn(seed)
    chosen = SvdOptions(words=1, **{**options, "form": ("per_gate", "stacked")[seed % 2]})
    data = calibration.calibration_input(net, x, None)
    met = of_networks.met_by(net, data)
    lists = []
    for own in passes(net):
        alone = pl.Network([net.layers[k] for k in own])
        weights, asked, scales = gates.problems(alone, chosen)
        worth = gates.worth_of(alone, [met[k] for k in own], scales)
        for side in PARTS:
            lists.append(group_words.allotment.curves(weights[side], asked[side], worth[side], 8))
    every = [curve for own in lists for curves in own.values() for curve in curves]
    whole = sum(curve.whole for curve in every)
    for rank in range(1, max(curve.most for curve in every) + 1):
        counts = [min(rank, curve.most) for curve in every]
        words = sum(n * curve.words for n, curve in zip(counts, every))
        equal = sum(curve.left(n) for n, curve in zip(counts, every)) / whole
        _, _, errors = division.divide(lists, words, False, or_equal=True)
        (error,) = errors.values()
        assert error <= equal * (1 + 1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_it_is_the_network_of_the_numbers_that_it_was_given(seed, monkeypatch):
    """Pass by pass what `compress` makes of `refinements`, and the error is what was expected."""
    rng, net, x, options = drawn(seed)
    words = 3 * fewest(net, x, **options)
    noted = {}
    plain = group_words.options_of

    def noting(*given):
        noted["each"], told = plain(*given)
        return noted["each"], told

    monkeypatch.setattr(group_words, "options_of", noting)
    made = pl.compress(net, calibration=x, words=words, progress=False, **options)
    data = calibration.calibration_input(net, x, None)
    met = of_networks.met_by(net, data)
    for own, model in zip(made.held, made.groups):
        one = noted["each"][own]
        assert one.words is None and not one.balance
        alone = pl.Network([net.layers[k] for k in own])
        parts = gates.components(alone, one, [met[k] for k in own], False, {})
        for side in PARTS:
            found, again = getattr(model, side), parts[side]
            if found.counts == again.counts:  # else components whose s is 0 were left out
                np.testing.assert_array_equal(found.u, again.u)
                np.testing.assert_array_equal(found.v, again.v)
    left = expected_error(net, data, made.held, made)
    assert left == pytest.approx(made.provenance["expected error of the gates"], rel=0.3, abs=0.01)


def naive_division(parts, words):
    """As one model has it: every pair of forms, and the largest fall for a word, one by one."""
    tried = {}
    for forms in itertools.product(*parts):
        curves = [curve for own, form in zip(parts, forms) for curve in own[form]]
        counts = [1] * len(curves)
        if sum(curve.words for curve in curves) > words:
            continue
        while True:
            free = words - sum(n * curve.words for n, curve in zip(counts, curves))
            ways = [
                (-curve.pace(n) / curve.words, k)
                for k, (n, curve) in enumerate(zip(counts, curves))
                if curve.words <= free and curve.pace(n) > 0
            ]
            if not ways:
                break
            counts[min(ways)[1]] += 1
        left = sum(curve.left(n) for n, curve in zip(counts, curves))
        tried[forms] = left / sum(curve.whole for curve in curves), counts
    forms = min(tried, key=lambda forms: tried[forms][0])
    return forms, tried[forms][1]


@pytest.mark.parametrize("seed", range(8))
def test_one_model_has_what_it_had(seed):
    """No other rule came in for networks of one pass: neither equal ranks nor a descent."""
    rng = np.random.default_rng(seed)
    net = random_network(rng, [(9, 7), (5, 8)][: 1 + seed % 2], gain=2.0)
    x, options = random_inputs(rng, net), {"form": FORMS[seed % 4]}
    chosen = SvdOptions(words=1, **options)
    weights, asked, scales = gates.problems(net, chosen)
    worth = gates.worth_of(net, calibration.calibration_input(net, x, None), scales)
    parts = [
        group_words.allotment.curves(weights[side], asked[side], worth[side], 8) for side in PARTS
    ]
    for words in (300, 500, 1100):
        forms, counts = naive_division(parts, words)
        model = pl.compress(net, calibration=x, words=words, progress=False, **options)
        found = (*model.input.counts, *model.hidden.counts)
        assert forms == tuple(
            "stacked" if getattr(model, side).gate_stacked else "per_gate" for side in PARTS
        )
        assert list(found) == counts
        assert np.isclose(
            model.provenance["expected error of the gates"],
            sum(c.left(n) for c, n in zip(
                [curve for own, form in zip(parts, forms) for curve in own[form]], counts))
            / sum(curve.whole for own, form in zip(parts, forms) for curve in own[form]),
        )  # fmt: skip


def layers(rng, *shapes):
    """A stack of layers of rank `rank` each, of one size."""
    made = [
        low_rank_layer(rng, i, h, rank) if rank else random_layer(rng, i, h, gain=2)
        for i, h, rank in shapes
    ]
    return pl.Network(tuple(made), stacks=[pl.Stack(len(made))])


def typical(rng, net, batch, steps):
    return rng.standard_normal((batch, steps, net.layers[0].input_size)).astype(np.float32)


def test_words_go_to_the_layer_that_needs_them():
    """A layer of rank 1 leaves its words to the other: of equal ranks it would keep half."""
    rng = np.random.default_rng(0)
    net = layers(rng, (12, 12, 1), (12, 12, 0))
    x = typical(rng, net, 8, 10)
    equal = pl.compress(net, calibration=x, refinements=5, activation_bits=16, progress=False)
    made = pl.compress(
        net, calibration=x, words=words_of(equal), activation_bits=16, progress=False
    )
    simple, full = (model.input.counts + model.hidden.counts for model in made.groups)
    assert sum(full) > 1.3 * sum(simple) and max(full) > 5 > min(simple)
    errors = []
    for one in (equal, made):
        with pl.load(one, "reference") as session:
            errors.append(((session.infer(x)[0] - net.infer(x)[0]) ** 2).mean())
    assert errors[1] < errors[0]


def test_a_pass_sees_what_its_lstms_read():
    """The second layer reads h of the first, of which half is always near zero: no words for it."""
    rng = np.random.default_rng(1)
    first, second = random_layer(rng, 6, 8, gain=3), random_layer(rng, 8, 8, gain=3)
    bias = first.bias.copy()
    bias[3 * 8 + 4 :] = -12  # o of the last four units: they are silent
    net = pl.Network((pl.Layer(first.w_ih, first.w_hh, bias), second), stacks=[pl.Stack(2)])
    x = typical(rng, net, 8, 12)
    data = calibration.calibration_input(net, x, None)
    seen = []
    plain = gate_errors.measure

    def noting(network, steps):
        seen.append(plain(network, steps))
        return seen[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gate_errors, "measure", noting)
        pl.compress(net, calibration=x, words=900, progress=False)
    assert len(seen) == 2
    h = net.infer(x)[0]
    np.testing.assert_allclose(seen[0]["input"].moments[0], _moments(data[0].x), rtol=1e-5)
    assert np.abs(seen[1]["input"].moments[0][4:, 4:]).max() < 1e-6
    own = pl.Network((net.layers[0],)).infer(x)[0]
    np.testing.assert_allclose(seen[1]["input"].moments[0], _moments(own), rtol=1e-4, atol=1e-9)
    assert h.shape == own.shape


def _moments(x):
    flat = x.reshape(-1, x.shape[-1]).astype(np.float64)
    return flat.T @ flat / len(flat)


@pytest.mark.parametrize("share", ["none", "network", [[0, 2], [1]]])
@pytest.mark.parametrize("form", ["per_gate", "auto"])
def test_groups_divide_the_words(share, form):
    rng = np.random.default_rng(2)
    net = layers(rng, (7, 6, 0), (6, 6, 0), (6, 6, 0))
    x = typical(rng, net, 4, 6)
    for words in (700, 1500):
        made = pl.compress(
            net, calibration=x, share=share, words=words, form=form, solver="bcd", sweeps=3,
            progress=False,
        )  # fmt: skip
        assert words - 120 < words_of(made) <= words
        groups = {"none": ((0,), (1,), (2,)), "network": ((0, 1, 2),)}
        assert made.held == (groups[share] if isinstance(share, str) else ((0, 2), (1,)))
        assert made.provenance["words"] == words
    side = random_network(rng, [(6, 5), (6, 5)])
    made = pl.compress(side, input_range=(-1, 1), share="none", words=400, progress=False)
    assert made.held == ((0,), (1,)) and words_of(made) <= 400
    model = pl.compress(side, input_range=(-1, 1), share="network", words=400, progress=False)
    assert isinstance(model, pl.CompressedModel) and parameters(model) <= 400


def test_pruned_tiles_of_a_form_that_was_chosen():
    rng = np.random.default_rng(3)
    net = layers(rng, (8, 8, 0), (8, 8, 0))
    x = typical(rng, net, 4, 6)
    tiles = {"u_tile": 4, "v_tile": 2, "zero_u_tiles": 1, "zero_v_tiles": (1, 2)}
    for words in (200, 700):
        made = pl.compress(net, calibration=x, words=words, form="auto", progress=False, **tiles)
        assert words_of(made) <= words
        for model in made.groups:
            for side, zero in zip(PARTS, (1, 2)):
                part = getattr(model, side)
                absent = (~part.v_mask).sum(axis=(1, 2))
                assert (absent >= (4 * zero if part.gate_stacked else 12 + zero)).all()


def test_many_passes_choose_their_forms_by_a_descent():
    """No single part would leave less in its other form; all stacked pays for few words only."""
    rng = np.random.default_rng(4)
    net = layers(rng, *[(6, 6, 2 * (k % 2)) for k in range(4)])
    x = typical(rng, net, 4, 6)
    for words in (4 * 2 * 31, 900, 2500):
        made = pl.compress(net, calibration=x, words=words, form="auto", progress=False)
        assert words_of(made) <= words
        errors = [
            pl.compress(net, calibration=x, words=words, form=form, progress=False).provenance[
                "expected error of the gates"
            ]
            for form in ("per_gate", "stacked")
            if form == "stacked" or words > 4 * 2 * 4 * 13
        ]
        assert made.provenance["expected error of the gates"] <= min(errors) + 1e-12


def test_what_is_refused():
    rng = np.random.default_rng(5)
    net = layers(rng, (7, 6, 0), (6, 6, 0))
    least = 4 * (7 + 6 + 1 + 3 * (6 + 6 + 1))
    text = f"words = {least - 1}: too few for one component of each list: they take {least}; "
    given = {"input_range": (-1, 1), "progress": False}
    with pytest.raises(CompressionError, match=text + f"pass at least {least}"):
        pl.compress(net, words=least - 1, **given)
    made = pl.compress(net, words=least, **given)
    assert words_of(made) == least
    with pytest.raises(CompressionError, match="words = 900: not to be divided among groups"):
        pl.compress(net, words=900, share="auto", **given)
    with pytest.raises(CompressionError, match=r"pass 1 \(m0 layer 1\): u_tile = 7: outside 1 to"):
        pl.compress(net, words=900, u_tile=(7, 6), **given)
    silent = net.layers[1]
    zero = pl.Layer(silent.w_ih, np.zeros_like(silent.w_hh), silent.bias)
    net = pl.Network((net.layers[0], zero), stacks=[pl.Stack(2)])
    with pytest.raises(CompressionError, match=r"pass 1 \(m0 layer 1\): layers\[0\].w_hh"):
        pl.compress(net, words=900, **given)
    weights = np.ones((8, 2), np.float32), np.ones((8, 2), np.float32), np.zeros(8, np.float32)
    net = pl.Network([pl.Layer(*weights)] * 2, stacks=[pl.Stack(2)])
    with pytest.raises(CalibrationError, match="does not tell where words pay"):
        pl.compress(net, calibration=np.zeros((2, 4, 2), np.float32), words=200, progress=False)
