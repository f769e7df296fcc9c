"""Watts and joules from stand-ins for pynq's rails; refusals where there is nothing to measure."""

import threading
import time
import types

import numpy as np
import pytest
from example_matrices import random_inputs, random_network

import pynq_lstm as pl
from pynq_lstm.errors import DeviceError
from pynq_lstm.runtime import power
from pynq_lstm.runtime.power import measure


class Session:
    """Sleeps a little a call and says when it is busy."""

    backend = "fpga"

    def __init__(self):
        self.calls, self.busy, self.inputs = 0, False, []

    def infer(self, x):
        self.busy = self.calls > 0  # the first call only warms up
        self.calls += 1
        self.inputs.append(x)
        time.sleep(0.002)


class Sensor:
    def __init__(self, value):
        self._value = value

    @property
    def value(self):
        return self._value() if callable(self._value) else self._value


class Rail:
    """A rail of pynq.pmbus: each sensor may be missing."""

    def __init__(self, power=None, voltage=None, current=None):
        self.power, self.voltage, self.current = (
            None if value is None else Sensor(value) for value in (power, voltage, current)
        )


@pytest.fixture
def session():
    return Session()


def loaded(session, idle, busy):
    return lambda: busy if session.busy else idle


def test_means_of_both_phases_and_joules_a_call(session):
    rails = {"INT": Rail(loaded(session, 3.5, 4.75)), "1V8": Rail(0.5)}
    found = measure(session, "x", seconds=0.1, interval=0.005, rails=rails)
    assert session.inputs == ["x"] * (found.calls + 1) and found.calls > 1
    assert found.samples > 1 and found.seconds >= 0.1
    assert found.rails["1V8"] == power.RailPower(0.5, 0.5)
    assert found.rails["INT"].idle == 3.5 and 4.0 < found.rails["INT"].busy <= 4.75
    assert found.counted == ("INT", "1V8")
    assert found.idle == 4.0 and found.busy == found.rails["INT"].busy + 0.5
    assert found.joules == pytest.approx(found.busy * found.seconds / found.calls)
    assert found.extra_joules == pytest.approx((found.busy - 4.0) * found.seconds / found.calls)


def test_supply_is_not_counted_together_with_what_it_feeds(session):
    rails = {"12V": Rail(14.0), "INT": Rail(3.5), "1V8": Rail(0.5)}
    found = measure(session, "x", seconds=0.01, rails=rails)
    assert found.counted == ("12V",) and found.idle == found.busy == 14.0
    assert set(found.rails) == set(rails)


def test_power_is_voltage_times_current_where_it_has_no_sensor(session):
    rails = {
        "both": Rail(voltage=0.85, current=4.0),
        "voltage only": Rail(voltage=1.8),
        "current only": Rail(current=2.0),
        "power first": Rail(power=1.25, voltage=2.0, current=2.0),
        "nothing": Rail(),
    }
    found = measure(session, "x", seconds=0.01, rails=rails)
    assert {name: rail.idle for name, rail in found.rails.items()} == {
        "both": pytest.approx(3.4),
        "power first": 1.25,
    }


def test_default_input_is_noise_that_the_model_takes():
    random = np.random.default_rng(0)
    net = random_network(random, [(6, 8), (3, 4)])
    model = pl.compress(net, calibration=random_inputs(random, net, 4, 50), refinements=2)
    with pl.load(model, "reference") as session:
        taken = []
        infer = session.infer
        session.infer = lambda x: taken.append(x) or infer(x)
        assert measure(session, seconds=0.01, rails={"12V": Rail(14.0)}).calls >= 1
    assert [x.shape for x in taken[0]] == [(1, 32, 6), (1, 32, 3)]
    assert all(x.dtype == np.float32 and x.std() > 0 for x in taken[0])
    assert session.last_run.saturated["x"] == 0


def test_to_dict_is_plain(session):
    import json

    found = measure(session, "x", seconds=0.01, rails={"12V": Rail(14.0)}).to_dict()
    assert json.loads(json.dumps(found))["joules"] == found["joules"] > 0
    assert found["rails"]["12V"] == {"idle": 14.0, "busy": 14.0}


@pytest.mark.parametrize("rails", [{}, {"1V8": Rail(voltage=1.8)}])
def test_no_rail_that_measures_power_is_refused_by_name(session, rails):
    with pytest.raises(DeviceError, match=r"power = \[.*\]: none of these rails measures power"):
        measure(session, "x", rails=rails)
    assert session.calls == 0


def test_a_pc_is_refused_whatever_sensors_it_has(session, monkeypatch):
    monkeypatch.setattr(power, "board_name", lambda: None)
    with pytest.raises(DeviceError, match="not a board with rails"):
        measure(session, "x")
    assert session.calls == 0


def test_a_board_is_asked_through_pynq(session, monkeypatch):
    monkeypatch.setattr(power, "board_name", lambda: "ZCU104")
    pmbus = types.SimpleNamespace(get_rails=lambda: {"12V": Rail(14.0)})
    monkeypatch.setitem(power.importlib.sys.modules, "pynq.pmbus", pmbus)
    monkeypatch.setitem(power.importlib.sys.modules, "pynq", types.SimpleNamespace(pmbus=pmbus))
    assert measure(session, "x", seconds=0.01).busy == 14.0


def test_a_board_without_pynq_is_refused(session, monkeypatch):
    monkeypatch.setattr(power, "board_name", lambda: "ZCU104")
    monkeypatch.setitem(power.importlib.sys.modules, "pynq.pmbus", None)
    with pytest.raises(DeviceError, match="no pynq here"):
        measure(session, "x")


def test_an_emulated_board_uses_no_power(session):
    session.backend = "emulator"
    with pytest.raises(DeviceError, match="'emulator': has no power to measure"):
        measure(session, "x", rails={"12V": Rail(14.0)})


@pytest.mark.parametrize("name", ["seconds", "interval"])
@pytest.mark.parametrize("value", [0, -1.0, float("nan"), float("inf"), "1", None])
def test_times_must_be_times(session, name, value):
    with pytest.raises(pl.InputError, match=f"{name} = .*not a time"):
        measure(session, "x", rails={"12V": Rail(14.0)}, **{name: value})


def test_a_sensor_that_fails_is_named_and_no_thread_stays(session):
    def fail():
        raise OSError("i2c")

    before = threading.active_count()
    with pytest.raises(DeviceError, match="power = 'i2c': a sensor failed") as caught:
        measure(session, "x", seconds=0.01, rails={"12V": Rail(fail)})
    assert isinstance(caught.value.__cause__, OSError)
    assert threading.active_count() == before


@pytest.mark.parametrize("sensor_fails_too", [False, True])
def test_a_run_that_fails_ends_the_sampling(session, monkeypatch, sensor_fails_too):
    failed = threading.Event()

    def watts():
        if sensor_fails_too and session.calls > 1:
            failed.set()
            raise OSError("i2c")
        return 14.0

    def fail(x):
        session.calls += 1
        if session.calls > 1:
            assert not sensor_fails_too or failed.wait(10)
            raise DeviceError("kernel", 1, "failed", "again")

    monkeypatch.setattr(session, "infer", fail)
    before = threading.active_count()
    with pytest.raises(DeviceError, match="kernel"):
        measure(session, "x", seconds=0.01, interval=0.001, rails={"12V": Rail(watts)})
    assert threading.active_count() == before


def test_a_sensor_that_hangs_is_not_waited_for(session, monkeypatch):
    monkeypatch.setattr(power, "LONGEST_READ", 0.05)
    release = threading.Event()
    with pytest.raises(DeviceError, match="did not answer"):
        measure(session, "x", seconds=0.01, rails={"12V": Rail(lambda: release.wait(30) or 1.0)})
    release.set()
