"""What back ends do not compute is refused by name, and `auto` says what runs instead."""

import importlib.util
import warnings
from dataclasses import replace

import numpy as np
import pytest
from random_block_models import sized_block_model
from random_dense_models import sized_dense_model
from random_models import sized_model

import pynq_lstm as pl
from pynq_lstm.runtime import backends

BUILT = importlib.util.find_spec("pynq_lstm.runtime.cpu._kernel") is not None
WIDE = {"gate_bits": 16, "cell_bits": 16}
BLOCKS = sized_block_model(np.random.default_rng(0), (6,), (8,), **WIDE)
DENSE = sized_dense_model(np.random.default_rng(0), (6,), (8,))
SVD = sized_model(np.random.default_rng(0), (6,), (8,))
X = np.zeros((2, 3, 6), np.float32)
pytestmark = pytest.mark.filterwarnings("ignore::pynq_lstm.SaturationWarning")


@pytest.fixture(autouse=True)
def no_board(monkeypatch):
    monkeypatch.delenv("PYNQ_LSTM_EMULATE", raising=False)
    monkeypatch.setattr(backends.presence, "board_name", lambda: None)
    pl.clear_sessions()
    yield
    pl.clear_sessions()


@pytest.mark.parametrize(
    "name, model, text",
    [
        (
            "fpga",
            DENSE,
            "'fpga' runs svd and block_diagonal models only; load it with backend=\"cpu\", or",
        ),
        ("emulator", DENSE, "'emulator' runs svd and block_diagonal models only; load it with"),
    ],
)
def test_methods(name, model, text):
    text = rf"model\.method = '{model.method}': the back end {text}"
    with pytest.raises(pl.BackendError, match=text):
        pl.load(model, name)
    with pytest.raises(pl.BackendError, match=text):
        pl.infer(model, X, backend=name)


@pytest.mark.parametrize("name", ("fpga", "emulator"))
@pytest.mark.parametrize("model", (SVD, DENSE))  # block-diagonal ones are rounded there
@pytest.mark.parametrize("field", ("gate_bits", "cell_bits"))
def test_bits_of_gates_and_cell(name, model, field):
    text = rf"model\.{field} = 15: the back end '{name}' has gates and c of 16 bits only; load it"
    with pytest.raises(pl.BackendError, match=text):
        pl.load(replace(model, **{field: 15}), name)
    assert pl.load(replace(model, **{field: 15}), "reference").infer(X)[0].shape == (2, 3, 8)


@pytest.mark.skipif(not BUILT, reason="the C kernels are not built")
@pytest.mark.parametrize("model", (DENSE, replace(SVD, gate_bits=8), replace(DENSE, cell_bits=4)))
def test_auto_takes_the_cpu(model, monkeypatch):
    for opened in (lambda: pl.load(model), lambda: pl.load(model, threads=1)):
        with warnings.catch_warnings():
            warnings.simplefilter("error", pl.BackendFallbackWarning)
            assert opened().backend == "cpu"
    monkeypatch.setattr(backends.presence, "board_name", lambda: "ZCU104")
    text = "the CPU runs instead of the accelerator: model.*the back end 'fpga'"
    with pytest.warns(pl.BackendFallbackWarning, match=text) as caught:
        assert pl.load(model).backend == "cpu"
    assert len(caught) == 1 and caught[0].filename == __file__


def test_an_emulated_board_that_was_asked_for_is_not_replaced(monkeypatch):
    monkeypatch.setenv("PYNQ_LSTM_EMULATE", "1")
    with pytest.raises(pl.BackendError, match="dense': the back end 'emulator' runs svd"):
        pl.load(DENSE)


def test_the_reference_runs_all_silently():
    for model in (SVD, DENSE, BLOCKS):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            session = pl.load(model, "reference")
        out, _ = session.infer(X)
        steps = session.stream()
        stepped = [steps.step(X[0, t]) for t in range(3)]
        np.testing.assert_array_equal(np.stack(stepped), out[0])
