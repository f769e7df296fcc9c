"""A PackedSequence as x: what infer gives is that of the padded sequences and their lengths."""

from collections import namedtuple

import numpy as np
import pytest
import torch_lstms
from example_matrices import random_inputs, random_network
from random_wirings import random_network as random_wired

import pynq_lstm as pl
from pynq_lstm.compression import calibration
from pynq_lstm.packed import padded

pytestmark = pytest.mark.filterwarnings("ignore::pynq_lstm.errors.SaturationWarning")
Packed = namedtuple("Packed", "data batch_sizes sorted_indices unsorted_indices")


def pack(x, lengths):
    """As PyTorch packs (batch, time, input) that need not be sorted, step by step."""
    order = np.argsort(-lengths, kind="stable")
    sizes = [int((lengths > t).sum()) for t in range(lengths.max())]
    steps = [x[n, t] for t, size in enumerate(sizes) for n in order[:size]]
    return Packed(np.array(steps), np.array(sizes), order, np.argsort(order, kind="stable"))


def blank(x, lengths):
    """x, zero beyond the lengths and no longer than the longest."""
    there = np.arange(x.shape[1]) < lengths[:, None]
    return np.where(there[..., None], x, np.float32(0))[:, : lengths.max()]


def same(ours, theirs):
    assert type(ours) is type(theirs)
    if isinstance(ours, (list, tuple)):
        for one, other in zip(ours, theirs, strict=True):
            same(one, other)
    else:
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("seed", range(8))
def test_padded_is_what_was_packed(seed):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((rng.integers(1, 6), 7, 3)).astype(np.float32)
    lengths = rng.integers(1, 8, len(x))
    found, steps = padded(pack(x, lengths), None)
    same((found, steps), (blank(x, lengths), lengths))
    order = np.argsort(-lengths, kind="stable")
    in_order = pack(x[order], lengths[order])._replace(sorted_indices=None, unsorted_indices=None)
    same(padded(in_order, None), (blank(x[order], lengths[order]), lengths[order]))


def both_ways(runner, x, lengths, **more):
    """What a call gives on packed sequences has to be what it gives on padded ones."""
    several = isinstance(x, list)
    packed = [pack(a, lengths) for a in x] if several else pack(x, lengths)
    given = [blank(a, lengths) for a in x] if several else blank(x, lengths)
    same(runner.infer(packed, **more), runner.infer(given, lengths=lengths, **more))
    return packed, given


@pytest.mark.parametrize("seed", range(8))
def test_wired_networks_float_and_compressed(seed):
    rng = np.random.default_rng(seed)
    net, sizes = random_wired(rng)
    slowest = max(rate or 1 for rate in net.wiring.rates)
    lengths = rng.integers(slowest, slowest + 5, 4)
    x = [rng.standard_normal((4, slowest + 5, size)).astype(np.float32) for size in sizes]
    x = x if len(x) > 1 else x[0]
    both_ways(net, x, lengths)
    model = pl.compress(net, "dense", input_range=(-2, 2), progress=False)
    with pl.load(model, "cpu") as session:
        both_ways(session, x, lengths)


@pytest.mark.parametrize("backend", ("cpu", "reference"))
@pytest.mark.parametrize("models", (1, 3))
def test_sessions_of_models(backend, models):
    rng = np.random.default_rng(0)
    net = random_network(rng, [(5, 6)] * models, classes=3)
    x, lengths = random_inputs(rng, net, 4, 6), np.array([2, 6, 1, 4])
    x = list(x) if models > 1 else x
    model = pl.compress(net, input_range=(-3, 3), refinements=2)
    with pl.load(model, backend) as session:
        _, state = session.infer(x)
        packed, given = both_ways(session, x, lengths, state=state, refinements=1)
        logits = session.infer_logits(given, lengths=lengths)
        same(session.infer_logits(packed), logits)
        same(net.infer_logits(packed), net.infer_logits(given, lengths=lengths))
        (answer,) = session.infer_many([packed])
        same(answer, session.infer(given, lengths=lengths))
        assert session.last_run.values["x"] == models * 5 * lengths.sum()
        assert session.benchmark(packed, calls=1).calls == 1


def test_refusals():
    rng = np.random.default_rng(0)
    net = random_network(rng, [(5, 6)])
    x, lengths = random_inputs(rng, net, 3, 4), np.array([2, 4, 1])
    good = pack(x, lengths)
    for wrong, more, text in (
        (
            good,
            {"lengths": lengths},
            "lengths = .*: x is a PackedSequence.*; leave one of them out",
        ),
        (good._replace(data=good.data[:-1]), {}, r"x.data.shape = \(6, 5\): not \(7, input\)"),
        (good._replace(data=good.data[:, 0]), {}, r"x.data.shape = \(7,\): not \(7, input\)"),
        (good._replace(batch_sizes=np.array([2, 3, 2])), {}, "x.batch_sizes = .*only fall; make"),
        (good._replace(batch_sizes=np.array([7, 0])), {}, "x.batch_sizes = .*only fall"),
        (good._replace(batch_sizes=np.array([], int)), {}, "x.batch_sizes = .*only fall"),
        (good._replace(batch_sizes=np.array([7.0])), {}, "x.batch_sizes = .*only fall"),
        (good._replace(unsorted_indices=np.array([0, 1])), {}, "not an order of 3 sequences"),
        (good._replace(unsorted_indices=np.array([0, 1, 1])), {}, "x.unsorted_indices = .*not an"),
        (good._replace(data=good.data.astype(float)), {}, "x.dtype = 'float64': not float32"),
        (good._replace(data=good.data[:, :4]), {}, r"x.shape = \(3, 4, 4\): not what the model"),
    ):
        with pytest.raises(pl.InputError, match=text):
            net.infer(wrong, **more)
    wrong = good._replace(batch_sizes=np.array([2, 3, 2]))
    with pytest.raises(pl.CalibrationError, match="calibration: x.batch_sizes = .*only fall"):
        pl.compress(net, calibration=wrong)


def test_several_inputs_that_differ():
    rng = np.random.default_rng(0)
    net = random_network(rng, [(5, 6), (4, 3)])
    x = random_inputs(rng, net, 3, 4)
    one, other = (pack(a, np.array(n)) for a, n in zip(x, ([2, 4, 1], [4, 2, 1])))
    with pytest.raises(pl.InputError, match=r"x\[1\]: lengths = \[4, 2, 1\]: x\[0\] has \[2, 4, 1"):
        net.infer([one, other])
    with pytest.raises(pl.InputError, match=r"x = .'Packed', 'ndarray'.: some are packed"):
        net.infer([one, x[1]])
    with pytest.raises(pl.InputError, match="not one entry for each of 2"):
        net.infer([one, one, one])


@pytest.mark.parametrize("method", ("svd", "dense", "block_diagonal"))
def test_calibration_on_sequences_of_one_length_is_that_on_arrays(method):
    rng = np.random.default_rng(0)
    net, sizes = random_wired(rng)
    x = [rng.standard_normal((3, 12, size)).astype(np.float32) for size in sizes]
    lengths, options = np.full(3, 12), {"progress": False}
    if method == "svd":
        options["refinements"] = 1
    if method == "block_diagonal":
        net = random_network(rng, [(8, 8)])
        x = [random_inputs(rng, net, 3, 12)]
    made = [
        pl.compress(net, method, calibration=given if len(x) > 1 else given[0], **options)
        for given in (x, [pack(a, lengths) for a in x])
    ]
    assert made[0].content_hash == made[1].content_hash


def test_calibration_looks_at_valid_steps_only(monkeypatch):
    """As each sequence alone, not padded, would be; also what other LSTMs read of one."""
    met, real = [], calibration.measure

    def measure(network, data, *more):
        met.append((data, real(network, data, *more)))
        return met[-1][1]

    monkeypatch.setattr(calibration, "measure", measure)
    rng = np.random.default_rng(0)
    layers = [random_network(rng, [size]).layers[0] for size in ((5, 6), (6, 6), (6, 4))]
    net = pl.Network(layers, stacks=[pl.Stack(2), pl.Stack()], wiring=["x0", "last(m0)"])
    x, lengths = rng.standard_normal((3, 7, 5)).astype(np.float32), np.array([2, 7, 4])
    x[:, :, 0] += 3  # zeros of the padding would be seen as a smaller mean
    pl.compress(net, "dense", calibration=pack(x, lengths), progress=False)
    packed, alone = met.copy(), []
    for n, length in enumerate(lengths):
        met.clear()
        pl.compress(net, "dense", calibration=x[n, :length], progress=False)
        alone.append(met.copy())
    for p, (data, ranges) in enumerate(packed):
        own = [one[p] for one in alone]
        steps = np.concatenate([steps[0].x[0] for steps, _ in own])
        np.testing.assert_allclose(data[0].valid, steps, atol=1e-6)
        assert ranges.x[0] == pytest.approx(max(r.x[0] for _, r in own))
        assert ranges.c[0] == pytest.approx(max(r.c[0] for _, r in own))
        for part in ("input", "hidden"):
            found, single = ranges.d[part][0], [r.d[part][0] for _, r in own]
            largest = np.max([one.largest for one in single], axis=0)
            np.testing.assert_allclose(found.largest, largest, atol=1e-5)
            assert len(found.sample) == (3 if p == 2 else lengths.sum())


@pytest.mark.torch
@pytest.mark.parametrize("enforce_sorted", (True, False))
def test_real_ones_give_what_torch_gives(enforce_sorted):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    lstm = torch.nn.LSTM(3, 4, 2, bidirectional=True, batch_first=True)
    x = rng.standard_normal((4, 6, 3)).astype(np.float32)
    lengths = np.array([6, 5, 2, 1]) if enforce_sorted else np.array([2, 6, 1, 5])
    packed = torch.nn.utils.rnn.pack_padded_sequence(
        torch.from_numpy(x), torch.from_numpy(lengths), True, enforce_sorted
    )
    net = pl.Network.from_torch(lstm)
    out, (h, c) = net.infer(packed)
    expected = torch_lstms.run(torch, lstm, x, lengths=lengths)
    for ours, theirs in zip((out, h, c), expected):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)
    with pl.load(pl.compress(net, "dense", input_range=(-3, 3), progress=False)) as session:
        same(session.infer(packed), session.infer(x, lengths=lengths))


@pytest.mark.torch
def test_what_requires_grad_is_refused_as_it_is_of_arrays():
    torch = pytest.importorskip("torch")
    net = pl.Network.from_torch(torch.nn.LSTM(3, 4))
    packed = torch.nn.utils.rnn.pack_sequence([torch.zeros(2, 3, requires_grad=True)])
    with pytest.raises(pl.InputError, match="x.data = 'Tensor': not an array .*requires grad"):
        net.infer(packed)
