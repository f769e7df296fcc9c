"""Back ends by name, by the machine, and their options."""

import importlib.util
import re
import sys
import types
import warnings

import numpy as np
import pytest
from example_matrices import random_inputs, random_network

import pynq_lstm as pl
from pynq_lstm.accelerator.plan import Plan
from pynq_lstm.errors import CapacityError
from pynq_lstm.runtime import backends
from pynq_lstm.runtime.reference_backend import ReferenceBackend

BUILT = importlib.util.find_spec("pynq_lstm.runtime.cpu._kernel") is not None
NO_KERNELS = pytest.mark.skipif(not BUILT, reason="the C kernels are not built")
HOST = "cpu" if BUILT else "reference"
FPGA = "pynq_lstm.runtime.fpga.backend"
EMULATOR = "pynq_lstm.runtime.emulator.backend"


@pytest.fixture(scope="module")
def made():
    network = random_network(np.random.default_rng(0), [(6, 8)])
    x = random_inputs(np.random.default_rng(9), network, 2, 4)
    return pl.compress(network, calibration=x, refinements=2), x


@pytest.fixture(autouse=True)
def no_board(monkeypatch):
    monkeypatch.delenv("PYNQ_LSTM_EMULATE", raising=False)
    monkeypatch.setattr(backends.presence, "board_name", lambda: None)
    pl.clear_sessions()
    yield
    pl.clear_sessions()


@pytest.fixture
def board(monkeypatch):
    monkeypatch.setattr(backends.presence, "board_name", lambda: "ZCU104")


@pytest.fixture
def devices(monkeypatch):
    """Device back ends that work anywhere; a dict of what they were opened with."""
    opened = {}

    def install(module, name, cls):
        class Device(ReferenceBackend):
            def __init__(self, model, **options):
                if "failure" in opened:
                    raise opened["failure"]
                opened[name] = options
                super().__init__(model)

        Device.name = name
        monkeypatch.setitem(sys.modules, module, types.SimpleNamespace(**{cls: Device}))

    install(FPGA, "fpga", "FpgaBackend")
    install(EMULATOR, "emulator", "EmulatorBackend")
    return opened


@NO_KERNELS
def test_auto_takes_the_cpu(made):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        session = pl.load(made[0])
    assert session.backend == "cpu" and session.last_run is None
    session.infer(made[1])
    assert session.last_run.backend == "cpu"


def test_fallback_is_named_and_explicit_cpu_refused(made, monkeypatch):
    monkeypatch.setitem(sys.modules, "pynq_lstm.runtime.cpu._kernel", None)
    for opened in (lambda: pl.load(made[0]), lambda: pl.infer(*made)):
        with pytest.warns(
            pl.BackendFallbackWarning,
            match="the slow reference runs instead of the CPU "
            r"back end: backend = 'cpu': its C kernels are not built",
        ) as caught:
            opened()
        assert caught[0].filename == __file__
    assert pl.load(made[0], "reference").backend == "reference"
    with pytest.raises(
        pl.BackendError, match=r"not built .*; run: python .*build\.py .*compiler\)"
    ):
        pl.load(made[0], "cpu")


@pytest.mark.parametrize("name", ("gpu", None, ["cpu"]))
def test_unknown_back_ends_are_refused_by_name(made, name):
    text = f"backend = {name!r}: unknown; choose from ['cpu', 'emulator', 'fpga', 'reference'] or"
    with pytest.raises(pl.BackendError, match=re.escape(text)):
        pl.load(made[0], name)
    with pytest.raises(pl.BackendError, match=re.escape(text)):
        pl.infer(*made, backend=name)


@pytest.mark.parametrize("name", ("auto", "cpu", "reference"))
def test_a_plan_is_for_a_device_that_is_named(made, devices, board, name):
    plan = Plan.of_model(made[0])
    with pytest.raises(pl.BackendError, match=f"backend = '{name}': runs no plan: .*'emulator'"):
        backends.open_backend(name, plan)
    assert not devices
    for device in backends.DEVICES:
        assert backends.open_backend(device, plan).name == device


@pytest.mark.parametrize("name, module", [("fpga", FPGA), ("emulator", EMULATOR)])
def test_a_device_needs_pynq(made, monkeypatch, name, module):
    for loaded in [m for m in sys.modules if m.partition(".")[0] == "pynq"]:
        monkeypatch.delitem(sys.modules, loaded)
    monkeypatch.setitem(sys.modules, "pynq", None)
    for other in (FPGA, module):
        monkeypatch.delitem(sys.modules, other, raising=False)
    text = f"backend = '{name}': pynq cannot be imported .*; run: pip install 'pynq-lstm\\[pynq\\]'"
    with pytest.raises(pl.MissingExtraError, match=text):
        pl.load(made[0], name)


def test_a_part_of_this_package_that_is_missing_is_no_missing_extra(made, monkeypatch):
    monkeypatch.setitem(sys.modules, FPGA, None)
    with pytest.raises(ImportError) as caught:
        pl.load(made[0], "fpga")
    assert not isinstance(caught.value, pl.PynqLstmError)


def test_options_reach_the_device(made, devices):
    for name, options in (
        ("fpga", {"overlay": "svd_lstm", "device": object(), "access": "c"}),
        ("emulator", {"memory_bytes": 1 << 20, "base": 0, "faults": ["no_ap_done"]}),
    ):
        assert pl.load(made[0], name, **options).backend == name
        assert devices.pop(name) == options and not devices


@pytest.mark.parametrize(
    "name, options, text",
    [
        (
            "cpu",
            {"overlay": "a.bit"},
            r"overlay = 'a.bit': not an option of the back end 'cpu'; choose from \['kernel', "
            r"'threads'\], or choose the back end 'fpga' or 'emulator'",
        ),
        ("reference", {"faults": 3}, "faults = 3: not an option .* the back end 'emulator'$"),
        (
            "cpu",
            {"colour": "red"},
            "colour = 'red': not an option of .*'cpu'; choose from .*'threads'",
        ),
        (
            "fpga",
            {"base": 1},
            r"base = 1: not an option of the back end 'fpga'; choose from \['access', 'device', "
            r"'overlay'\], or choose the back end 'emulator'",
        ),
        ("emulator", {"colour": 1}, r"'emulator'; choose from \['access', 'base', 'device', 'f.*"),
        ("auto", {"access": "c"}, "access = 'c': not an option of the back end 'cpu'; choose"),
    ],
)
def test_other_options_are_refused_by_name(made, devices, name, options, text):
    with pytest.raises(pl.InputError, match=text):
        pl.load(made[0], name, **options)
    assert not devices


def test_the_environment_asks_for_the_emulator(made, devices, board, monkeypatch):
    monkeypatch.setenv("PYNQ_LSTM_EMULATE", "1")
    assert pl.load(made[0]).backend == "emulator" and devices == {"emulator": {}}
    assert pl.load(made[0], base=4).backend == "emulator" and devices == {"emulator": {"base": 4}}
    assert pl.load(made[0], "reference").backend == "reference"
    monkeypatch.setenv("PYNQ_LSTM_EMULATE", "0")
    assert pl.load(made[0]).backend == "fpga"


def test_auto_takes_the_board_where_there_is_one(made, devices, board):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert pl.load(made[0]).backend == "fpga" and devices == {"fpga": {}}
        assert pl.load(made[0], overlay="other").backend == "fpga"
    assert devices == {"fpga": {"overlay": "other"}}
    pl.infer(*made)
    assert devices == {"fpga": {}}


FAILURES = (
    pl.OverlayError("overlay", "x.bit", "not found", "build it"),
    pl.DeviceBusy("board", 12, "in use", "end process 12"),
    pl.BackendError("backend", "fpga", "no", "do"),
    pl.MissingExtraError("backend", "fpga", "no pynq", "install it"),
    CapacityError("u_words", 9, "more than 4", "fewer refinements"),
)


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
def test_a_board_that_is_not_available_is_passed_over_with_a_warning(made, devices, board, failure):
    devices["failure"] = failure
    with pytest.warns(
        pl.BackendFallbackWarning,
        match=re.escape(f"the CPU runs instead of the accelerator: {failure}"),
    ) as caught:
        assert pl.load(made[0]).backend == HOST
    assert caught[0].filename == __file__
    for asked in (lambda: pl.load(made[0], overlay="x.bit"), lambda: pl.load(made[0], "fpga")):
        with pytest.raises(type(failure)) as raised:
            asked()
        assert raised.value is failure


def test_other_errors_of_a_board_are_not_passed_over(made, devices, board):
    devices["failure"] = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        pl.load(made[0])
