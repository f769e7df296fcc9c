"""Importers: what PyTorch modules and state-dict files become, and what is refused by name."""

import numpy as np
import pytest
import safetensors.numpy
from example_matrices import random_network

import pynq_lstm as pl
from pynq_lstm.importers import state_dict


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


@pytest.mark.torch
@pytest.mark.parametrize(
    "build, text",
    [
        (
            lambda n: n.LSTM(3, 4, num_layers=2, proj_size=2),
            r"modules\[0\]\.proj_size = 2: projections are not supported; use proj_size=0",
        ),
        (lambda n: {"a": n.GRU(3, 4)}, r"modules\['a'\] = 'GRU': not an nn\.LSTM"),
        (lambda n: {"x1": n.LSTM(3, 4)}, "name of a model = 'x1': not a name"),
        (lambda n: n.ModuleDict(), r"layers = \(\): not a list of Layer; pass at least one"),
        (lambda n: n.GRU(3, 4), r"modules\[0\] = 'GRU': not an nn\.LSTM.*GRU.*not supported"),
        (lambda n: [n.LSTM(3, 4), n.RNN(3, 4)], r"modules\[1\] = 'RNN': not an nn\.LSTM"),
        (lambda n: n.LSTMCell(3, 4), r"modules = 'LSTMCell': not an nn\.LSTM or a list"),
        (lambda n: n.Linear(3, 4), r"modules = 'Linear': not an nn\.LSTM or a list"),
        (lambda n: None, r"modules = 'NoneType': not an nn\.LSTM or a list"),
        (lambda n: [], r"layers = \(\): not a list of Layer; pass at least one"),
    ],
)
def test_module_refused_by_name(torch, build, text):
    with pytest.raises(pl.NetworkError, match=text):
        pl.Network.from_torch(build(torch.nn))


@pytest.mark.torch
def test_wiring_head_and_weights_refused_by_name(torch):
    lstm = torch.nn.LSTM(3, 4)
    for options, text in (
        ({"wiring": {"0": "1"}}, r"wiring = '0': no model; choose from \['m0'\]"),
        ({"wiring": "x0, m0"}, "wiring = 'm0 -> m0': a cycle"),
        ({"wiring": "x0:2, x0:2"}, r"wiring\['m0'\] = .*joins to 2 \+ 2 values, and m0 reads 3"),
        (
            {"head": torch.nn.Linear(5, 2)},
            r"head\.weight\.shape = \(2, 5\).*give the head 4 inputs",
        ),
        ({"head": torch.nn.ReLU()}, r"head = 'ReLU': not an nn\.Linear"),
    ):
        with pytest.raises(pl.NetworkError, match=text):
            pl.Network.from_torch(lstm, **options)
    torch.nn.init.constant_(lstm.weight_hh_l0[2:3], float("nan"))
    with pytest.raises(
        pl.NetworkError, match=r"modules\[0\]\.w_hh = .*nan.*: not finite in float32"
    ):
        pl.Network.from_torch(lstm)


@pytest.mark.torch
def test_half_precision_modules_and_module_lists(torch):
    lstms = torch.nn.ModuleList(
        [torch.nn.LSTM(3, 4).to(torch.bfloat16), torch.nn.LSTM(2, 4).half()]
    )
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
    assert_same_network(
        pl.Network.load(tmp_path / "net.safetensors"),
        pl.Network.from_torch(lstms, head=whole["classifier"]),
    )


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
def test_file_round_trip(tmp_path, classes):
    rng = np.random.default_rng(1)
    net = random_network(rng, [(3, 4), (6, 2)], classes)
    state_dict.save(net, tmp_path / "net.safetensors")
    assert_same_network(pl.Network.load(tmp_path / "net.safetensors"), net)


LSTM = {
    "lstm.weight_ih_l0": np.ones((8, 3), np.float32),
    "lstm.weight_hh_l0": np.ones((8, 2), np.float32),
}
HEAD = {"fc.weight": np.ones((5, 2), np.float32), "fc.bias": np.ones(5, np.float32)}


@pytest.mark.parametrize(
    "tensors, text",
    [
        ({"a": np.ones(3)}, r"tensors = \['a'\]: no weight_ih_l0 among the names"),
        (
            {**LSTM, "lstm.weight_ih_l1": np.ones((8, 2))},
            r"lstm\.weight_hh_l1 = None: missing; save the whole state dict",
        ),
        ({**LSTM, "lstm.weight_ih_l2": np.ones((8, 2))}, r"lstm\.weight_ih_l1 = None: missing"),
        ({**LSTM, "lstm.weight_ih_l07": np.ones((8, 2))}, r"l07 = 'present': no tensor of an nn"),
        ({**LSTM, "lstm.weight_ih_l99999": np.ones((8, 2))}, r"l99999 = 'present': no tensor"),
        (
            {**LSTM, "lstm.weight_ih_l0_reverse": np.ones((8, 3))},
            r"lstm\.weight_hh_l0_reverse = None: missing",
        ),
        (
            {
                **LSTM,
                "lstm.weight_ih_l1": np.ones((8, 3), np.float32),
                "lstm.weight_hh_l1": np.ones((8, 2), np.float32),
            },
            "m0: layer 1, direction 0 = '3 inputs': what it reads has 2 values",
        ),
        (
            {**LSTM, "lstm.weight_ih_l1": np.ones((7, 2)), "lstm.weight_hh_l1": np.ones((8, 2))},
            r"lstm\.l1\.w_ih\.shape = \(7, 2\): not \(8",
        ),
        (
            {**LSTM, "lstm.weight_hr_l0": np.ones((2, 2))},
            r"weight_hr_l0 = 'present': .*projections",
        ),
        ({**LSTM, "b.weight_ih_l0": np.ones((8, 3))}, r"b\.weight_hh_l0 = None: missing"),
        ({**LSTM, "lstm.weight_hh_l0": np.ones((6, 2))}, r"lstm\.w_hh\.shape = \(6, 2\): not"),
        (
            {**LSTM, "lstm.weight_ih_l0": np.ones((4, 3), np.float32)},
            r"w_ih\.shape = \(4, 3\): not \(8",
        ),
        (
            {**LSTM, "lstm.weight_ih_l0": np.ones((8, 3), np.int32)},
            r"w_ih\.dtype = 'int32': not float",
        ),
        ({**LSTM, "lstm.weight_ih_l0": np.full((8, 3), 1e39)}, r"lstm\.w_ih = .*inf.*: not finite"),
        (
            {**LSTM, "lstm.bias_ih_l0": np.ones(7, np.float32)},
            r"bias_ih_l0\.shape = \(7,\): differs",
        ),
        ({**LSTM, **HEAD, "fc2.weight": np.ones((5, 5))}, r"more than LSTMs and one linear head"),
        ({**LSTM, "fc.bias": np.ones(5)}, r"tensors = \['fc\.bias'\]: more than LSTMs and one"),
        (
            {**LSTM, "fc.weight": np.ones((5, 3))},
            r"head\.weight\.shape = \(5, 3\): .*join to 2 columns",
        ),
    ],
)
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


def test_head_without_a_prefix():
    head = {name.rpartition(".")[2]: array for name, array in HEAD.items()}
    assert state_dict.network({**LSTM, **head}).head.weight.shape == (5, 2)


def test_second_tensor_that_is_no_bias_is_refused():
    with pytest.raises(pl.NetworkError, match="more than LSTMs and one linear head"):
        state_dict.network({**LSTM, "fc.weight": HEAD["fc.weight"], "log_scale": HEAD["fc.bias"]})
