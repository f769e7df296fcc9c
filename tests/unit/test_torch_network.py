"""Networks as one PyTorch module: what it computes is what the network does."""

import copy
import io

import numpy as np
import pytest
import random_wirings
from example_matrices import random_inputs, random_layer, random_network

import pynq_lstm as pl


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


def tensors(torch, value):
    if isinstance(value, (list, tuple)):
        return [tensors(torch, one) for one in value]
    return torch.from_numpy(value)


def close(torch, ours, theirs):
    """Of arrays, or lists over models."""
    assert isinstance(ours, list) == isinstance(theirs, list)
    pairs = zip(ours, theirs) if isinstance(ours, list) else [(ours, theirs)]
    for one, other in pairs:
        assert isinstance(one, torch.Tensor) and one.shape == other.shape
        np.testing.assert_allclose(one.detach().numpy(), other, atol=1e-5)


def headed(rng, network):
    joined = sum(network.sequences.head_sizes)
    head = pl.Head(rng.standard_normal((3, joined)).astype("f4"), np.ones(3, np.float32))
    return pl.Network(network.layers, head, network.stacks, network.wiring)


def inputs(rng, network, *shape):
    x = [rng.uniform(-1, 1, (*shape, n)).astype("f4") for n in network.sequences.input_sizes]
    return x if len(x) > 1 else x[0]


@pytest.mark.torch
@pytest.mark.parametrize("seed", range(12))
def test_random_network(torch, seed):
    rng = np.random.default_rng(seed)
    network = headed(rng, random_wirings.random_network(rng)[0])
    slowest = network.sequences.slowest
    lengths = rng.integers(slowest, slowest + 9, 4)
    lengths[rng.integers(4)] = slowest + 8
    x = inputs(rng, network, 4, slowest + 8)
    module, given = network.to_torch_module().eval(), tensors(torch, x)
    for own in (None, lengths):
        out, ends = network.infer(x, lengths=own)
        got, got_ends = module.infer(given, lengths=own)
        close(torch, got, out)
        for ours, theirs in zip(got_ends, ends):
            close(torch, ours, theirs)
        close(torch, module(given, lengths=own), network.infer_logits(x, lengths=own))
    again, _ = module.infer(given, got_ends, torch.from_numpy(lengths))
    close(torch, again, network.infer(x, ends, lengths)[0])


@pytest.mark.torch
@pytest.mark.parametrize("stack", [pl.Stack(2, reverse=True), pl.Stack(2, True)])
def test_every_direction(torch, stack):
    rng = np.random.default_rng(0)
    layers = [random_layer(rng, 3 if n < stack.directions else 4 * stack.directions, 4)
              for n in range(stack.cells)]  # fmt: skip
    network = pl.Network(layers, stacks=[stack])
    x, lengths = inputs(rng, network, 3, 6), np.array([6, 1, 4])
    out, ends = network.infer(x, lengths=lengths)
    got, got_ends = network.to_torch_module()(torch.from_numpy(x), lengths=lengths)
    close(torch, got, out)
    for ours, theirs in zip(got_ends, ends):
        close(torch, ours, theirs)


@pytest.mark.torch
def test_logits_of_every_step_and_calls_without_a_batch(torch):
    rng = np.random.default_rng(0)
    network = random_network(rng, [(3, 4), (5, 6)], classes=2)
    module = network.to_torch_module()
    x = random_inputs(rng, network, 2, 7)
    for given in (x, [one[0] for one in x]):
        ours = module(tensors(torch, given), every_step=True)
        close(torch, ours, network.infer_logits(given, every_step=True))
        close(torch, module.infer(tensors(torch, given))[0], network.infer(given)[0])
    alike = random_network(rng, [(3, 4), (3, 4)], classes=2)
    x = np.stack(random_inputs(rng, alike, 2, 7))
    for given in (x, x[:, 0]):  # one array over inputs
        close(torch, alike.to_torch_module()(torch.from_numpy(given)), alike.infer_logits(given))


@pytest.mark.torch
def test_packed_sequences(torch):
    rng = np.random.default_rng(0)
    network = headed(rng, random_network(rng, [(3, 4), (5, 4)]))
    x, lengths = random_inputs(rng, network, 3, 7), np.array([2, 7, 4])
    pack = torch.nn.utils.rnn.pack_padded_sequence
    packed = [pack(a, lengths, True, enforce_sorted=False) for a in tensors(torch, x)]
    module = network.to_torch_module()
    close(torch, module(packed), network.infer_logits(x, lengths=lengths))
    with pytest.raises(pl.InputError, match="lengths = .*: x is a PackedSequence"):
        module(packed, lengths=lengths)


@pytest.mark.torch
def test_it_trains_and_comes_back(torch):
    rng = np.random.default_rng(0)
    layers = [random_layer(rng, *size) for size in [(3, 4), (4, 5)]]
    network = headed(rng, pl.Network(layers, wiring=["x0", "m0 / 2"]))
    module, x = network.to_torch_module(), inputs(rng, network, 3, 6)
    optimiser = torch.optim.SGD(module.parameters(), 0.1)
    module(torch.from_numpy(x)).square().sum().backward()
    optimiser.step()
    trained = pl.Network.from_torch(module.lstms, module.head, module.wiring)
    for one, other in zip(trained.layers, network.layers):
        assert np.abs(one.w_ih - other.w_ih).max() > 0
    close(torch, module(torch.from_numpy(x)), trained.infer_logits(x))
    saved = io.BytesIO()
    torch.save(module.state_dict(), saved)
    other = network.to_torch_module()
    other.load_state_dict(torch.load(io.BytesIO(saved.getvalue()), weights_only=True))
    close(torch, copy.deepcopy(other)(torch.from_numpy(x)), trained.infer_logits(x))


@pytest.mark.torch
@pytest.mark.parametrize("method", ("svd", "dense", "block_diagonal"))
def test_a_compressed_network(torch, method):
    rng = np.random.default_rng(0)
    layers = [random_layer(rng, 8, 8) for _ in range(3)]
    network = headed(rng, pl.Network(layers, wiring=["x0", "m0", "m1"]))
    options = {"svd": {"refinements": 4}, "block_diagonal": {"block_rank": 2}}.get(method, {})
    x = inputs(rng, network, 3, 6)
    made = pl.compress(network, method, calibration=x, progress=False, **options).float_network()
    close(torch, made.to_torch_module()(torch.from_numpy(x)), made.infer_logits(x))


@pytest.mark.torch
def test_bad_input_is_refused(torch):
    rng = np.random.default_rng(0)
    plain = random_network(rng, [(3, 4)])
    module = plain.to_torch_module()
    x = torch.zeros(2, 5, 3)
    for error, call, text in (
        (pl.InputError, lambda: module(x[..., :2]), r"x\[0\].shape = .*not 3 values in a step"),
        (pl.InputError, lambda: module([x, x]), "x = 2: not 1 external inputs"),
        (pl.InputError, lambda: module(x, lengths=[5, 0]), "lengths = .*outside 1 to 5"),
        (pl.InputError, lambda: module(x, 7), "state = 'int': not a pair"),
        (pl.InputError, lambda: module(x, (x, x)), r"state h.shape = .*: not \[\(1, 2, 4\)\]"),
        (pl.NetworkError, lambda: module.logits(x), "head = None: this network has none"),
        (pl.NetworkError, lambda: module(x, every_step=True), "every_step = True: this network"),
    ):
        with pytest.raises(error, match=text):
            call()


@pytest.mark.torch
@pytest.mark.parametrize("sizes", ([(4, 5)], [(4, 5), (4, 5)]))
def test_dtypes_empty_batches_and_states_that_are_not_tensors(torch, sizes):
    network = random_network(np.random.default_rng(0), sizes, classes=3)
    module, count = network.to_torch_module(), len(sizes)
    x = [torch.ones(2, 6, 4) for _ in sizes]
    packed = [torch.nn.utils.rnn.pack_sequence(list(one.double())) for one in x]
    state = network.infer(numpy_of(x))[1]
    for given, text in (
        ([[one.double() for one in x]], r"x\[0\].dtype = torch.float64: the weights are .*float32"),
        ([x[:-1] + [x[0].long()]], rf"x\[{count - 1}\].dtype = torch.int64: .*x.to\(torch.float32"),
        ([packed], r"x\[0\].dtype = torch.float64"),
        ([[one[:0] for one in x]], r"x\[0\].shape = \(0, 6, 4\): an empty sequence or batch"),
        ([[one[0, :0] for one in x]], r"x\[0\].shape = \(1, 0, 4\): an empty sequence or batch"),
        ([x, state], "state h = 'ndarray': not a tensor; pass tensors"),
        ([x, (None, None)], "state h = 'NoneType': not a tensor"),
        ([x, (torch.zeros(()), None)], "state h(.shape)? = .*: not "),
        ([x, (tensors(torch, state[0]), state[1])], "state c = 'ndarray': not a tensor"),
    ):
        with pytest.raises(pl.InputError, match=text):
            module(*given)
    close(torch, module(x, tensors(torch, state)), network.infer_logits(numpy_of(x), state))
    doubles = [one.double() for one in x]
    assert module.double()(doubles).dtype is torch.float64


def numpy_of(x):
    return x[0].numpy() if len(x) == 1 else [one.numpy() for one in x]


def test_module_needs_torch(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    network = random_network(np.random.default_rng(0), [(3, 4)])
    with pytest.raises(pl.MissingExtraError, match="torch = None: not installed"):
        network.to_torch_module()
