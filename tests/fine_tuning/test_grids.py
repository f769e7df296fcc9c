"""Integers in torch against those in NumPy, and the width in which their sums are exact."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from pynq_lstm import block_mask, numerics  # noqa: E402
from pynq_lstm.compression import block_grid  # noqa: E402
from pynq_lstm.compression.block_codes import block_codes  # noqa: E402
from pynq_lstm.compression.block_diagonal import BlockScales  # noqa: E402
from pynq_lstm.compression.block_options import BlockDiagonalOptions  # noqa: E402
from pynq_lstm.compression.fine_tuning import grids, tables  # noqa: E402
from pynq_lstm.compression.fine_tuning.constants import Setting  # noqa: E402
from pynq_lstm.compression.fine_tuning.ranges import Ranges  # noqa: E402

pytestmark = pytest.mark.torch


@pytest.mark.parametrize("rank", [2, 4, 8, 16])
def test_masks_are_equal(rank):
    for rows, columns in ((1, 1), (7, 30), (33, 5), (48, 48)):
        np.testing.assert_array_equal(
            grids.block_mask(rows, columns, rank).numpy(), block_mask.mask(rows, columns, rank)
        )


@pytest.mark.parametrize("bits", [2, 4, 8])
@pytest.mark.parametrize("normalised", [True, False])
def test_codes_are_equal(bits, normalised):
    rng = np.random.default_rng(bits)
    weights = (rng.standard_normal((48, 9)) * rng.choice([0.1, 1, 3], 9)).astype(np.float32)
    weights[:, 3] = 0
    # ties of rint: halves of a code
    weights[::2, 5] = np.ldexp(rng.integers(-9, 10, 24) + 0.5, 1 - bits)
    expected = block_codes(weights, 4, bits, normalised)
    mask = grids.block_mask(12, 9, 4).repeat(4, 1)
    column = torch.tensor([[[float(bits)]]], dtype=torch.float64)
    found = grids.part_grid(
        torch.from_numpy(weights)[None], mask, column, torch.tensor([[[normalised]]])
    )
    np.testing.assert_array_equal(found.codes[0].numpy(), expected.codes)
    used = expected.codes.any(axis=0)
    np.testing.assert_array_equal(found.scale[0].numpy()[used], expected.scale[used])


def test_multipliers_are_equal():
    rng = np.random.default_rng(0)
    # just below a power of two the largest would round to 2^16; and shifts at both ends
    edges = [1 - 2.0**-k for k in range(10, 22)] + [1.0, 2.0**-20, 2.0**15, 65535 / 65536, 1e-12]
    for largest in edges:
        steps = np.append(largest * rng.uniform(0, 1, 6), largest)
        m, shift = block_grid.multipliers(steps)
        found, own = grids.multipliers(torch.from_numpy(steps)[None])
        assert float(own) == shift
        np.testing.assert_array_equal(found[0].numpy(), m)


def test_tables_are_the_functions_of_numerics():
    cpu, codes = torch.device("cpu"), np.arange(-32768, 32768)
    table = tables.gates(7, 11, cpu).numpy()
    np.testing.assert_array_equal(table[:65536], numerics.narrow(numerics.sigmoid(codes), 7))
    g = numerics.round_shift(numerics.narrow(numerics.tanh(codes), 7), 4)
    np.testing.assert_array_equal(table[65536:], g)


def setting(exponent=0, **options):
    scales = BlockScales((10.0,), (exponent,), (0,), (11,))
    return Setting((BlockDiagonalOptions(**options),), scales)


def test_float32_only_where_every_sum_is_exact():
    assert setting().dtype(200, 200) is torch.float32
    assert setting(activation_bits=16).dtype(200, 200) is torch.float64
    wide = {"block_rank": 2, "weight_bits": 8, "operand_bits": 8}
    assert setting(**wide).dtype(200, 200) is torch.float32
    assert setting(**wide).dtype(4000, 200) is torch.float64
    assert setting(exponent=6, **wide).dtype(200, 200) is torch.float64
    # by hand: bias 2^17 and table 2^17; x 5 x 127 x 2^7 x 2^gain, gain = e + 14 - 8 - 8
    bound = 2**18 + (5 * 127 * 2**7) * (2.0 ** (e := 5) / 4 + 0.25)
    assert (bound * 4 < 2**24) == (setting(exponent=e, **wide).dtype(10, 10) is torch.float32)


@pytest.mark.parametrize("device", ["cpu"] + ["cuda"] * torch.cuda.is_available())
def test_powers_of_two_are_exact(device):
    exponents = torch.arange(-1000, 1000, dtype=torch.float64, device=device)
    found = grids.power_of_two(exponents).cpu().numpy()
    np.testing.assert_array_equal(found, np.ldexp(1.0, np.arange(-1000, 1000)))


def cell_fraction(bits, cells):
    ranges = Ranges((BlockDiagonalOptions(cell_bits=bits),))
    c = torch.as_tensor(cells, dtype=torch.float32).view(-1, 1, 1, 1)
    ranges._add(c[..., :1], torch.zeros_like(c), c)
    scales = ranges.scales(torch.ones(1, 4, 1), torch.ones(1, 4, 1), training=False)
    return scales.cell_fraction_bits[0]


def test_one_large_cell_does_not_take_the_grid_of_the_others():
    small = np.random.default_rng(0).standard_normal(400)
    whole = cell_fraction(16, [*small, 60.0])
    assert whole == 8  # 60 and a quarter of it
    fine = cell_fraction(8, [*small, 60.0])
    assert fine == cell_fraction(8, small) > whole + 2
    assert cell_fraction(8, np.linspace(-0.1, 0.1, 50)) == 14
