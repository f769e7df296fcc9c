"""Watts and joules of inference, from a board's own sensors.

On the ZCU104 an INA226 measures the 12 V that feed the whole board, and two IRPS5401 most of the
rails that are made of it (PYNQ's boards/ZCU104/packages/sensorconf): "INT", "1V8", "3V3" and more.
"""

import importlib
import numbers
import threading
import time
import warnings
from dataclasses import asdict, dataclass
from typing import Dict, Tuple

import numpy as np

from pynq_lstm.errors import DeviceError, InputError
from pynq_lstm.runtime.fpga.presence import board_name

SUPPLY = "12V"  # the rail that feeds all others
INTERVAL = 0.02  # seconds between samples; the sensors average over more
LONGEST_READ = 10.0  # seconds that a sample may take
LONGEST_PHASE = 3600.0  # seconds that are sampled, whatever the run does
STEPS = 32  # of the input that is made when there is none
NO_RAILS = "use the supply's own meter, or run on a board such as the ZCU104"


@dataclass(frozen=True)
class RailPower:
    """One rail.

    Attributes
    ----------
    idle, busy : float
        Watts, means over time: of the waiting board, and while it infers.
    """

    idle: float
    busy: float


@dataclass(frozen=True)
class Power:
    """Power around a run, measured.

    Attributes
    ----------
    rails : dict of str to RailPower
        All rails that measure power.
    counted : tuple of str
        Those that `idle` and `busy` are sums of: the supply alone where it is measured, as it
        feeds the others; else all.
    calls : int
        Inferences while busy.
    seconds : float
        That they took.
    samples : int
        Of each rail while busy.
    """

    rails: Dict[str, RailPower]
    counted: Tuple[str, ...]
    calls: int
    seconds: float
    samples: int

    @property
    def idle(self):
        """Watts before the run."""
        return sum(self.rails[name].idle for name in self.counted)

    @property
    def busy(self):
        """Watts during the run."""
        return sum(self.rails[name].busy for name in self.counted)

    @property
    def joules(self):
        """Joules an inference: all that is counted uses meanwhile."""
        return self.busy * self.seconds / self.calls

    @property
    def extra_joules(self):
        """Joules an inference beyond what waiting costs."""
        return (self.busy - self.idle) * self.seconds / self.calls

    def to_dict(self):
        """For JSON."""
        derived = ("idle", "busy", "joules", "extra_joules")
        return {**asdict(self), **{name: getattr(self, name) for name in derived}}


def measure(session, x=None, seconds=1.0, interval=INTERVAL, rails=None):
    """Sample the rails while nothing runs, then while a session infers again and again.

    Parameters
    ----------
    session : Session
    x : ndarray, optional
        The input of every inference, as `Session.infer` takes it; default: noise, one sequence
        of 32 steps (zeros would toggle little and cost less).
    seconds : float
        Of each of the two phases, above 0; the last inference may end later.
    interval : float
        Seconds between samples, above 0.
    rails : dict, optional
        Rails by name, objects with ``power``, ``voltage`` and ``current``, each None or with a
        ``value``; default: ``pynq.pmbus.get_rails()``.

    Returns
    -------
    Power

    Raises
    ------
    DeviceError
        No rail measures power here, a sensor fails, or the session's device is not this board.
    InputError
        A time that is none.
    """
    for name, value in (("seconds", seconds), ("interval", interval)):
        if not isinstance(value, numbers.Real) or not 0 < value < float("inf"):
            raise InputError(name, value, "not a time", "pass seconds, above 0")
    if session.backend == "emulator":
        raise DeviceError("power", session.backend, "has no power to measure", NO_RAILS)
    sensors = _sensors(_rails_of_board() if rails is None else rails)
    x = _noise(session.model) if x is None else x
    session.infer(x)  # the first call warms up, and refuses a bad x at once
    with _Sampler(sensors, interval) as idle:
        time.sleep(seconds)
    calls, begin = 0, time.perf_counter()
    with _Sampler(sensors, interval) as busy:
        while calls == 0 or time.perf_counter() - begin < seconds:
            session.infer(x)
            calls += 1
        took = time.perf_counter() - begin
    means = idle.means(), busy.means()
    return Power(
        rails={name: RailPower(*(mean[name] for mean in means)) for name in sensors},
        counted=(SUPPLY,) if SUPPLY in sensors else tuple(sensors),
        calls=calls,
        seconds=took,
        samples=len(busy.samples),
    )


def _rails_of_board():
    if board_name() is None:  # libsensors of a PC may well have sensors, of that PC
        raise DeviceError("power", None, "this machine is not a board with rails", NO_RAILS)
    try:
        pmbus = importlib.import_module("pynq.pmbus")
    except ImportError as error:
        raise DeviceError("power", None, f"no pynq here ({error})", NO_RAILS) from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a missing libsensors: no rails, said below
        return pmbus.get_rails()


def _sensors(rails):
    """For each rail that measures power a function that gives its watts."""
    found = {name: watts for name, rail in rails.items() if (watts := _watts(rail))}
    if not found:
        raise DeviceError(
            "power", sorted(rails), "none of these rails measures power here", NO_RAILS
        )
    return found


def _watts(rail):
    power, voltage, current = rail.power, rail.voltage, rail.current
    if power is not None:
        return lambda: float(power.value)
    if voltage is not None and current is not None:
        return lambda: float(voltage.value) * float(current.value)
    return None


def _noise(model):
    random, largest = np.random.default_rng(0), 2 ** (model.activation_bits - 1) - 1
    x = [
        (random.uniform(-0.25, 0.25, (1, STEPS, size)) * largest / scale).astype(np.float32)
        for size, scale in zip(model.input_sizes, model.x_inverse_scale)
    ]
    return x if model.models > 1 else x[0]


class _Sampler:
    """Samples sensors in a thread from ``with`` to its end, at least once."""

    def __init__(self, sensors, interval):
        self.samples = []
        self._sensors, self._interval = sensors, interval
        self._error = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="power", daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, kind, *_):
        self._stop.set()
        self._thread.join(LONGEST_READ)
        if kind is not None:
            return  # that error comes first
        if self._thread.is_alive():
            raise DeviceError(
                "power", LONGEST_READ, "a sensor did not answer in so many seconds", NO_RAILS
            )
        if self._error is not None:
            raise DeviceError(
                "power", str(self._error), "a sensor failed", NO_RAILS
            ) from self._error

    def means(self):
        """Mean watts by rail."""
        return {name: float(np.mean([s[name] for s in self.samples])) for name in self._sensors}

    def _run(self):
        end = time.monotonic() + LONGEST_PHASE
        try:
            while time.monotonic() < end:
                self.samples.append({name: read() for name, read in self._sensors.items()})
                if self._stop.wait(self._interval):
                    return
        except Exception as error:  # a sensor's; told to the caller by __exit__
            self._error = error
