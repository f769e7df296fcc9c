"""Float networks against PyTorch, and what is refused on the way in."""

import numpy as np
import pytest
import safetensors.numpy
from example_matrices import random_inputs, random_layer, random_network

import pynq_lstm as pl
from pynq_lstm.importers import state_dict


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
                a, torch.from_numpy(lengths), batch_first=True, enforce_sorted=False)  # fmt: skip
            out, end = module(packed, start)
            out, _ = torch.nn.utils.rnn.pad_packed_sequence(
                out, batch_first=True, total_length=a.shape[1])  # fmt: skip
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
    modules = [torch.nn.LSTM(*size, bias=bool(rng.integers(2)),
                             batch_first=packed or bool(rng.integers(2))) for size in sizes]  # fmt: skip
    head = torch.nn.Linear(sum(h for _, h in sizes), 5, bias=bool(rng.integers(2)))
    lead = (batch,) if batched else ()
    x = [rng.standard_normal((*lead, steps, i)).astype(np.float32) for i, _ in sizes]
    state = None
    if rng.integers(2):
        state = [[rng.standard_normal((1, *lead, h)).astype(np.float32) for _, h in sizes]
                 for _ in "hc"]  # fmt: skip
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


@pytest.mark.torch
@pytest.mark.parametrize("build, text", [
    (lambda n: n.LSTM(3, 4, num_layers=2), r"modules\[0\]\.num_layers = 2.*use num_layers=1"),
    (lambda n: [n.LSTM(3, 4), n.LSTM(3, 4, bidirectional=True)],
     r"modules\[1\]\.bidirectional = True.*use bidirectional=False"),
    (lambda n: n.LSTM(3, 4, proj_size=2), r"modules\[0\]\.proj_size = 2.*use proj_size=0"),
    (lambda n: n.GRU(3, 4), r"modules\[0\] = 'GRU': not an nn\.LSTM.*GRU.*not supported"),
    (lambda n: [n.LSTM(3, 4), n.RNN(3, 4)], r"modules\[1\] = 'RNN': not an nn\.LSTM"),
    (lambda n: n.LSTMCell(3, 4), r"modules = 'LSTMCell': not an nn\.LSTM or a list"),
    (lambda n: n.Linear(3, 4), r"modules = 'Linear': not an nn\.LSTM or a list"),
    (lambda n: None, r"modules = 'NoneType': not an nn\.LSTM or a list"),
    (lambda n: [], r"layers = \(\): not a list of Layer; pass at least one"),
])  # fmt: skip
def test_module_refused_by_name(torch, build, text):
    with pytest.raises(pl.NetworkError, match=text):
        pl.Network.from_torch(build(torch.nn))


@pytest.mark.torch
def test_wiring_head_and_weights_refused_by_name(torch):
    lstm = torch.nn.LSTM(3, 4)
    for options, text in (
        ({"wiring": {"0": "1"}}, r"wiring = \{'0': '1'\}: connected LSTMs are not supported yet"),
        ({"head": torch.nn.Linear(5, 2)}, r"head\.weight\.shape = \(2, 5\).*give the head 4 inputs"),
        ({"head": torch.nn.ReLU()}, r"head = 'ReLU': not an nn\.Linear"),
    ):  # fmt: skip
        with pytest.raises(pl.NetworkError, match=text):
            pl.Network.from_torch(lstm, **options)
    torch.nn.init.constant_(lstm.weight_hh_l0[2:3], float("nan"))
    with pytest.raises(pl.NetworkError, match=r"modules\[0\]\.w_hh = .*nan.*: not finite in float32"):
        pl.Network.from_torch(lstm)


@pytest.mark.torch
def test_half_precision_modules_and_module_lists(torch):
    lstms = torch.nn.ModuleList([torch.nn.LSTM(3, 4).to(torch.bfloat16), torch.nn.LSTM(2, 4).half()])
    net = pl.Network.from_torch(lstms)
    assert np.array_equal(net.layers[0].w_ih, lstms[0].weight_ih_l0.detach().float().numpy())
    assert net.sequences.input_sizes == (3, 2)


@pytest.mark.torch
def test_saved_state_dict_gives_the_same_network(torch, tmp_path):
    from safetensors.torch import save_file

    # twelve, so that prefix 10 must follow 9
    lstms = torch.nn.ModuleList([torch.nn.LSTM(2 + j, 3, bias=j % 2 == 0) for j in range(12)])
    whole = torch.nn.ModuleDict({"branches": lstms, "classifier": torch.nn.Linear(36, 5)})
    save_file(whole.state_dict(), tmp_path / "net.safetensors")
    assert_same_network(pl.Network.load(tmp_path / "net.safetensors"),
                        pl.Network.from_torch(lstms, head=whole["classifier"]))  # fmt: skip


def assert_same_network(a, b):
    assert len(a.layers) == len(b.layers)
    for one, other in zip(a.layers, b.layers):
        for name in ("w_ih", "w_hh", "bias"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name), name)
    assert (a.head is None) == (b.head is None)
    if a.head is not None:
        np.testing.assert_array_equal(a.head.weight, b.head.weight)
        np.testing.assert_array_equal(a.head.bias, b.head.bias)


@pytest.mark.parametrize("classes", (0, 5))
def test_file_round_trip(tmp_path, rng, classes):
    net = random_network(rng, [(3, 4), (6, 2)], classes)
    state_dict.save(net, tmp_path / "net.safetensors")
    assert_same_network(pl.Network.load(tmp_path / "net.safetensors"), net)


LSTM = {"lstm.weight_ih_l0": np.ones((8, 3), np.float32),
        "lstm.weight_hh_l0": np.ones((8, 2), np.float32)}  # fmt: skip
HEAD = {"fc.weight": np.ones((5, 2), np.float32), "fc.bias": np.ones(5, np.float32)}


@pytest.mark.parametrize("tensors, text", [
    ({"a": np.ones(3)}, r"tensors = \['a'\]: no weight_ih_l0 among the names"),
    ({**LSTM, "lstm.weight_ih_l1": np.ones((8, 2))}, r"lstm\.weight_ih_l1 = 'present': more layers"),
    ({**LSTM, "lstm.weight_ih_l0_reverse": np.ones((8, 3))}, r"_reverse = 'present': .*directions"),
    ({**LSTM, "lstm.weight_hr_l0": np.ones((2, 2))}, r"weight_hr_l0 = 'present': .*projections"),
    ({**LSTM, "b.weight_ih_l0": np.ones((8, 3))}, r"b\.weight_hh_l0 = None: missing"),
    ({**LSTM, "lstm.weight_hh_l0": np.ones((6, 2))}, r"lstm\.w_hh\.shape = \(6, 2\): not"),
    ({**LSTM, "lstm.weight_ih_l0": np.ones((4, 3), np.float32)}, r"w_ih\.shape = \(4, 3\): not \(8"),
    ({**LSTM, "lstm.weight_ih_l0": np.ones((8, 3), np.int32)}, r"w_ih\.dtype = 'int32': not float"),
    ({**LSTM, "lstm.weight_ih_l0": np.full((8, 3), 1e39)}, r"lstm\.w_ih = .*inf.*: not finite"),
    ({**LSTM, "lstm.bias_ih_l0": np.ones(7, np.float32)}, r"bias_ih_l0\.shape = \(7,\): differs"),
    ({**LSTM, **HEAD, "fc2.weight": np.ones((5, 5))}, r"more than LSTMs and one linear head"),
    ({**LSTM, "fc.bias": np.ones(5)}, r"tensors = \['fc\.bias'\]: more than LSTMs and one"),
    ({**LSTM, "fc.weight": np.ones((5, 3))}, r"head\.weight\.shape = \(5, 3\): .*join to 2 columns"),
])  # fmt: skip
def test_file_refused_by_name(tmp_path, tensors, text):
    safetensors.numpy.save_file(tensors, tmp_path / "net.safetensors")
    with pytest.raises(pl.NetworkError, match=text):
        pl.Network.load(tmp_path / "net.safetensors")


@pytest.mark.parametrize("raw", (b"", b"x" * 100, b"\x10\0\0\0\0\0\0\0{}"))
def test_damaged_file_refused(tmp_path, raw):
    (tmp_path / "net.safetensors").write_bytes(raw)
    for path in (tmp_path / "net.safetensors", tmp_path / "none.safetensors"):
        with pytest.raises(pl.NetworkError, match=r"path = .*cannot be read as safetensors"):
            pl.Network.load(path)


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
