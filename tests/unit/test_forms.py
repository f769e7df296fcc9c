"""Components of one gate, and of the four gates together."""

import numpy as np
import pytest
from compressed_networks import random_float_network, random_x
from example_matrices import low_rank_layer, random_inputs, random_layer, random_network

import pynq_lstm as pl
from pynq_lstm import model_file
from pynq_lstm.compression import forms, joint, svd
from pynq_lstm.compression.options import SOLVERS, SvdOptions, Sweeping
from pynq_lstm.compression.part_options import PER_GATE, STACKED
from pynq_lstm.compression.weights import gate_problems
from pynq_lstm.model import PARTS
from pynq_lstm.model_size import parameters

TILED = {"u_tile": (4, 5), "v_tile": 3, "zero_u_tiles": 1, "zero_v_tiles": 2}


@pytest.fixture
def rng():
    return np.random.default_rng(4)


@pytest.fixture
def net(rng):
    """Unequal sizes, ragged tiles."""
    return random_network(rng, [(12, 10), (7, 8)])


def dense(model, j, side):
    """The matrix of model j that codes and scalars stand for, up to the scale of its part."""
    part, size = getattr(model, side), model.hidden_sizes[j]
    inputs = (model.input_sizes if side == "input" else model.hidden_sizes)[j]
    found = np.zeros((4 * size, inputs))
    for r in range(len(part.s)):
        for g in range(4):
            term = np.outer(part.v[r, g, :size].astype(float), part.u[r, :inputs])
            found[g * size : (g + 1) * size] += part.s[r, j] * term
    return found


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("tiled", ({}, TILED), ids=("whole", "tiled"))
@pytest.mark.parametrize("seed", range(4))
def test_stacked_components_leave_the_error_that_is_reported(seed, solver, tiled):
    rng = np.random.default_rng(seed)
    network = random_network(rng, [(9, 7), (12, 10)][: 1 + seed % 2])
    options = SvdOptions(refinements=6, form="stacked", solver=solver, **tiled)
    for side in PARTS:
        gates = gate_problems(network, side)
        (weights,) = forms.problems(gates, STACKED)
        (part,) = options.lists(side, *gates.shape[1:])[STACKED]
        if solver == "bcd":
            found = joint.approximate(weights, part, 8, Sweeping(20, 1e-3)).components
        else:
            found = svd.approximate(weights, part, 8)
        units = gates.shape[3]
        left = 0.0
        for g in range(4):  # gate by gate from the unstacked matrices
            v = found.v[:, g * units : (g + 1) * units].astype(float)
            made = np.einsum("rj,ri,rk->jik", found.s, found.u.astype(float), v)
            left += ((gates[g] - made) ** 2).sum()
        np.testing.assert_allclose(found.error, left / (gates**2).sum(), rtol=1e-4)


@pytest.mark.parametrize("hidden, tile, zero", [(10, 3, 5), (7, 7, 3), (9, 4, 0), (5, 1, 19)])
@pytest.mark.parametrize("solver", SOLVERS)
def test_v_tiles_lie_in_one_gate_and_the_asked_number_is_pruned(rng, solver, hidden, tile, zero):
    net = random_network(rng, [(6, hidden)])
    options = {"v_tile": tile, "zero_v_tiles": zero, "refinements": 5, "weight_bits": 8}
    model = pl.compress(net, input_range=(-1, 1), form="stacked", solver=solver, **options)
    for part in (model.input, model.hidden):
        assert part.gate_stacked and part.counts == (5,)
        assert part.v_mask.shape == (5, 4, -(-hidden // tile))
        assert ((~part.v_mask).sum(axis=(1, 2)) == zero).all()
        kept = np.repeat(part.v_mask, tile, axis=2)[..., :hidden]
        assert not part.v[~kept].any()
        if zero:
            assert len({row.tobytes() for row in (~part.v_mask).sum(axis=2)}) > 1  # any gate's


def test_any_number_of_stacked_greedy_components_is_a_model(rng, net):
    x = random_inputs(rng, net)
    model = pl.compress(net, calibration=x, form="stacked", refinements=(6, 8))
    assert model.prefixes is None
    short = pl.compress(net, calibration=x, form="stacked", refinements=3)
    with pl.load(model, "reference") as session, pl.load(short, "reference") as other:
        whole, few = session.infer(x)[0], session.infer(x, refinements=3)[0]
        assert session.last_run.refinements == 3
        alone = other.infer(x)[0]
    exact = net.infer(x)[0]
    errors = [sum(((a - b) ** 2).sum() for a, b in zip(y, exact)) for y in (whole, few, alone)]
    assert errors[0] < errors[1] and errors[1] < 3 * errors[2]


@pytest.mark.parametrize("options", [
    {"form": "stacked"},
    {"form": ("stacked", "per_gate"), "refinements": (5, 3)},
    {"form": ("per_gate", "stacked"), "refinements": ((1, 2, 3, 2), 6)},
    {"form": "auto", "refinements": 3, **TILED},
    {"refinements": ((3, 1, 4, 2), (1, 5, 1, 2))},
    {"words": 500, "form": "auto"},
], ids=str)  # fmt: skip
@pytest.mark.parametrize("solver", SOLVERS)
def test_back_ends_and_files_take_them(rng, net, tmp_path, options, solver):
    x = random_inputs(rng, net, 3, 6)
    model = pl.compress(net, calibration=x, solver=solver, **options)
    assert model_file.from_bytes(model_file.to_bytes(model)).content_hash == model.content_hash
    model.save(tmp_path / "model")
    read = pl.CompressedModel.load(tmp_path / "model")
    assert (read.input.counts, read.hidden.counts) == (model.input.counts, model.hidden.counts)
    with pl.load(model, "reference") as wanted, pl.load(read, "cpu") as session:
        for k in [model.max_refinements] + [2] * (solver == "greedy"):
            (a, state), (b, other) = (s.infer(x, refinements=k) for s in (wanted, session))
            for one, two in zip([*a, *state[0], *state[1]], [*b, *other[0], *other[1]]):
                np.testing.assert_array_equal(one, two)


def test_codes_stand_for_weights_near_those_of_the_network(net):
    model = pl.compress(net, input_range=(-1, 1), form="stacked", refinements=20)
    for side, name in zip(PARTS, ("w_ih", "w_hh")):
        for j, layer in enumerate(net.layers):
            made, true = dense(model, j, side), getattr(layer, name)
            made *= (made * true).sum() / (made * made).sum()
            assert ((made - true) ** 2).sum() < 0.02 * (true**2).sum()


def error_of(net, model, side):
    """Energy of what is left of a part, of its weights'."""
    name = {"input": "w_ih", "hidden": "w_hh"}[side]
    pairs = [
        [getattr(layer, name).astype(np.float64) for layer in (own, found)]
        for own, found in zip(net.layers, model.float_network().layers)
    ]
    return sum(((a - b) ** 2).sum() for a, b in pairs) / sum((a**2).sum() for a, _ in pairs)


@pytest.mark.parametrize("seed", range(8))
def test_auto_keeps_the_better_form_at_no_more_words(seed):
    rng = np.random.default_rng(seed)
    sizes = [(int(a), int(b)) for a, b in rng.integers(4, 16, (1 + seed % 3, 2))]
    net = random_network(rng, sizes)
    tile = int(rng.integers(1, 1 + min(min(size) for size in sizes)))
    given = {"refinements": int(rng.integers(1, 4)), "u_tile": tile, "v_tile": tile}
    given["zero_v_tiles"] = given["zero_u_tiles"] = int(rng.integers(0, 2)) * (tile < 4)
    models = {}
    models["auto"] = pl.compress(net, input_range=(-1, 1), form="auto", **given)
    models[PER_GATE] = pl.compress(net, input_range=(-1, 1), **given)
    told = models["auto"].provenance
    for side in PARTS:
        auto, per_gate = (getattr(models[form], side) for form in ("auto", PER_GATE))
        assert auto.parameters() <= per_gate.parameters()
        absent = (~auto.v_mask).sum(axis=(1, 2)) - (0 if auto.gate_stacked else 3) * (
            auto.v_mask.shape[2]
        )
        assert (absent == given["zero_v_tiles"] * (4 if auto.gate_stacked else 1)).all()
        if f"{side} form" not in told:  # not one stacked component has so few words
            assert not auto.gate_stacked
            continue
        errors = {form: told[f"{side} relative error {form}"] for form in (PER_GATE, STACKED)}
        chosen = STACKED if auto.gate_stacked else PER_GATE
        assert told[f"{side} form"] == chosen and errors[chosen] == min(errors.values())
        # what components are in the padding of a smaller model is no error
        assert errors[chosen] == pytest.approx(error_of(net, models["auto"], side), rel=1e-3)
        if not auto.gate_stacked:
            assert auto.u.tobytes() == per_gate.u.tobytes()
        elif not given["zero_u_tiles"]:  # one more component would not fit
            component = auto.parameters() // auto.counts[0]
            most = len(net.layers) * min(auto.u.shape[1], 4 * auto.v.shape[2])
            fits = auto.parameters() + component <= per_gate.parameters()
            assert auto.counts[0] == most or not fits


def test_auto_finds_the_form_that_matrices_have(rng):
    """Gates of one column space, four times as wide: stacking is exact. Gates apart: it is not."""
    alike = rng.standard_normal((40, 3)) @ rng.standard_normal((3, 10))
    apart = np.kron(np.eye(4), np.ones((10, 1))) @ rng.standard_normal((4, 10))
    spread = np.abs(rng.standard_normal((40, 1)))  # each gate of rank 1, u of its own
    for w_hh, form in ((alike, STACKED), (apart * spread, PER_GATE)):
        layer = pl.Layer(*(a.astype(np.float32) for a in (w_hh, w_hh, np.zeros(40))))
        net, refinements = pl.Network([layer]), 2 if form == STACKED else 1
        told = pl.compress(
            net, input_range=(-1, 1), form="auto", refinements=refinements
        ).provenance
        assert {told["input form"], told["hidden form"]} == {form}


def test_the_default_of_the_stacked_form_fits_in_the_words_of_the_other(rng):
    net = random_network(rng, [(45, 30), (40, 35)])
    stacked, per_gate = (
        pl.compress(net, input_range=(-1, 1), form=form) for form in (STACKED, PER_GATE)
    )
    for side in PARTS:
        one, other = getattr(stacked, side), getattr(per_gate, side)
        component = one.parameters() // one.counts[0]
        assert one.parameters() <= other.parameters() < one.parameters() + component


def zeroed(layer, gate):
    w_ih = layer.w_ih.copy()
    w_ih[gate * layer.hidden_size : (gate + 1) * layer.hidden_size] = 0
    return pl.Layer(w_ih, layer.w_hh, layer.bias)


def test_a_gate_of_zeros_is_taken_where_gates_share(rng):
    net = pl.Network((zeroed(random_layer(rng, 6, 8), 2), random_layer(rng, 6, 8)))
    model = pl.compress(net, input_range=(-1, 1), form="stacked", refinements=12)
    assert model.provenance["relative weight error"] < 0.2
    for form in ("per_gate", "auto", (None, "stacked")):
        text = r"layers\[0\].w_ih, gate g = 0.0: all weights are zero.*or pass form='stacked'"
        with pytest.raises(pl.CompressionError, match=text):
            pl.compress(net, input_range=(-1, 1), form=form)
    empty = pl.Layer(np.zeros((32, 6), np.float32), net.layers[0].w_hh, net.layers[0].bias)
    text = r"layers\[0\].w_ih = 0.0: all weights are zero; train the network, or leave this LSTM"
    with pytest.raises(pl.CompressionError, match=text):
        pl.compress(pl.Network((empty,)), input_range=(-1, 1), form="stacked")


def test_a_list_that_ends_early(rng):
    net = pl.Network((low_rank_layer(rng, 20, 15, 1),))
    model = pl.compress(net, input_range=(-1, 1), form="stacked", refinements=15)
    assert 4 <= model.input.counts[0] <= 15
    assert model.provenance["relative weight error"] < 1e-6


def test_the_sharing_report_counts_the_lists_that_are_kept(rng, net):
    told = pl.compress(
        net, input_range=(-1, 1), form="stacked", refinements=6, solver="bcd"
    ).provenance
    assert told["relative weight error"] <= told["relative error of greedy components"] * 1.01
    assert told["relative weight error"] <= told["relative error of separate components"] * 1.01
    assert "sharing" in told


@pytest.mark.filterwarnings("ignore:.* left its range")
def test_networks_of_several_passes(rng):
    net = random_float_network(rng, 3)
    x, _ = random_x(rng, net)
    made = pl.compress(net, calibration=x, form="stacked", refinements=2, p_bits=16)
    assert all(p.input.gate_stacked and p.hidden.gate_stacked for p in made.passes)
    with pl.load(made, "reference") as wanted, pl.load(made, "cpu") as session:
        outs = [s.infer(x)[0] for s in (wanted, session)]
        for a, b in zip(*(y if isinstance(y, list) else [y] for y in outs)):
            np.testing.assert_array_equal(a, b)


def test_words_of_all_lists(net):
    model = pl.compress(net, input_range=(-1, 1), refinements=((1, 2, 3, 4), (4, 3, 2, 1)))
    assert model.input.counts == (1, 2, 3, 4) and model.hidden.counts == (4, 3, 2, 1)
    assert parameters(model) == 10 * (12 + 10 + 2) + 10 * (10 + 10 + 2)


def test_auto_prunes_four_times_the_tiles_of_a_gate_where_it_stacks(rng):
    w = (rng.standard_normal((40, 2)) @ rng.standard_normal((2, 10))).astype(np.float32)
    net = pl.Network([pl.Layer(w, w, np.zeros(40, np.float32))])
    given = {"refinements": 4, "v_tile": 3, "zero_v_tiles": 1}
    model = pl.compress(net, input_range=(-1, 1), form="auto", **given)
    for part in (model.input, model.hidden):
        assert part.gate_stacked and ((~part.v_mask).sum(axis=(1, 2)) == 4).all()
        # u, v, s: 10 + 7 + 1 words at least, a whole tile pruned; stacked 10 + 36 + 1 at most, the
        # four ragged tiles pruned
        assert part.counts == (16 * 18 // 47,)
