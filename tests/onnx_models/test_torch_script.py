"""PyTorch modules through the TorchScript exporter, against PyTorch."""

import numpy as np
import pytest

import pynq_lstm as pl

torch = pytest.importorskip("torch")
from torch_exports import Exported, check, close, export  # noqa: E402

pytestmark = pytest.mark.torch


@pytest.mark.parametrize("reads", ("everything", "steps", "last step", "last h"))
@pytest.mark.parametrize("seed", range(6))
def test_random_module(seed, reads):
    rng = np.random.default_rng(seed)
    sizes = [int(n) for n in rng.integers(1, 6, 2)]
    both = bool(rng.random() < 0.5) and reads != "last step"
    layers, batch_first, bias = int(rng.integers(1, 4)), *(rng.random(2) < 0.5).tolist()
    torch.manual_seed(seed)
    lstm = torch.nn.LSTM(*sizes, layers, bias=bias, batch_first=batch_first, bidirectional=both)
    module = Exported(lstm, reads)
    x = torch.zeros((2, 5, sizes[0]) if batch_first else (5, 2, sizes[0]))
    options = {}
    if seed % 2:  # else batch and time are those of the example
        options = {"input_names": ["x"], "dynamic_axes": {"x": {0: "first", 1: "second"}}}
    check(module, export(module, x, **options), rng)


class Padded(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = torch.nn.LSTM(3, 4, 2, bidirectional=True, batch_first=True)
        self.linear = torch.nn.Linear(8, 2)

    def forward(self, x, lengths):
        packed = torch.nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True)
        out, (h, _) = self.lstm(packed)
        steps, _ = torch.nn.utils.rnn.pad_packed_sequence(out, batch_first=True)
        return steps, self.linear(torch.cat([h[-2], h[-1]], 1))


def test_packed_sequences_make_lengths():
    module, rng = Padded(), np.random.default_rng(0)
    model = export(
        module,
        torch.zeros(2, 5, 3),
        torch.tensor([5, 4]),
        input_names=["x", "lengths"],
        dynamic_axes={"x": {0: "batch", 1: "time"}, "lengths": {0: "batch"}},
    )
    net = pl.Network.from_onnx(model)
    x, lengths = rng.standard_normal((3, 7, 3)).astype(np.float32), np.array([7, 6, 2])
    with torch.no_grad():
        steps, logits = module(torch.from_numpy(x), torch.from_numpy(lengths))
    close(net.infer(x, lengths=lengths)[0], steps)
    close(net.infer_logits(x, lengths=lengths), logits)


class Branches(torch.nn.Module):
    """Two inputs, a shared upper LSTM on their concatenation, a slower one on a sum."""

    def __init__(self):
        super().__init__()
        self.a = torch.nn.LSTM(3, 4, batch_first=True)
        self.b = torch.nn.LSTM(2, 2, bidirectional=True, batch_first=True)
        self.upper = torch.nn.LSTM(8, 5, batch_first=True)
        self.slow = torch.nn.LSTM(4, 3, batch_first=True)
        self.linear = torch.nn.Linear(8, 2)

    def forward(self, x, y):
        a, b = self.a(x)[0], self.b(y)[0]
        _, (upper, _) = self.upper(torch.cat([b, a], 2))
        _, (slow, _) = self.slow((a + b)[:, 2::3])
        return self.linear(torch.cat([upper[0], slow[0]], 1))


def test_branches_sums_and_rates():
    module, rng = Branches(), np.random.default_rng(0)
    model = export(
        module,
        torch.zeros(2, 9, 3),
        torch.zeros(2, 9, 2),
        input_names=["x", "y"],
        dynamic_axes={"x": {0: "batch", 1: "time"}, "y": {0: "batch", 1: "time"}},
    )
    net = pl.Network.from_onnx(model)
    assert net.wiring.to_dict() == {
        "m0": "x0", "m1": "x1", "m2": "m1, m0", "m3": "m0 / 3 + m1 / 3"
    }  # fmt: skip
    x, y = (rng.standard_normal((4, 11, n)).astype(np.float32) for n in (3, 2))
    with torch.no_grad():
        theirs = module(torch.from_numpy(x), torch.from_numpy(y))
    close(net.infer_logits([x, y]), theirs)


class Started(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = torch.nn.LSTM(3, 4, 2, bidirectional=True, batch_first=True)

    def forward(self, x, h, c):
        return self.lstm(x, (h, c))


def test_states_that_are_inputs():
    module, rng = Started(), np.random.default_rng(0)
    zero = torch.zeros(4, 2, 4)
    axes = {"x": {0: "batch", 1: "time"}, "h": {1: "batch"}, "c": {1: "batch"}}
    model = export(
        module,
        torch.zeros(2, 5, 3),
        zero,
        zero,
        input_names=["x", "h", "c"],
        dynamic_axes=axes,
    )
    x = rng.standard_normal((3, 7, 3)).astype(np.float32)
    state = rng.standard_normal((2, 4, 3, 4)).astype(np.float32)
    with torch.no_grad():
        theirs, ends = module(torch.from_numpy(x), *torch.from_numpy(state))
    out, (h, c) = pl.Network.from_onnx(model).infer(x, tuple(state))
    for ours, other in zip((out, h, c), (theirs, *ends)):
        close(ours, other)


def test_a_sequence_without_batch():
    lstm = torch.nn.LSTM(3, 4, 2)
    net = pl.Network.from_onnx(export(lstm, torch.zeros(5, 3)))
    x = np.random.default_rng(0).standard_normal((7, 3)).astype(np.float32)
    with torch.no_grad():
        theirs, _ = lstm(torch.from_numpy(x))
    close(net.infer(x)[0], theirs)


def test_last_step_of_both_directions_is_refused():
    module = Exported(torch.nn.LSTM(3, 4, batch_first=True, bidirectional=True), "last step")
    model = export(module, torch.zeros(2, 5, 3))
    with pytest.raises(pl.NetworkError, match="read Y_h, the last h of both directions"):
        pl.Network.from_onnx(model)
