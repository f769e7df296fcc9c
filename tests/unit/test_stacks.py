"""Layers and directions of one model, against PyTorch and against its layers run by hand."""

import numpy as np
import pytest
import torch_lstms
from example_matrices import random_layer

import pynq_lstm as pl


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


def random_stack(rng, inputs, hidden, num_layers, bidirectional):
    directions = 2 if bidirectional else 1
    sizes = [inputs] * directions + [directions * hidden] * (directions * (num_layers - 1))
    return pl.Network(
        tuple(random_layer(rng, size, hidden, gain=2) for size in sizes),
        stacks=[pl.Stack(num_layers, bidirectional)],
    )


def close(ours, theirs):
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-5)


@pytest.mark.torch
@pytest.mark.parametrize("seed", range(64))
def test_stack_agrees_with_torch(torch, seed):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    inputs, hidden, layers, batch, steps = (int(n) for n in rng.integers(1, [40, 40, 5, 7, 12]))
    bidirectional, packed, batched = seed % 2 == 1, seed % 4 < 2, seed % 5 != 4
    module = torch.nn.LSTM(
        inputs,
        hidden,
        layers,
        bias=bool(rng.integers(2)),
        bidirectional=bidirectional,
        batch_first=True,
    )
    head = torch.nn.Linear((1 + bidirectional) * hidden, 3)
    lead = (batch,) if batched else ()
    x = rng.standard_normal((*lead, steps, inputs)).astype(np.float32)
    state = lengths = None
    if rng.integers(2):
        shape = (layers * (1 + bidirectional), *lead, hidden)
        state = tuple(rng.standard_normal(shape).astype(np.float32) for _ in "hc")
    if packed and batched:
        lengths = rng.integers(1, steps + 1, batch)
    net = pl.Network.from_torch(module, head)
    out, (h, c) = net.infer(x, state, lengths)
    expected = torch_lstms.run(torch, module, x, state, lengths)
    for ours, theirs in zip((out, h, c), expected):
        assert ours.shape == theirs.shape and ours.dtype == np.float32
        close(ours, theirs)
    top = np.concatenate(expected[1][-1 - bidirectional :], axis=-1)
    for hidden_states, every_step in ((top, False), (expected[0], True)):
        with torch.no_grad():
            logits = head(torch.from_numpy(hidden_states)).numpy()
        close(net.infer_logits(x, state, lengths, every_step=every_step), logits)


@pytest.mark.torch
@pytest.mark.parametrize("seed", range(8))
def test_stacks_side_by_side_agree_with_torch(torch, seed):
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    same = seed % 2 == 0  # then out, h and c are one array over models
    kinds = [(5, 6, 2, True)] * 3 if same else [(5, 6, 2, True), (4, 6, 1, False), (3, 2, 4, True)]
    modules = {
        name: torch.nn.LSTM(*size, layers, batch_first=True, bidirectional=both)
        for name, (*size, layers, both) in zip("abc", kinds)
    }
    net = pl.Network.from_torch(torch.nn.ModuleDict(modules) if seed % 3 else modules)
    assert net.wiring.names == ("a", "b", "c") and len(net.layers) == sum(
        layers * (1 + both) for *_, layers, both in kinds
    )
    x = [rng.standard_normal((4, 7, kind[0])).astype(np.float32) for kind in kinds]
    lengths = rng.integers(1, 8, 4)
    _, state = net.infer(x)
    out, (h, c) = net.infer(np.stack(x) if same else x, state, lengths)
    assert isinstance(out, np.ndarray) == same == isinstance(h, np.ndarray)
    for j, module in enumerate(modules.values()):
        start = state[0][j], state[1][j]
        for ours, theirs in zip((out, h, c), torch_lstms.run(torch, module, x[j], start, lengths)):
            close(ours[j], theirs)


@pytest.mark.parametrize("bidirectional", (False, True))
def test_stack_is_its_layers_one_upon_the_other(bidirectional):
    rng = np.random.default_rng(5)
    net = random_stack(rng, 3, 4, 3, bidirectional)
    x, lengths = rng.standard_normal((2, 6, 3)).astype(np.float32), np.array([6, 4])
    out, (h, c) = net.infer(x, lengths=lengths)
    directions, data = 1 + bidirectional, x
    for n in range(0, len(net.layers), directions):
        outs = []
        for d in range(directions):
            turned = data.copy()
            for b, length in enumerate(lengths if d else ()):
                turned[b, :length] = data[b, :length][::-1]
            single = pl.Network((net.layers[n + d],))
            given, (last, cell) = single.infer(turned, lengths=lengths)
            np.testing.assert_array_equal(h[n + d], last[0])
            np.testing.assert_array_equal(c[n + d], cell[0])
            for b, length in enumerate(lengths if d else ()):
                given[b, :length] = given[b, :length][::-1].copy()
            outs.append(given)
        data = np.concatenate(outs, axis=-1)
    np.testing.assert_array_equal(out, data)
    assert not out[1, 4:].any() and out[1, :4].all()


def test_sequence_cut_in_two_gives_the_whole():
    rng = np.random.default_rng(6)
    net = random_stack(rng, 5, 7, 3, False)
    x = rng.standard_normal((3, 11, 5)).astype(np.float32)
    out, (h, c) = net.infer(x)
    first, state = net.infer(x[:, :4])
    second, (h_end, c_end) = net.infer(x[:, 4:], state)
    for a, b in ((np.concatenate([first, second], 1), out), (h_end, h), (c_end, c)):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    "make, text",
    [
        (
            lambda given: {"stacks": [pl.Stack(2)]},
            r"stacks = .*: they take 2 layers of 3; pass one",
        ),
        (lambda given: {"stacks": 3}, "stacks = 3: not a list of Stack"),
        (lambda given: {"stacks": [2, 1]}, r"stacks = \[2, 1\]: not a list of Stack"),
        (
            lambda given: {"stacks": [pl.Stack(), pl.Stack(2)]},
            "m1: layer 1, direction 0 = '5 hidden units': not 4 as the first layer; make",
        ),
        (
            lambda given: {
                "stacks": [pl.Stack(2), pl.Stack()],
                "layers": (given[1], given[0], given[2]),
            },
            "m0: layer 1, direction 0 = '3 inputs': what it reads has 4 values",
        ),
        (
            lambda given: {"stacks": [pl.Stack(1, True), pl.Stack()]},
            "m0: layer 0, direction 1 = '4 inputs': what it reads has 3 values",
        ),
        (lambda given: {"wiring": pl.Wiring(("a",), ("x0",))}, r"wiring = \('a',\): not 3 models"),
        (
            lambda given: {"head": pl.Head(np.ones((2, 4)), np.ones(2))},
            r"\(4, 4, 5\) join to 13 col",
        ),
    ],
)
def test_structures_that_do_not_fit(make, text):
    rng = np.random.default_rng(7)
    layers = tuple(random_layer(rng, *size) for size in ((3, 4), (4, 4), (4, 5)))
    with pytest.raises(pl.NetworkError, match=text):
        pl.Network(**{"layers": layers, **make(layers)})


@pytest.mark.parametrize(
    "arguments, text",
    [
        ((0,), "num_layers = 0: not a positive integer"),
        ((True,), "num_layers = True: not a positive integer"),
        ((1.0,), "num_layers = 1.0: not a positive integer"),
        ((1, 2), "bidirectional = 2: not a bool"),
    ],
)
def test_stacks_refuse_what_is_none(arguments, text):
    with pytest.raises(pl.NetworkError, match=text):
        pl.Stack(*arguments)
