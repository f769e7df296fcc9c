"""Everything that `compress` cannot take is refused by a text that names value and remedy."""

import dataclasses
import re

import numpy as np
import pytest
from example_matrices import random_layer, random_network

import pynq_lstm as pl

X = np.ones((2, 3, 6), np.float32)


def net(inputs=6, hidden=8):
    return random_network(np.random.default_rng(2), [(inputs, hidden)])


def with_(**weights):
    return pl.Network((dataclasses.replace(net().layers[0], **weights),))


REFINEMENTS = (
    "outside 1 to 6 for the input part (models x min(rows, columns) of 1 matrices of "
    "6 x 8); pass 1 to 6, or a pair (input part's, hidden part's)"
)
TILES = "outside 0 to 2 for the input part (one less than the 3 tiles of u); pass 0 to 2, or a pair"


@pytest.mark.parametrize(
    "options, text",
    [
        ({"refinements": 0}, f"refinements = 0: {REFINEMENTS}"),
        ({"refinements": 7}, f"refinements = 7: {REFINEMENTS}"),
        ({"refinements": -1}, f"refinements = -1: {REFINEMENTS}"),
        ({"refinements": (6, 9)}, "refinements = 9: outside 1 to 8 for the hidden part"),
        ({"refinements": 2.0}, "refinements = 2.0: not an integer; pass 1 to 6"),
        ({"refinements": True}, "refinements = True: not an integer; pass 1 to 6"),
        (
            {"refinements": (1, 2, 3)},
            "refinements = (1, 2, 3): neither a number nor a pair; pass one "
            "number, or (input part's, hidden part's)",
        ),
        (
            {"u_tile": 0},
            "u_tile = 0: outside 1 to 6 for the input part (the length of u); pass 1 to 6",
        ),
        (
            {"u_tile": 7},
            "u_tile = 7: outside 1 to 6 for the input part (the length of u); pass 1 to 6",
        ),
        ({"u_tile": (6, 9)}, "u_tile = 9: outside 1 to 8 for the hidden part (the length of u)"),
        ({"v_tile": 0}, "v_tile = 0: outside 1 to 8 for the input part (the length of v)"),
        ({"v_tile": 9}, "v_tile = 9: outside 1 to 8 for the input part (the length of v)"),
        ({"v_tile": "4"}, "v_tile = '4': not an integer"),
        ({"u_tile": 2, "zero_u_tiles": 3}, f"zero_u_tiles = 3: {TILES}"),
        ({"u_tile": 2, "zero_u_tiles": -1}, f"zero_u_tiles = -1: {TILES}"),
        (
            {"zero_v_tiles": 1},
            "zero_v_tiles = 1: outside 0 to 0 for the input part (one less than the 1 tiles of v)",
        ),
        ({"weight_bits": 6}, "weight_bits = 6: not supported; choose from [4, 8]"),
        ({"weight_bits": 8.0}, "weight_bits = 8.0: not supported; choose from [4, 8]"),
        ({"activation_bits": 12}, "activation_bits = 12: not supported; choose from [8, 16]"),
        (
            {"p_bits": 3},
            "p_bits = 3: not supported; choose from [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14",
        ),
        ({"p_bits": 17}, "p_bits = 17: not supported; choose from [4"),
        ({"solver": "als"}, "solver = 'als': unknown; choose from ['greedy', 'bcd']"),
        ({"solver": 1}, "solver = 1: unknown; choose from ['greedy', 'bcd']"),
        ({"sweeps": 0}, "sweeps = 0: not a number of sweeps; pass 1 to 100000"),
        ({"sweeps": 2.0}, "sweeps = 2.0: not a number of sweeps; pass 1 to 100000"),
        ({"sweeps": True}, "sweeps = True: not a number of sweeps; pass 1 to 100000"),
        ({"tolerance": -1e-9}, "tolerance = -1e-09: not a share of the error; pass 0 to below 1"),
        ({"tolerance": 1}, "tolerance = 1: not a share of the error; pass 0 to below 1"),
        ({"tolerance": np.nan}, "tolerance = nan: not a share of the error; pass 0 to below 1"),
        ({"tolerance": "0"}, "tolerance = '0': not a share of the error; pass 0 to below 1"),
        ({"careful": 1}, "careful = 1: not True or False; pass one"),
        ({"rank": 3}, "rank = 3: no option of method 'svd'; choose from ['refinements', 'u_tile'"),
        ({"method": "block-diagonal"}, "method = 'block-diagonal': unknown; choose from ['svd', "),
    ],
)
def test_options(options, text):
    with pytest.raises(pl.CompressionError, match=re.escape(text)):
        pl.compress(net(), calibration=X, **options)


@pytest.mark.parametrize("field, shape", (("w_ih", (32, 6)), ("w_hh", (32, 8)), ("bias", (32,))))
@pytest.mark.parametrize("value", (np.nan, np.inf, -np.inf, 1e39))
def test_weights_that_are_not_finite(field, shape, value):
    weights = np.full(shape, 0.1)
    weights.flat[3] = value
    shown = "nan" if np.isnan(value) else "inf"
    with pytest.raises(
        pl.NetworkError, match=rf"{field} = .*{shown}.*: not finite in float32; train"
    ):
        with_(**{field: weights})


@pytest.mark.parametrize("gate, letter", list(enumerate("ifgo")))
@pytest.mark.parametrize("field", ("w_ih", "w_hh"))
def test_zero_matrix(field, gate, letter):
    weights = getattr(net().layers[0], field).copy()
    weights[gate * 8 : (gate + 1) * 8] = 0
    text = (
        rf"layers\[0\]\.{field}, gate {letter} = 0\.0: all weights are zero; train the network, "
        "or leave this LSTM out"
    )
    with pytest.raises(pl.CompressionError, match=text):
        pl.compress(with_(**{field: weights}), calibration=X)


def test_models_whose_hidden_sizes_do_not_join():
    layers = [random_layer(np.random.default_rng(0), 6, hidden) for hidden in (8, 5)]
    head = pl.Head(np.ones((3, 16), np.float32), np.zeros(3, np.float32))
    text = (
        r"head\.weight\.shape = \(3, 16\): hidden sizes \(8, 5\) join to 13 columns; give the "
        "head 13 inputs, or leave out the LSTMs that it does not see"
    )
    with pytest.raises(pl.NetworkError, match=text):
        pl.Network(layers, head)


def test_weights_too_large_for_the_grid_of_p_saturate_and_say_so():
    layer = net().layers[0]
    large = with_(w_ih=layer.w_ih * np.float32(1e6))
    model = pl.compress(large, calibration=X)
    assert model.pre_shift == (-8,)
    assert 0.5 < model.provenance["largest share of p clipped in calibration"] <= 1
    name = "largest share of p clipped in calibration"
    assert name not in pl.compress(net(), calibration=X).provenance


def test_bias_too_large_for_the_accumulator():
    layer = net().layers[0]
    with pytest.raises(
        pl.CompressionError,
        match=r"layers\[0\]\.bias = 1.*: beside weights .*, too large for 32 bits; clip the bias",
    ):
        pl.compress(with_(bias=layer.bias + np.float32(1e10)), calibration=X)


def test_not_a_network():
    for value, name in ((net().layers[0], "Layer"), (None, "NoneType"), ("a.safetensors", "str")):
        text = f"network = '{name}': not a Network; make one with Network.from_torch"
        with pytest.raises(pl.CompressionError, match=text):
            pl.compress(value, calibration=X)
