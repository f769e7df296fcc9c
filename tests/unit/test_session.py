"""Sessions: shapes, lengths, state, prefixes and heads on every back end of this machine."""

import asyncio
import importlib.util

import numpy as np
import pytest
from example_matrices import over_models, random_inputs, random_network

import pynq_lstm as pl

BUILT = importlib.util.find_spec("pynq_lstm.runtime.cpu._kernel") is not None
PREFIXES = {"refinements": (3, 5), "solver": "greedy"}
NETWORKS = {
    "single": [(6, 8)],
    "equal": [(6, 8), (6, 8)],
    "unequal": [(6, 8), (3, 5), (7, 8)],
    "inputs": [(6, 8), (4, 8)],
}
BATCH, TIME = 4, 9


@pytest.fixture(
    params=[
        "reference",
        pytest.param(
            "cpu", marks=pytest.mark.skipif(not BUILT, reason="the C kernels are not built")
        ),
    ]
)
def backend(request):
    return request.param


def compressed(name, bits):
    net = random_network(np.random.default_rng(5), NETWORKS[name], classes=4)
    x = random_inputs(np.random.default_rng(6), net, BATCH, TIME)
    return pl.compress(net, calibration=x, activation_bits=bits, **PREFIXES), x


@pytest.fixture(scope="module")
def models():
    return {(name, bits): compressed(name, bits) for name in NETWORKS for bits in (8, 16)}


@pytest.fixture(
    params=[(name, bits) for name in NETWORKS for bits in (8, 16)],
    ids=lambda key: f"{key[0]}-int{key[1]}",
)
def case(request, models):
    return models[request.param]


def cut(model, values, *index):
    """The same slice of the array of every model."""
    parts = [a[index] for a in over_models(model, values)]
    return parts if model.models > 1 else parts[0]


def bits(model, *values):
    """Shapes and bits of results, whether lists or stacked arrays over models."""
    return [(a.shape, a.dtype, a.tobytes()) for v in values for a in over_models(model, v)]


def test_shapes_and_grids(case, backend):
    model, x = case
    with pl.load(model, backend) as session:
        out, (h, c) = session.infer(x)
    stacked = len(set(model.hidden_sizes)) == 1
    for values, leading in ((out, (BATCH, TIME)), (h, (1, BATCH)), (c, (1, BATCH))):
        assert isinstance(values, np.ndarray if stacked else list)
        arrays = over_models(model, values)
        assert [a.shape for a in arrays] == [(*leading, size) for size in model.hidden_sizes]
        assert {a.dtype for a in arrays} == {np.dtype(np.float32)}
    for j in range(model.models):
        out_j, h_j, c_j = (over_models(model, values)[j] for values in (out, h, c))
        assert np.array_equal(out_j[:, -1], h_j[0]) and 0 < np.abs(out_j).max() < 1
        for codes in (
            out_j * 2.0 ** (model.activation_bits - 1),
            c_j * 2.0 ** model.cell_fraction_bits[j],
        ):
            assert np.array_equal(codes, np.rint(codes))


def test_arrays_and_lists_over_models_are_the_same(models, backend):
    model, x = models["equal", 8]
    with pl.load(model, backend) as session:
        wanted, state = session.infer(x)
        for given in (np.stack(x), tuple(x), [np.asfortranarray(a) for a in x]):
            assert bits(model, session.infer(given)[0]) == bits(model, wanted)
        lists = [list(s) for s in state]
        a, b = (session.infer(x, state=given)[0] for given in (state, lists))
        assert bits(model, a) == bits(model, b) != bits(model, wanted)


def test_unbatched_is_a_batch_of_one_without_its_axis(case, backend):
    model, x = case
    with pl.load(model, backend) as session:
        one, two = cut(model, x, 0), cut(model, x, 1)
        out, (h, c) = session.infer(one)
        assert [a.shape for a in over_models(model, out)] == [(TIME, n) for n in model.hidden_sizes]
        assert [a.shape for a in over_models(model, c)] == [(1, n) for n in model.hidden_sizes]
        out_b, (h_b, c_b) = session.infer(cut(model, x, slice(1)))
        assert bits(model, out) == bits(model, cut(model, out_b, 0))
        assert bits(model, h, c) == bits(model, cut(model, h_b, 0), cut(model, c_b, 0))
        # a state without batch re-enters
        out, state = session.infer(two, state=(h, c), lengths=4)
        out_b, state_b = session.infer(cut(model, x, slice(1, 2)), state=(h_b, c_b), lengths=[4])
        assert bits(model, out) == bits(model, cut(model, out_b, 0))
        assert bits(model, *state) == bits(model, *(cut(model, s, 0) for s in state_b))


def test_lengths_stop_each_sequence(case, backend):
    model, x = case
    lengths = [3, TIME, 1, 6]
    with pl.load(model, backend) as session:
        out, (h, c) = session.infer(x, lengths=lengths)
        assert session.last_run.values["x"] == sum(lengths) * sum(model.input_sizes)
        for k, n in enumerate(lengths):
            alone, state = session.infer(cut(model, x, k, slice(n)))
            assert bits(model, cut(model, out, k, slice(n))) == bits(model, alone)
            assert not any(a[k, n:].any() for a in over_models(model, out))
            ends = [cut(model, values, slice(None), k) for values in (h, c)]
            assert bits(model, *ends) == bits(model, *state)
        # what lies beyond the lengths does not count, not even as saturated
        garbage = [np.concatenate([a, np.full_like(a, 1e9)], axis=1) for a in over_models(model, x)]
        longer = session.infer(
            garbage if model.models > 1 else garbage[0], lengths=np.uint8(lengths)
        )
        assert bits(model, *longer[1]) == bits(model, h, c)
        cropped = cut(model, longer[0], slice(None), slice(TIME))
        assert bits(model, cropped) == bits(model, out)
        assert session.last_run.saturated["x"] == 0


@pytest.mark.parametrize("refinements", (None, 2))
def test_sequence_cut_in_two_gives_the_same_bits(case, backend, refinements):
    model, x = case
    with pl.load(model, backend) as session:
        whole, end = session.infer(x, refinements=refinements)
        for at in range(1, TIME):
            halves = (
                cut(model, x, slice(None), slice(at)),
                cut(model, x, slice(None), slice(at, None)),
            )
            first, state = session.infer(halves[0], refinements=refinements)
            second, state = session.infer(halves[1], state, refinements=refinements)
            pairs = zip(over_models(model, first), over_models(model, second))
            joined = [np.concatenate(pair, axis=1) for pair in pairs]
            assert bits(model, whole, *end) == bits(
                model, joined if model.models > 1 else joined[0], *state
            )


def test_every_prefix(case, backend):
    model, x = case
    with pl.load(model, backend) as session, pl.load(model, "reference") as reference:
        seen = []
        for k in range(1, 6):
            out, state = session.infer(x, refinements=k)
            wanted, state_wanted = reference.infer(x, refinements=k)
            assert bits(model, out, *state) == bits(model, wanted, *state_wanted)
            assert session.last_run.refinements == k
            components = 4 * (min(k, 3) + k)  # the input part has 3 refinements, the hidden one 5
            assert session.last_run.values["p"] == BATCH * TIME * components * model.models
            assert session.last_run.saturated == reference.last_run.saturated
            seen.append(bits(model, out))
        assert all(a != b for a, b in zip(seen, seen[1:]))
        assert bits(model, session.infer(x)[0]) == seen[-1]
        assert bits(model, session.infer(x, refinements=np.int8(2))[0]) == seen[1]


def test_logits(case, backend):
    model, x = case
    options = {"lengths": [2, TIME, TIME, 5], "refinements": 2}
    with pl.load(model, backend) as session:
        out, (h, _) = session.infer(x, **options)
        last = session.infer_logits(x, **options)
        steps = session.infer_logits(x, **options, every_step=True)
        one = session.infer_logits(cut(model, x, 1), refinements=2)
        one_steps = session.infer_logits(cut(model, x, 1), refinements=2, every_step=True)
    weight, bias = (getattr(model.head, name).astype(np.float64) for name in ("weight", "bias"))
    for logits, hidden in ((last, cut(model, h, 0)), (steps, out)):
        joined = np.concatenate(over_models(model, hidden), axis=-1)
        assert logits.dtype == np.float32
        np.testing.assert_allclose(logits, joined @ weight.T + bias, atol=1e-5)
    np.testing.assert_allclose(one, last[1], atol=1e-5)
    np.testing.assert_allclose(one_steps, steps[1], atol=1e-5)


def test_async_gives_the_same(models, backend):
    model, x = models["equal", 8]
    with pl.load(model, backend) as session:

        async def several():
            return await asyncio.gather(*(session.infer_async(x, refinements=k) for k in (1, 2, 5)))

        for k, (out, state) in zip((1, 2, 5), asyncio.run(several())):
            wanted, state_wanted = session.infer(x, refinements=k)
            assert bits(model, out, *state) == bits(model, wanted, *state_wanted)
