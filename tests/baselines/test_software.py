"""LSTM-SW and SVDn-SW: measured here, estimated for the Cortex-A53 by hand, errors."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from example_matrices import random_network

import pynq_lstm as pl
from pynq_lstm.accelerator.devices import Device
from pynq_lstm.baselines import cortex_a53, lstm_sw, svdn_sw
from pynq_lstm.candidate import BASELINES
from pynq_lstm.errors import DesignError, InputError
from pynq_lstm.examples import fashion_mnist

RECORD = Path(__file__).parents[2] / "docs/results/aarch64_instructions.json"
OPTIONS = {"input_range": (-1, 1), "progress": False}


@pytest.fixture(scope="module")
def network():
    return random_network(np.random.default_rng(0), [(6, 8), (6, 8)])


@pytest.fixture(scope="module")
def dense(network):
    return pl.compress(network, method="dense", **OPTIONS)


@pytest.fixture(scope="module")
def svdn(network):
    return pl.compress(network, refinements=2, **OPTIONS)


# --- measured ---------------------------------------------------------------------------------
@pytest.mark.parametrize("engine", ("lstm_sw", "svdn_sw"))
def test_measured_on_this_machine(engine, dense, svdn):
    function, model = {"lstm_sw": (lstm_sw, dense), "svdn_sw": (svdn_sw, svdn)}[engine]
    found = function(model, steps=5, calls=3, options={"weight_bits": 8})
    assert found.engine == engine and engine in BASELINES
    assert found.how == "measured" and found.microseconds > 0
    assert found.cycles is None and found.design is None and found.resources == {}
    assert found.options["weight_bits"] == 8
    assert found.mse == model.provenance["weight mse"] > 0
    macs = 2 * 4 * 8 * 14
    assert found.gops == pytest.approx(2 * macs / found.microseconds / 1000)


def test_measured_passes_add_up():
    """A network of several passes: sizes of every LSTM count."""
    layers = random_network(np.random.default_rng(1), [(6, 8), (8, 8)]).layers
    stacked = pl.Network(layers, stacks=(pl.Stack(num_layers=2),))
    model = pl.compress(stacked, method="dense", **OPTIONS)
    found = lstm_sw(model, steps=3, calls=2)
    assert found.gops * found.microseconds * 500 == pytest.approx(4 * 8 * (14 + 16))


# --- estimated --------------------------------------------------------------------------------
def test_counts_are_those_that_were_recorded():
    """The constants are those of the last `make aarch64-instructions`."""
    told = {f["figure"]: f for f in json.loads(RECORD.read_text(encoding="utf-8"))["figures"]}
    for sharing, name in ((2, "2 models"), (1, "1 model")):
        figure = told[f"instructions per MAC, {name}, H = 256, R = 16"]
        recorded = figure["with_u"], figure["with_v"]
        assert cortex_a53.INSTRUCTIONS[sharing] == pytest.approx(recorded, abs=1e-4)
        at = told[f"modelled cycles per MAC, neon_to_codes_{sharing}_0"]["at"]
        instructions, cycles = int(at.split()[0]), int(at.split(" cycles")[0].split()[-1])
        assert cortex_a53.CYCLES[sharing] == cycles / instructions


def test_cells_are_what_the_products_leave():
    """Of the instructions of the demonstration's kernels, at its own size: H = 128."""
    told = {f["figure"]: f for f in json.loads(RECORD.read_text(encoding="utf-8"))["figures"]}
    model = pl.compress(
        fashion_mnist.network(),
        calibration=fashion_mnist.calibration(),
        refinements=8,
        p_bits=8,
        progress=False,
    )
    u, v = cortex_a53.macs(model)
    assert (u, v) == (2 * 4 * 8 * (28 + 128), 2 * 2 * 4 * 8 * 128)
    per = told["instructions per MAC, 2 models, H = 128, R = 16"]
    left = told["of them in the C kernels"]["value"]
    left -= 28 * (u * per["with_u"] + v * per["with_v"])
    assert pytest.approx(left / (28 * 2 * 128), abs=0.05) == cortex_a53.CELL_INSTRUCTIONS
    estimated = 28 * svdn_sw(model, on="zcu104").microseconds
    assert estimated == pytest.approx(told["estimated time of session.infer"]["value"], rel=0.15)


def test_estimated_by_hand(dense, svdn):
    """Rows have no v; every LSTM reads weights of its own."""
    assert cortex_a53.macs(dense) == (2 * 4 * 8 * 14, 0)
    found = lstm_sw(dense, on="zcu104")
    cycles = 896 * 0.2353 * 83 / 56 + 20.7 * 16
    assert found.how == "modelled" and found.limit == "instructions"
    assert found.cycles == pytest.approx(cycles)
    assert found.microseconds == pytest.approx(cycles / 1200)
    assert lstm_sw(dense, on="zcu104", threads=4).cycles == pytest.approx(cycles / 4)
    u, v = cortex_a53.macs(svdn)
    assert u + v == svdn_sw(svdn).multiplications - 2 * (len(svdn.input.u) + len(svdn.hidden.u))


def test_weights_beyond_the_cache_come_from_memory():
    network = random_network(np.random.default_rng(0), [(512, 384)])
    model = pl.compress(network, method="dense", **OPTIONS)
    slow = replace(Device.of("zcu104"), memory_bytes_a_second=1e9)
    found = lstm_sw(model, on=slow)
    assert found.bytes > cortex_a53.L2_BYTES and found.limit == "memory"
    assert found.microseconds == pytest.approx(found.bytes / 700)
    faster = lstm_sw(model, on=replace(slow, memory_bytes_a_second=2e9))
    assert faster.microseconds < found.microseconds
    assert lstm_sw(model, on="zcu104").limit == "instructions"


# --- bad input --------------------------------------------------------------------------------
def test_models_of_another_method_are_refused(dense, svdn):
    with pytest.raises(InputError, match=r"model\[0\].method = 'svd': not dense"):
        lstm_sw(svdn)
    with pytest.raises(InputError, match=r"model\[0\].method = 'dense': not svd"):
        svdn_sw(dense, on="zcu104")
    with pytest.raises(InputError, match="model = 'Network': not a compressed model"):
        lstm_sw(random_network(np.random.default_rng(0), [(3, 4)]))


def test_processors_that_are_not_there_are_refused(dense):
    with pytest.raises(InputError, match="on = 'arria10': has no processor"):
        lstm_sw(dense, on="arria10")
    with pytest.raises(DesignError, match="no known device"):
        lstm_sw(dense, on="zcu102")
    for threads in (0, 5, 1.5, True, "2"):
        with pytest.raises(InputError, match="threads = .*use 1 to 4"):
            lstm_sw(dense, on="zcu104", threads=threads)


def test_counts_are_checked(dense):
    with pytest.raises(InputError, match="steps = 0: not a count"):
        lstm_sw(dense, steps=0)
    with pytest.raises(InputError, match="calls = 1.5: not a count"):
        lstm_sw(dense, calls=1.5)
