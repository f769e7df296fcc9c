"""Codes, components and modules of method "svd" before any training."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence  # noqa: E402

from pynq_lstm import Network, compress  # noqa: E402
from pynq_lstm.compression import gates, grid  # noqa: E402
from pynq_lstm.compression.fine_tuning import calibrate  # noqa: E402
from pynq_lstm.compression.fine_tuning.side_by_side import SideBySide  # noqa: E402
from pynq_lstm.compression.fine_tuning.svd_part import SvdPart  # noqa: E402
from pynq_lstm.compression.fine_tuning.svd_start import factorise_modules  # noqa: E402
from pynq_lstm.compression.fine_tuning.trained import trained  # noqa: E402
from pynq_lstm.compression.fine_tuning.vector_codes import codes, on_grid  # noqa: E402
from pynq_lstm.compression.options import SvdOptions  # noqa: E402
from pynq_lstm.compression.parts import PartComponents  # noqa: E402
from pynq_lstm.compression.weights import dense_weights  # noqa: E402
from pynq_lstm.errors import CompressionError, InputError  # noqa: E402

pytestmark = pytest.mark.torch
TILES = {"u_tile": 2, "v_tile": 4, "zero_u_tiles": 1, "zero_v_tiles": 1}


def lstms(seed=0):
    torch.manual_seed(seed)
    return [torch.nn.LSTM(6, 12, batch_first=True), torch.nn.LSTM(5, 8, batch_first=True)]


def side_by_side(options=None):
    own = lstms()
    model = SideBySide(own, torch.nn.Linear(20, 3))
    return factorise_modules(model, options or SvdOptions(refinements=5, **TILES)), own


@pytest.mark.parametrize("bits", [8, 4])
def test_codes_are_those_of_the_grid(bits):
    random = np.random.default_rng(bits)
    vectors = random.standard_normal((200, 24)).astype(np.float32) ** 3
    vectors[3] = 0
    vectors[4, 1:] = 0
    found, scale = codes(torch.from_numpy(vectors), bits)
    expected = np.stack([grid.codes(row, bits) for row in vectors])
    np.testing.assert_array_equal(found.numpy(), expected)
    error = np.abs(found.numpy() * scale.numpy() - vectors)[np.abs(expected) < 2 ** (bits - 1) - 1]
    assert error.max() <= 0.51 * scale.max()
    np.testing.assert_array_equal(on_grid(torch.from_numpy(vectors), bits), found * scale)


def test_a_gradient_passes_the_grid_unchanged():
    vectors = torch.randn(4, 9, requires_grad=True)
    wanted = torch.randn(4, 9)
    (on_grid(vectors, 8) * wanted).sum().backward()
    assert torch.equal(vectors.grad, wanted)


@pytest.mark.parametrize("bits", [8, 4])
def test_the_start_has_the_components_of_compress(bits):
    options = SvdOptions(refinements=4, weight_bits=bits, **TILES)
    own = lstms()
    network = Network.from_torch(own)
    parts = gates.components(network, options, None, False, {})
    for side, start in parts.items():
        part = SvdPart(start, bits)
        found = part.components()
        # the same vectors; at 4 bits a clipped one may take a finer grid
        for name in "uv":
            whole, again = (getattr(p, name).reshape(len(p.s), -1) for p in (start, found))
            tolerance = 0 if np.abs(whole).max() > 7 else 1
            scale = np.abs(whole).max(1, keepdims=True) / np.abs(again).max(1, keepdims=True)
            assert np.abs(whole - again * scale).max() <= 0.51 + tolerance
        for j, (rows, units) in enumerate(((6, 12), (5, 8))):
            rows = rows if side == "input" else units
            v = start.v[:, :, :units].reshape(len(start.s), -1).astype(np.float64)
            expected = (v * start.s[:, j : j + 1]).T @ start.u[:, :rows]
            matrix = part.matrix(j, rows, units).detach().numpy()
            np.testing.assert_allclose(matrix, expected, rtol=2e-5, atol=2e-6)


def test_stacked_components_serve_the_four_gates():
    random = np.random.default_rng(0)
    u = random.integers(-127, 128, (3, 6)).astype(np.int8)
    v = random.integers(-127, 128, (3, 4, 5)).astype(np.int8)
    u[:, 0], v[:, 0, 0] = 127, 127
    s = random.standard_normal((3, 2))
    masks = np.ones((3, 1), bool), np.ones((3, 4, 1), bool)
    start = PartComponents((3,), u, masks[0], v, masks[1], s, 6, 5)
    part = SvdPart(start, 8)
    again = part.components()
    np.testing.assert_array_equal(again.u, u)
    np.testing.assert_array_equal(again.v, v)
    assert again.counts == (3,)
    expected = (v.reshape(3, -1) * s[:, 1:]).T @ u.astype(float)
    np.testing.assert_allclose(part.matrix(1, 6, 5).detach().numpy(), expected, rtol=1e-5)


def test_it_starts_as_what_compress_gives():
    model, own = side_by_side()
    network = Network.from_torch(own)
    x = [np.random.default_rng(0).uniform(-1, 1, (4, 5, n)).astype(np.float32) for n in (6, 5)]
    exported = compress(network, calibration=x, progress=False, refinements=5, **TILES)
    for j, module in enumerate(trained(model)):
        for found, expected in zip(module.matrices(), dense_weights(exported, j)):
            np.testing.assert_allclose(found.detach().numpy(), expected, atol=2e-3)


@pytest.mark.parametrize("batch_first", [True, False])
def test_shapes_are_those_of_an_lstm(batch_first):
    torch.manual_seed(1)
    lstm = torch.nn.LSTM(6, 12, batch_first=batch_first)
    holder = torch.nn.Sequential(lstm)
    x = torch.randn(3, 7, 6) if batch_first else torch.randn(7, 3, 6)
    state = torch.randn(1, 3, 12), torch.randn(1, 3, 12)
    # of full rank, x of 16 bits: the LSTM itself but for rounding
    factorise_modules(holder, SvdOptions(refinements=(6, 12), activation_bits=16))
    made = holder[0].eval()
    calibrate(holder, [x])
    with torch.no_grad():
        for arguments in ((x,), (x, state)):
            found, expected = made(*arguments), lstm(*arguments)
            for a, b in zip((found[0], *found[1]), (expected[0], *expected[1])):
                np.testing.assert_allclose(a, b, atol=0.02)
        one = x[1] if batch_first else x[:, 1]
        found, expected = (
            made(one, tuple(s[:, 1] for s in state)),
            lstm(one, tuple(s[:, 1] for s in state)),
        )
        for a, b in zip((found[0], *found[1]), (expected[0], *expected[1])):
            np.testing.assert_allclose(a, b, atol=0.02)


def test_packed_sequences_end_where_they_end():
    model, _ = side_by_side()
    module = trained(model)[0].eval()
    x, lengths = torch.randn(4, 7, 6), torch.tensor([3, 7, 1, 5])
    state = torch.randn(1, 4, 12), torch.randn(1, 4, 12)
    module.observe()
    module(x)
    module.settle()
    packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    with torch.no_grad():
        out, (h, c) = module(packed, state)
        out, ends = pad_packed_sequence(out, batch_first=True)
        for k, length in enumerate(lengths):
            alone, last = module(x[k : k + 1, :length], tuple(s[:, k : k + 1] for s in state))
            np.testing.assert_allclose(out[k, :length], alone[0], atol=1e-6)
            np.testing.assert_allclose(h[:, k], last[0][:, 0], atol=1e-6)
            np.testing.assert_allclose(c[:, k], last[1][:, 0], atol=1e-6)
    assert torch.equal(ends, lengths)


def test_x_is_rounded_to_its_grid_and_saturates():
    model, _ = side_by_side()
    module = trained(model)[0].eval()
    module.observe()
    module(torch.full((1, 1, 6), 0.5))
    module.settle()
    with torch.no_grad():
        a, b, far, edge = (
            module(torch.full((1, 1, 6), v))[0] for v in (0.2, 0.2 + 0.5 / 127 / 4, 9.0, 0.5)
        )
    assert torch.equal(a, b) and torch.equal(far, edge)


@pytest.mark.parametrize(
    "lstm, text",
    [
        (torch.nn.LSTM(4, 5, proj_size=2), "proj_size = 2"),
        (torch.nn.LSTM(4, 5, 2, bidirectional=True, proj_size=2), "proj_size = 2"),
    ],
)
def test_lstms_that_are_refused(lstm, text):
    holder = torch.nn.Sequential(lstm)
    with pytest.raises(CompressionError, match=text):
        factorise_modules(holder, SvdOptions(refinements=2))
    assert holder[0] is lstm


def test_wrong_inputs_are_named():
    module = trained(side_by_side()[0])[0]
    with pytest.raises(CompressionError, match="no scales yet"):
        module(torch.zeros(1, 2, 6))
    for x in (torch.zeros(1, 2, 5), torch.zeros(6), None):
        with pytest.raises(InputError):
            module(x)
    with pytest.raises(InputError, match="state h"):
        module(torch.zeros(1, 2, 6), (torch.zeros(1, 3, 12),) * 2)
