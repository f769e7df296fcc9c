"""`compress`: determinism, options, unequal models, accuracy."""

import os
import subprocess
import sys

import numpy as np
import pytest
from example_matrices import low_rank_layer, random_inputs, random_layer, random_network

import pynq_lstm as pl
from pynq_lstm import model_file, model_size
from pynq_lstm.compression.weights import weight_error

# large enough for BLAS to share a product among threads, were it allowed to
SAME_BYTES = """
import hashlib, numpy as np
from example_matrices import random_network
import pynq_lstm as pl
from pynq_lstm import model_file
net = random_network(np.random.default_rng(3), [(700, 200)])
model = pl.compress(net, input_range=(-1, 1), refinements=3)
print(hashlib.sha256(model_file.to_bytes(model)).hexdigest())
"""


@pytest.fixture
def rng():
    return np.random.default_rng(2)


@pytest.fixture
def net(rng):
    return random_network(rng, [(6, 8)])


def test_same_bytes_whatever_the_threads():
    found = set()
    for threads in ("1", "2"):
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        environment = {
            **os.environ,
            **dict.fromkeys(names, threads),
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        }
        ran = subprocess.run(
            [sys.executable, "-c", SAME_BYTES],
            env=environment,
            check=True,
            capture_output=True,
            text=True,
            timeout=120,
        )
        found.add(ran.stdout)
    assert len(found) == 1


def test_padding_of_unequal_models_is_not_stored(rng):
    big = random_layer(rng, 12, 10)
    options = {"refinements": 4, "u_tile": (4, 5), "v_tile": 5, "zero_u_tiles": 1}
    twins, mixed, alone = (
        pl.compress(n, calibration=random_inputs(rng, n), **options)
        for n in (
            pl.Network((big, random_layer(rng, 12, 10))),
            pl.Network((big, random_layer(rng, 5, 4))),
            pl.Network((big,)),
        )
    )
    components = 2 * 4 * 4  # parts, gates, refinements
    # one further model costs a scalar of two bytes for each component and its own biases
    assert model_size.parameters(mixed) == model_size.parameters(twins)
    assert model_size.parameters(mixed) == model_size.parameters(alone) + components
    more = model_size.stored_bytes(mixed) - model_size.stored_bytes(alone)
    assert more == components * 2 + 16 * 4
    assert model_size.multiplications(mixed) < model_size.multiplications(twins)
    assert [len(b) for b in mixed.bias] == [40, 16]


def test_unequal_models_run_and_are_close(rng):
    net = random_network(rng, [(12, 10), (5, 4), (3, 10)], classes=4)
    x = random_inputs(rng, net, 4, 6)
    model = pl.compress(net, calibration=x, refinements=30, activation_bits=16, p_bits=16)
    assert [layer.out.max < 0.05 for layer in pl.compare(net, model, x).layers] == [True] * 3
    with pl.load(model, "reference") as session:
        assert [a.shape for a in session.infer(x)[0]] == [(4, 6, 10), (4, 6, 4), (4, 6, 10)]
        error = np.abs(session.infer_logits(x) - net.infer_logits(x)).max()
    assert error < 0.05 < np.abs(net.infer_logits(x)).max()


@pytest.mark.parametrize(
    "bits, p_bits, weight_bits, limit",
    [(16, 16, 8, 1e-3), (8, 16, 8, 4e-3), (8, 10, 8, 5e-3), (16, 6, 8, 0.03), (8, 10, 4, 0.02)],
)
def test_full_rank_network_is_close_to_the_float_one(rng, bits, p_bits, weight_bits, limit):
    net = random_network(rng, [(20, 16)])
    x = random_inputs(rng, net, 4, 12)
    model = pl.compress(
        net,
        calibration=x,
        refinements=16,
        activation_bits=bits,
        p_bits=p_bits,
        weight_bits=weight_bits,
    )
    assert (model.activation_bits, model.p_bits, model.weight_bits) == (bits, p_bits, weight_bits)
    assert np.abs(model.hidden.v.astype(int)).max() == (7 if weight_bits == 4 else 127)
    with pl.load(model, "reference") as session:
        out, _ = session.infer(x)
        clipped, values = session.last_run.saturated, session.last_run.values
        assert clipped["p"] <= 0.001 * values["p"]  # a finer grid of p may pay for that
        assert not any(clipped[kind] for kind in ("x", "pre", "c"))
    error = out - net.infer(x)[0]
    assert limit / 5 < np.sqrt((error**2).mean()) < limit
    assert np.abs(error).max() < 6 * limit


def test_low_rank_network_ends_early(rng):
    net = pl.Network((low_rank_layer(rng, 40, 30, 2),))
    model = pl.compress(net, calibration=random_inputs(rng, net), refinements=25)
    assert max(model.input.counts + model.hidden.counts) < 20
    assert weight_error(net, model, 2).relative < 1e-4 and weight_error(net, model).relative < 1e-8
    assert weight_error(net, model, 1).relative > 0.1


def test_no_component_is_stored_for_nothing(rng):
    net = pl.Network((low_rank_layer(rng, 40, 30, 2),))
    model = pl.compress(net, calibration=random_inputs(rng, net), refinements=25)
    assert model.input.s.any(axis=1).all() and model.hidden.s.any(axis=1).all()


def test_options_as_pairs_and_their_defaults(rng):
    net = random_network(rng, [(20, 9)])
    x = random_inputs(rng, net)
    model = pl.compress(
        net,
        calibration=x,
        refinements=(3, 5),
        u_tile=(4, 2),
        v_tile=[3, 9],
        zero_u_tiles=(2, 0),
        zero_v_tiles=(1, 0),
    )
    assert (model.input.counts, model.hidden.counts) == ((3,) * 4, (5,) * 4)
    assert (model.input.u_tile, model.hidden.u_tile) == (4, 2)
    assert (model.input.v_tile, model.hidden.v_tile) == (3, 9)
    assert ((~model.input.u_mask).sum(axis=1) == 2).all() and model.hidden.u_mask.all()
    assert (model.input.v_mask.sum(axis=(1, 2)) == 2).all()
    assert len({row.tobytes() for row in model.input.u_mask}) > 1
    default = pl.compress(net, calibration=x)
    assert (default.input.counts, default.hidden.counts) == ((9,) * 4, (9,) * 4)  # up to 16
    assert (default.input.u_tile, default.input.v_tile) == (20, 9)
    assert (default.weight_bits, default.activation_bits, default.p_bits) == (8, 8, 10)
    numpy_integers = pl.compress(net, calibration=x, refinements=np.int64(2), p_bits=np.int32(9))
    assert model_file.from_bytes(model_file.to_bytes(numpy_integers)).p_bits == 9


def test_provenance_names_method_and_calibration(net, rng):
    data, noise = (
        pl.compress(net, refinements=1, **given).provenance
        for given in ({"calibration": random_inputs(rng, net)}, {"input_range": (-1, 1)})
    )
    assert (data["method"], data["calibration"], noise["calibration"]) == ("svd", "data", "noise")


def test_progress_bar(net, capsys):
    for progress, wanted in ((True, True), (None, False), (False, False)):  # stderr is no terminal
        pl.compress(net, input_range=(-1, 1), refinements=1, progress=progress)
        assert ("compress" in capsys.readouterr().err) == wanted


@pytest.mark.parametrize("backend", ("reference", "auto"))
def test_any_prefix_is_served_as_far_as_the_lists_go(rng, backend):
    """Also the R that was asked for, where the compressor needed fewer components."""
    net = pl.Network((low_rank_layer(rng, 40, 30, 2),))
    x = random_inputs(rng, net)
    model = pl.compress(net, calibration=x, refinements=25, solver="greedy")
    assert model.max_refinements < 25
    with pl.load(model, backend) as session:
        whole = session.infer(x)[0]
        for k in (model.max_refinements, 25, 10**6):
            np.testing.assert_array_equal(session.infer(x, refinements=k)[0], whole)
            assert session.last_run.refinements == model.max_refinements
        assert (session.infer(x, refinements=1)[0] != whole).any()
