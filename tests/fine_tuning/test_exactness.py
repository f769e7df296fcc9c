"""What a quantised module computes is what its export computes: codes of h and c, difference 0."""

import itertools

import numpy as np
import pytest
from chained import run_layers

torch = pytest.importorskip("torch")

from pynq_lstm.compression.block_options import BlockDiagonalOptions  # noqa: E402
from pynq_lstm.compression.fine_tuning import calibrate, export_layers, quantise_modules  # noqa: E402

pytestmark = pytest.mark.torch
WIDTHS = list(itertools.product((2, 4, 8), (4, 6, 8)))


def random_lstm(rng, **settings):
    """An nn.LSTM of random sizes whose weights also reach beyond what their grids hold."""
    torch.manual_seed(int(rng.integers(1 << 30)))
    lstm = torch.nn.LSTM(int(rng.integers(1, 40)), int(rng.integers(1, 40)), **settings)
    with torch.no_grad():
        for parameter in lstm.parameters():
            parameter.mul_(float(rng.uniform(0.3, 6)))
            if rng.random() < 0.3:
                parameter[..., :1] = 0
    return lstm


def random_options(rng, weight_bits, operand_bits):
    """Every other option drawn."""
    return BlockDiagonalOptions(
        block_rank=tuple(int(v) for v in rng.choice([2, 4, 8, 16], 2)),
        weight_bits=weight_bits,
        operand_bits=operand_bits,
        quantization=str(rng.choice(["nlq", "tlq"])),
        activation_bits=int(rng.choice([8, 16])),
        gate_bits=int(rng.choice([16, rng.integers(4, 17)])),
        cell_bits=int(rng.choice([16, rng.integers(4, 17)])),
    )


def compare(rng, lstm, options, device):
    """Run both on inputs that partly leave the calibrated range; return what saturated."""
    scale = float(rng.uniform(0.1, 10))
    module = quantise_modules(lstm, options).eval().to(device)
    calibrate(module, [(scale * torch.randn(2, 8, lstm.input_size)).to(device)])
    x = 1.5 * scale * torch.randn(int(rng.integers(1, 24)), 3, lstm.input_size)
    with torch.no_grad():
        out, (h, c) = module(x.to(device))
    found = run_layers(export_layers(module), x.transpose(0, 1).contiguous().numpy())
    np.testing.assert_array_equal(out.transpose(0, 1).cpu().numpy(), found[0])
    np.testing.assert_array_equal(h.cpu().numpy(), found[1])
    np.testing.assert_array_equal(c.cpu().numpy(), found[2])
    return found[3]


@pytest.mark.parametrize("device", ["cpu"] + ["cuda"] * torch.cuda.is_available())
@pytest.mark.parametrize("widths", WIDTHS, ids=str)
def test_export_equals_module(widths, device):
    rng = np.random.default_rng(sum(widths))
    saturated = dict.fromkeys(("x", "p", "pre", "c"), 0)
    for _ in range(25):
        lstm = random_lstm(
            rng, num_layers=int(rng.integers(1, 4)), bidirectional=bool(rng.random() < 0.4),
            bias=bool(rng.random() < 0.8),
        )  # fmt: skip
        counts = compare(rng, lstm, random_options(rng, *widths), device)
        saturated = {kind: saturated[kind] + counts.get(kind, 0) for kind in saturated}
    assert all(saturated.values()), saturated  # the limits were among what was compared
