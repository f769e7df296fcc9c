"""Modules that stand for layers, directions and wirings, before any training."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from random_wirings import random_network  # noqa: E402
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence  # noqa: E402

import pynq_lstm as pl  # noqa: E402
from pynq_lstm.compression.fine_tuning import calibrate  # noqa: E402
from pynq_lstm.compression.fine_tuning.side_by_side import as_module  # noqa: E402
from pynq_lstm.compression.fine_tuning.svd_start import factorise_modules  # noqa: E402
from pynq_lstm.compression.fine_tuning.trained import trained  # noqa: E402
from pynq_lstm.compression.options import SvdOptions  # noqa: E402
from pynq_lstm.errors import InputError  # noqa: E402

pytestmark = pytest.mark.torch


def near(found, expected):
    for a, b in zip((found[0], *found[1]), (expected[0], *expected[1])):
        assert a.shape == b.shape
        np.testing.assert_allclose(a.detach(), b.detach(), atol=0.02)


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("layers, bidirectional", [(2, False), (1, True), (3, True)])
def test_shapes_are_those_of_an_lstm(layers, bidirectional, batch_first):
    torch.manual_seed(1)
    lstm = torch.nn.LSTM(8, 8, layers, batch_first=batch_first, bidirectional=bidirectional)
    count = layers * (1 + bidirectional)
    whole = SvdOptions(refinements=(8, 8), activation_bits=16)  # of full rank: rounding only
    apart = {(k,): whole for k in range(count)}
    holder = factorise_modules(torch.nn.Sequential(lstm), whole, chosen=apart).eval()
    x = torch.randn(3, 7, 8)
    x = x if batch_first else x.transpose(0, 1)
    state = torch.randn(count, 3, 8), torch.randn(count, 3, 8)
    calibrate(holder, [x])
    module = holder[0]
    near(module(x), lstm(x))
    near(module(x, state), lstm(x, state))
    one = x[1] if batch_first else x[:, 1]
    alone = tuple(s[:, 1] for s in state)
    near(module(one, alone), lstm(one, alone))
    packed = pack_padded_sequence(x, torch.tensor([3, 7, 5]), batch_first, enforce_sorted=False)
    found, expected = module(packed, state), lstm(packed, state)
    out = [pad_packed_sequence(o, batch_first)[0] for o in (found[0], expected[0])]
    near((out[0], found[1]), (out[1], expected[1]))
    with pytest.raises(InputError, match="state h"):
        module(x, tuple(s[:1] for s in state) if count > 1 else state[:1])


def test_h_is_on_its_grid_between_layers():
    lstm = torch.nn.LSTM(6, 8, 2, batch_first=True, dropout=0.5)
    holder = factorise_modules(torch.nn.Sequential(lstm), SvdOptions(refinements=3))
    upper = trained(holder)[1]
    x = torch.randn(20, 5, 6)
    calibrate(holder.train(), [x])
    calibrate(holder.eval(), [x])
    on_grid, seen = upper._on_grid, []
    upper._on_grid = lambda value: seen.append(on_grid(value)) or seen[-1]
    holder.eval()(x)
    holder.train()(x)
    for values in seen:
        codes = values.detach() * 128
        assert torch.equal(codes, codes.round())
    assert seen[0].abs().max() < 1
    # dropout made some larger than any h; they keep their size
    seen.clear()
    with torch.no_grad():
        upper.bias_sum.fill_(0)
        big = torch.full((1, 1, 8), 1.9)
        upper.train()(big)
        upper.eval()(big)
    assert float(seen[0].max()) == pytest.approx(1.9, abs=1 / 256)
    assert float(seen[1].max()) == 127 / 128


@pytest.mark.parametrize("seed", range(12))
def test_a_wiring_computes_what_the_network_does(seed):
    rng = np.random.default_rng(seed)
    network, sizes = random_network(rng)
    size = sum(network.sequences.head_sizes)
    head = pl.Head(rng.standard_normal((3, size)).astype(np.float32), np.zeros(3, np.float32))
    network = pl.Network(network.layers, head, network.stacks, network.wiring)
    model = as_module(network, networks=True)
    slowest = network.sequences.slowest
    lengths = rng.integers(slowest, slowest + 6, 5)
    x = [rng.standard_normal((5, int(lengths.max()), n)).astype(np.float32) for n in sizes]
    packed = [
        pack_padded_sequence(torch.from_numpy(a), torch.from_numpy(lengths), True, False) for a in x
    ]
    x, given = (x, packed) if len(x) > 1 else (x[0], packed[0])
    if network.is_side_by_side:
        return
    with torch.no_grad():
        found = model.classes(given, torch.zeros(5, dtype=torch.long))
        np.testing.assert_allclose(
            found, network.infer_logits(x, lengths=lengths), rtol=1e-4, atol=1e-4
        )
        rates = {network.wiring.rates[network.wiring.names.index(n)] for n in network.wiring.head}
        if len(rates) > 1:
            with pytest.raises(InputError, match="different rates"):
                model(given)
            return
        every = model(given).numpy()
    expected = network.infer_logits(x, lengths=lengths, every_step=True)
    np.testing.assert_allclose(every[:, : expected.shape[1]], expected, rtol=1e-4, atol=1e-4)
