"""Float networks against PyTorch."""

import numpy as np
import pytest
from example_matrices import random_inputs, random_layer, random_network

import pynq_lstm as pl


@pytest.fixture
def rng():
    return np.random.default_rng(1)


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


def torch_run(torch, modules, x, state, lengths):
    """What PyTorch gives for batch-first x, lists over models in and out."""
    results = []
    for j, (module, a) in enumerate(zip(modules, x)):
        a = torch.from_numpy(a)
        start = None if state is None else tuple(torch.from_numpy(s[j]) for s in state)
        if lengths is not None and a.ndim == 3:
            packed = torch.nn.utils.rnn.pack_padded_sequence(
                a, torch.from_numpy(lengths), batch_first=True, enforce_sorted=False
            )
            out, end = module(packed, start)
            out, _ = torch.nn.utils.rnn.pad_packed_sequence(
                out, batch_first=True, total_length=a.shape[1]
            )
        else:
            first = a if module.batch_first or a.ndim == 2 else a.transpose(0, 1)
            out, end = module(first, start)
            out = out if module.batch_first or a.ndim == 2 else out.transpose(0, 1)
        results.append((out, *end))
    return [[a.detach().numpy() for a in arrays] for arrays in zip(*results)]


@pytest.mark.torch
@pytest.mark.parametrize("seed", range(48))
def test_from_torch_agrees_with_torch(torch, seed):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    models, batched, packed = 1 + seed % 3, seed % 4 != 3, seed % 2 == 1
    batch, steps = (int(n) for n in rng.integers(1, 12, 2))
    sizes = [[int(n) for n in rng.integers(1, 50, 2)] for _ in range(models)]
    modules = [
        torch.nn.LSTM(
            *size, bias=bool(rng.integers(2)), batch_first=packed or bool(rng.integers(2))
        )
        for size in sizes
    ]
    head = torch.nn.Linear(sum(h for _, h in sizes), 5, bias=bool(rng.integers(2)))
    lead = (batch,) if batched else ()
    x = [rng.standard_normal((*lead, steps, i)).astype(np.float32) for i, _ in sizes]
    state = None
    if rng.integers(2):
        state = [
            [rng.standard_normal((1, *lead, h)).astype(np.float32) for _, h in sizes] for _ in "hc"
        ]
    lengths = rng.integers(1, steps + 1, batch) if packed and batched else None
    net = pl.Network.from_torch(modules[0] if models == 1 else modules, head=head)

    def for_us(arrays):
        return arrays[0] if models == 1 else arrays

    given = None if state is None else tuple(for_us(s) for s in state)
    out, (h, c) = net.infer(for_us(x), given, lengths)
    expected = torch_run(torch, modules, x, state, lengths)
    for ours, theirs in zip((out, h, c), expected):
        assert models > 1 or ours.shape == theirs[0].shape
        for a, b in zip(ours if models > 1 else [ours], theirs):
            np.testing.assert_allclose(a, b, rtol=0, atol=1e-5)
    for every_step, hidden in ((False, [a[0] for a in expected[1]]), (True, expected[0])):
        logits = head(torch.from_numpy(np.concatenate(hidden, axis=-1))).detach().numpy()
        ours = net.infer_logits(for_us(x), given, lengths, every_step=every_step)
        np.testing.assert_allclose(ours, logits, rtol=0, atol=1e-5)


def test_weights_are_read_only_copies(rng):
    weights = [getattr(random_layer(rng, 3, 4), name).copy() for name in ("w_ih", "w_hh", "bias")]
    layer = pl.Layer(*weights)
    weights[0][0, 0] = 9
    assert layer.w_ih[0, 0] != 9
    with pytest.raises(ValueError, match="read-only"):
        layer.w_ih[0, 0] = 9


def test_float_network_refuses_nan_in_head_and_missing_head(rng):
    net = random_network(rng, [(3, 4)])
    with pytest.raises(pl.NetworkError, match="head = None: this network has none; use infer"):
        net.infer_logits(random_inputs(rng, net))
    with pytest.raises(pl.NetworkError, match=r"head\.bias = .*inf.*: not finite"):
        pl.Network(net.layers, pl.Head(np.ones((2, 4), np.float32), np.array([0, np.inf])))
