"""Networks whose LSTMs read one another, against the same written by hand in PyTorch."""

import numpy as np
import pytest
import torch_lstms

import pynq_lstm as pl

BATCH, STEPS = 5, 13


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def lstm(torch, *arguments, **options):
    return torch.nn.LSTM(*arguments, batch_first=True, **options)


def inputs(rng, *sizes):
    return [rng.standard_normal((BATCH, STEPS, size)).astype(np.float32) for size in sizes]


def last_valid(x, lengths):
    return np.stack([x[b, length - 1] for b, length in enumerate(lengths)])


def top(h, directions=1):
    return np.concatenate(h[-directions:], axis=-1)


def same(found, expected):
    """out, h and c of all models; `expected` has those of one model after another."""
    out, (h, c) = found
    for ours, theirs in zip((out, h, c), zip(*expected)):
        assert len(ours) == len(theirs)
        for a, b in zip(ours, theirs):
            assert a.shape == b.shape
            np.testing.assert_allclose(a, b, rtol=0, atol=1e-5)


@pytest.mark.torch
@pytest.mark.parametrize("seed", range(6))
def test_hierarchy(torch, seed):
    """Concatenation, sum, a slower rate, last h, a shared input, a stack and two directions."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    modules = {
        "word": lstm(torch, 6, 8, 2, bidirectional=True),
        "tone": lstm(torch, 6, 16, bias=False),
        "fused": lstm(torch, 16 + 3, 10),
        "slow": lstm(torch, 10, 12, 3),
        "topic": lstm(torch, 12 + 16 + 3, 7, bidirectional=True),
    }
    head = torch.nn.Linear(14 + 12, 4)
    wiring = {
        "tone": "x0",
        "fused": "word + tone, x1",
        "slow": "fused / 4",
        "topic": "last(slow), last(word), last(x1)",
        "head": "topic, slow",
    }
    net = pl.Network.from_torch(modules, head, wiring)
    x = inputs(rng, 6, 3)
    lengths = None if seed % 3 == 0 else rng.integers(4, STEPS + 1, BATCH)
    state = None
    if seed % 2:
        state = tuple(
            [
                rng.standard_normal((m.num_layers * (1 + m.bidirectional), BATCH, m.hidden_size))
                .astype(np.float32)
                for m in modules.values()
            ]
            for _ in "hc"
        )  # fmt: skip
    given = lengths
    lengths = np.full(BATCH, STEPS) if lengths is None else lengths
    results = {}

    def run(name, data, steps):
        start = None
        if state is not None:
            j = list(modules).index(name)
            start = state[0][j], state[1][j]
        results[name] = torch_lstms.run(torch, modules[name], data, start, steps)
        return results[name]

    word, h_word, _ = run("word", x[0], lengths)
    tone, _, _ = run("tone", x[0], lengths)
    fused, _, _ = run("fused", np.concatenate([word + tone, x[1]], -1), lengths)
    _, h_slow, _ = run("slow", np.ascontiguousarray(fused[:, 3::4]), lengths // 4)
    context = np.concatenate([top(h_slow), top(h_word, 2), last_valid(x[1], lengths)], -1)
    _, h_topic, _ = run("topic", context[:, None], np.ones(BATCH, np.int64))
    same(net.infer(x, state, given), list(results.values()))
    with torch.no_grad():
        joined = torch.from_numpy(np.concatenate([top(h_topic, 2), top(h_slow)], -1))
        logits = head(joined).numpy()
    np.testing.assert_allclose(net.infer_logits(x, state, given), logits, rtol=0, atol=1e-5)


@pytest.mark.torch
@pytest.mark.parametrize("bidirectional", (False, True))
def test_stack_by_wiring_is_the_stack_of_torch(torch, bidirectional):
    """Two models, one upon the other, with the weights of an nn.LSTM of two layers."""
    torch.manual_seed(3)
    whole = lstm(torch, 5, 6, 2, bidirectional=bidirectional)
    net = pl.Network.from_torch(whole)
    stacks = [pl.Stack(1, bidirectional)] * 2
    wired = pl.Network(net.layers, stacks=stacks, wiring=["x0", "m0"])
    (x,), lengths = inputs(np.random.default_rng(3), 5), np.array([13, 1, 7, 2, 12])
    out, (h, _) = net.infer(x, lengths=lengths)
    outs, (hs, _) = wired.infer(x, lengths=lengths)
    np.testing.assert_array_equal(outs[1], out)
    np.testing.assert_array_equal(np.concatenate(list(hs)), h)


@pytest.mark.torch
@pytest.mark.parametrize("every", (1, 2, 5, 13))
def test_every_step_of_an_input(torch, rng, every):
    module = lstm(torch, 4, 6)
    net = pl.Network.from_torch(module, torch.nn.Linear(6, 2), f"x0 / {every}")
    (x,), lengths = inputs(rng, 4), rng.integers(every, STEPS + 1, BATCH)
    data = np.stack([x[:, t - 1] for t in range(every, STEPS + 1, every)], axis=1)
    expected = torch_lstms.run(torch, module, data, None, lengths // every)
    out, (h, c) = net.infer(x, lengths=lengths)
    for ours, theirs in zip((out, h, c), expected):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-5)
    assert net.infer_logits(x, every_step=True).shape == (BATCH, STEPS // every, 2)
    with pytest.raises(pl.InputError, match=f"lengths = {every - 1}: no step|outside 1 to"):
        net.infer(x, lengths=np.full(BATCH, every - 1))


@pytest.mark.torch
def test_slower_and_slower_again(torch, rng):
    modules = [lstm(torch, 3, 4), lstm(torch, 4, 4), lstm(torch, 4, 4)]
    net = pl.Network.from_torch(modules, wiring=["x0", "m0 / 2", "m1 / 3"])
    (x,) = inputs(rng, 3)
    results = [torch_lstms.run(torch, modules[0], x)]
    for module, every in zip(modules[1:], (2, 3)):
        data = np.ascontiguousarray(results[-1][0][:, every - 1 :: every])
        results.append(torch_lstms.run(torch, module, data))
    same(net.infer(x), results)
    with pytest.raises(pl.InputError, match="lengths = 5: no step for a model that takes one in 6"):
        net.infer(x[:, :5])


@pytest.mark.torch
def test_models_may_stand_in_any_order(torch, rng):
    first, second = lstm(torch, 3, 4), lstm(torch, 4, 5)
    (x,) = inputs(rng, 3)
    one = pl.Network.from_torch([first, second], wiring=["x0", "m0"]).infer(x)
    other = pl.Network.from_torch([second, first], wiring=["m1", "x0"]).infer(x)
    for a, b in zip((one[0], *one[1]), (other[0], *other[1])):
        np.testing.assert_array_equal(a[0], b[1])
        np.testing.assert_array_equal(a[1], b[0])
