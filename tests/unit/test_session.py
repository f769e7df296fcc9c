"""Sessions: shapes, lengths, state, prefixes and reports on every back end of this machine."""

import asyncio
import importlib.util

import numpy as np
import pytest
from example_matrices import as_list, random_inputs, random_network

import pynq_lstm as pl

BUILT = importlib.util.find_spec("pynq_lstm.runtime.cpu._kernel") is not None
NETWORKS = {"single": [(6, 8)], "equal": [(6, 8), (6, 8)], "unequal": [(6, 8), (3, 5), (7, 8)],
            "inputs": [(6, 8), (4, 8)]}  # fmt: skip


@pytest.fixture(params=["reference", pytest.param("cpu", marks=pytest.mark.skipif(
    not BUILT, reason="the C kernels are not built"))])  # fmt: skip
def backend(request):
    return request.param


def compressed(name, bits=8, **options):
    net = random_network(np.random.default_rng(5), NETWORKS[name], classes=4)
    x = random_inputs(np.random.default_rng(6), net, 4, 9)
    return pl.compress(net, calibration=x, activation_bits=bits, refinements=(3, 5), **options), x


MODELS = {(name, bits): compressed(name, bits) for name in NETWORKS for bits in (8, 16)}


@pytest.fixture(params=MODELS, ids=lambda key: f"{key[0]}-int{key[1]}")
def case(request):
    return MODELS[request.param]


def cut(x, *index):
    """The same slice of (batch, time) of every model."""
    parts = [a[index] for a in as_list(x)]
    return parts if len(parts) > 1 else parts[0]


def same(a, b):
    a, b = as_list(a), as_list(b)
    return len(a) == len(b) and all(p.tobytes() == q.tobytes() and p.shape == q.shape
                                    for p, q in zip(a, b))  # fmt: skip


def test_shapes_and_grids(case, backend):
    model, x = case
    with pl.load(model, backend) as session:
        out, (h, c) = session.infer(x)
    sizes = model.hidden_sizes
    for arrays, middle in ((out, (4, 9)), (h, (1, 4)), (c, (1, 4))):
        assert isinstance(arrays, np.ndarray) == (len(set(sizes)) == 1)
        assert [a.shape for a in as_list(arrays)] == [(*middle, size) for size in sizes]
        assert {a.dtype for a in as_list(arrays)} == {np.dtype(np.float32)}
    for j, (a, last, cell) in enumerate(zip(as_list(out), as_list(h), as_list(c))):
        assert np.array_equal(a[:, -1], last[0])
        grid = 2.0 ** (model.activation_bits - 1)
        assert np.array_equal(a * grid, np.rint(a * grid)) and 0 < np.abs(a).max() < 1
        assert np.array_equal(cell * 2.0 ** model.cell_fraction_bits[j],
                              np.rint(cell * 2.0 ** model.cell_fraction_bits[j]))  # fmt: skip


def test_arrays_and_lists_over_models_are_the_same(backend):
    model, x = MODELS["equal", 8]
    with pl.load(model, backend) as session:
        wanted, state = session.infer(x)
        for given in (np.stack(x), tuple(x), [a[:, ::-1][:, ::-1] for a in x]):
            assert same(session.infer(given)[0], wanted)
        a, b = (session.infer(x, state=given)[0] for given in (state, tuple(list(s) for s in state)))
        assert same(a, b) and not same(a, wanted)


def test_unbatched_is_a_batch_of_one_without_its_axis(case, backend):
    model, x = case
    with pl.load(model, backend) as session:
        out, (h, c) = session.infer(cut(x, 0))
        assert [a.shape for a in as_list(out)] == [(9, size) for size in model.hidden_sizes]
        assert same(cut(h, None), cut(cut(session.infer(x)[1][0], slice(None), slice(1)), None))
        batched = session.infer(cut(x, slice(1)))
        assert same(out, cut(batched[0], 0))
        again = session.infer(cut(x, 1), state=(h, c))
        assert [a.shape for a in as_list(again[1][0])] == [(1, size) for size in model.hidden_sizes]
        assert same(again[0], cut(session.infer(cut(x, slice(1, 2)), state=batched[1])[0], 0))
        assert same(session.infer(cut(x, 0), lengths=4)[0], session.infer(cut(x, 0), lengths=[4])[0])


def test_lengths_stop_each_sequence(case, backend):
    model, x = case
    lengths = [3, 9, 1, 6]
    with pl.load(model, backend) as session:
        out, (h, c) = session.infer(x, lengths=lengths)
        assert session.last_run.values["x"] == sum(lengths) * sum(model.input_sizes)
        for k, length in enumerate(lengths):
            alone, (h_alone, c_alone) = session.infer(cut(x, slice(k, k + 1), slice(length)))
            assert same(cut(out, slice(k, k + 1), slice(length)), alone)
            assert not any(a[k, length:].any() for a in as_list(out))
            assert same([a[:, k] for a in as_list(h)], [a[:, 0] for a in as_list(h_alone)])
            assert same([a[:, k] for a in as_list(c)], [a[:, 0] for a in as_list(c_alone)])
        longer = [np.concatenate([a, np.full_like(a, 99)], axis=1) for a in as_list(x)]
        padded = session.infer(longer if len(longer) > 1 else longer[0], lengths=np.uint8(lengths))
        assert same([a[:, :9] for a in as_list(padded[0])], as_list(out)) and same(padded[1][1], c)


def test_sequence_cut_in_two_gives_the_same_bits(case, backend):
    model, x = case
    with pl.load(model, backend) as session:
        whole, (h, c) = session.infer(x)
        for at in range(1, 9):
            first, state = session.infer(cut(x, slice(None), slice(at)))
            second, end = session.infer(cut(x, slice(None), slice(at, None)), state=state)
            joined = [np.concatenate(pair, axis=1) for pair in zip(as_list(first), as_list(second))]
            assert same(joined, as_list(whole)) and same(end[0], h) and same(end[1], c)


def test_every_prefix_on_every_backend(case, backend):
    model, x = case
    with pl.load(model, backend) as session, pl.load(model, "reference") as reference:
        seen = []
        for k in range(1, 6):
            out, (_, c) = session.infer(x, refinements=k)
            wanted, (_, c_wanted) = reference.infer(x, refinements=k)
            assert same(out, wanted) and same(c, c_wanted)
            assert session.last_run.refinements == k
            components = 4 * (min(k, 3) + min(k, 5))
            assert session.last_run.values["p"] == 36 * components * model.models
            assert session.last_run.saturated == reference.last_run.saturated
            seen.append(b"".join(a.tobytes() for a in as_list(out)))
        assert len(set(seen)) == 5
        assert same(session.infer(x)[0], session.infer(x, refinements=np.int8(5))[0])


def test_logits(case, backend):
    model, x = case
    with pl.load(model, backend) as session:
        out, (h, _) = session.infer(x, lengths=[2, 9, 9, 5], refinements=2)
        logits = session.infer_logits(x, lengths=[2, 9, 9, 5], refinements=2)
        steps = session.infer_logits(x, lengths=[2, 9, 9, 5], refinements=2, every_step=True)
        alone = session.infer_logits(cut(x, 1), refinements=2, every_step=True)
        last = session.infer_logits(cut(x, 1), refinements=2)
    weight, bias = (getattr(model.head, name).astype(np.float64) for name in ("weight", "bias"))
    joined = np.concatenate([a[0] for a in as_list(h)], axis=-1)
    np.testing.assert_allclose(logits, joined @ weight.T + bias, atol=1e-5)
    joined = np.concatenate(as_list(out), axis=-1)
    np.testing.assert_allclose(steps, joined @ weight.T + bias, atol=1e-5)
    assert (logits.shape, steps.shape, alone.shape, last.shape) == ((4, 4), (4, 9, 4), (9, 4), (4,))
    np.testing.assert_allclose(alone, steps[1], atol=1e-5)
    np.testing.assert_allclose(last, logits[1], atol=1e-5)


def test_reference_and_cpu_agree_with_state_and_lengths(case):
    pytest.importorskip("pynq_lstm.runtime.cpu._kernel", reason="the C kernels are not built")
    model, x = case
    rng = np.random.default_rng(0)
    state = tuple([rng.uniform(-2, 2, (1, 4, size)).astype(np.float32) for size in model.hidden_sizes]
                  for _ in "hc")  # fmt: skip
    state = state if model.models > 1 else tuple(s[0] for s in state)
    found = []
    for name in ("cpu", "reference"):
        with pl.load(model, name) as session:
            out, (h, c) = session.infer(x, state, [1, 9, 4, 4], 4)
            found.append([a.tobytes() for arrays in (out, h, c) for a in as_list(arrays)])
    assert found[0] == found[1]


def test_async_gives_the_same(backend):
    model, x = MODELS["equal", 8]
    with pl.load(model, backend) as session:
        async def several():
            return await asyncio.gather(*(session.infer_async(x, refinements=k) for k in (1, 2, 5)))

        for k, (out, (_, c)) in zip((1, 2, 5), asyncio.run(several())):
            wanted, (_, c_wanted) = session.infer(x, refinements=k)
            assert same(out, wanted) and same(c, c_wanted)
