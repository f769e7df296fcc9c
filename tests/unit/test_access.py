"""Registers by pynq's mmio, a memoryview and C; no pynq: stand-ins and a thread for a kernel."""

import enum
import importlib.util
import mmap
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import pynq_lstm as pl
from pynq_lstm.runtime.fpga import access
from pynq_lstm.runtime.fpga.access import open_access

BUILT = importlib.util.find_spec("pynq_lstm.runtime.fpga._access") is not None
C = pytest.param("c", marks=pytest.mark.skipif(not BUILT, reason="the C extension is not built"))
WAYS = ("mmio", "memoryview", C)
CTRL, VALUE, START, DONE, BYTES = 0x00, 0x10, 1, 2, 4096


class Device:
    def __init__(self, mapped):
        self.mapped = mapped

    def has_capability(self, name):
        return name == "MEMORY_MAPPED" and self.mapped


class MappedRegisters:
    """Plain shared memory: what pynq.MMIO is on a board, and as strict about types."""

    def __init__(self):
        self.memory = mmap.mmap(-1, BYTES)
        self.array = np.frombuffer(self.memory, np.uint32)

    def read(self, offset):
        return int(self.array[offset >> 2])

    def write(self, offset, value):
        if type(value) is not int:
            raise ValueError("Data type must be int or bytes.")
        self.array[offset >> 2] = value


class ScriptedRegisters:
    """A control register that gives these values one after another."""

    def __init__(self, *values):
        self.values, self.log = list(values), []

    def read(self, offset):
        self.log.append("read")
        return self.values.pop(0)

    def write(self, offset, value):
        self.log.append(("write", offset, value))


class SteppingClock:
    """Every look takes so many seconds."""

    def __init__(self, step, log=None):
        self.time, self.step, self.log = 0.0, step, [] if log is None else log

    def now(self):
        self.log.append("now")
        self.time += self.step
        return self.time


class HostClock:
    now = staticmethod(time.monotonic)


def opened(way):
    registers = MappedRegisters()
    return open_access(registers, Device(mapped=True), way), registers


@pytest.fixture
def played_kernel():
    """Starts threads that play the kernel: it doubles VALUE and sets done and idle."""
    stop, threads = threading.Event(), []

    def play(registers):
        words = memoryview(registers.memory).cast("I")

        def loop():
            while not stop.is_set():
                if words[0] == START:
                    words[VALUE >> 2] = 2 * words[VALUE >> 2] & 0xFFFFFFFF
                    words[0] = 0b110
                time.sleep(0)

        threads.append(threading.Thread(target=loop, daemon=True))
        threads[-1].start()

    yield play
    stop.set()
    for thread in threads:
        thread.join(timeout=10)


def test_fastest_way_is_chosen_by_what_the_device_can():
    registers = MappedRegisters()
    fastest = "c" if BUILT else "memoryview"
    assert open_access(registers, Device(mapped=True)).name == fastest
    assert open_access(registers, Device(mapped=False)).name == "mmio"


def test_memoryview_where_the_extension_is_not_built(monkeypatch):
    monkeypatch.setitem(sys.modules, "pynq_lstm.runtime.fpga._access", None)
    registers, device = MappedRegisters(), Device(mapped=True)
    assert open_access(registers, device).name == "memoryview"
    with pytest.raises(pl.errors.DeviceError, match=r"access = 'c': its C extension is not built"):
        open_access(registers, device, "c")


@pytest.mark.parametrize("way", ["memoryview", "c"])
def test_ways_that_need_a_mapping_are_refused_without_one(way):
    with pytest.raises(pl.errors.DeviceError, match=f"'{way}': registers .* not mapped.*'mmio'"):
        open_access(MappedRegisters(), Device(mapped=False), way)


@pytest.mark.parametrize("mapped", [False, True])
def test_unknown_way_names_those_known(mapped):
    with pytest.raises(pl.errors.DeviceError, match="'dma': unknown; choose from c, memoryview"):
        open_access(MappedRegisters(), Device(mapped), "dma")


@pytest.mark.parametrize("way", WAYS)
def test_a_forced_way_reads_and_writes_one_word(way):
    opened_access, registers = opened(way)
    assert opened_access.name == way
    random = np.random.default_rng(0)
    expected = random.integers(0, 2**32, BYTES // 4, dtype=np.uint32)
    registers.array[:] = expected
    for index in random.integers(0, BYTES // 4, 50):
        offset, value = 4 * int(index), int(random.integers(0, 2**32))
        assert opened_access.read(offset) == expected[index]
        opened_access.write(offset, value)
        expected[index] = value
        assert np.array_equal(registers.array, expected)
        assert opened_access.read(offset) == value


@pytest.mark.parametrize("way", WAYS)
def test_any_integer_can_be_written(way):
    opened_access, registers = opened(way)
    command = enum.IntEnum("Command", {"RUN": 5}).RUN
    for value in (command, np.int64(7), np.uint32(2**32 - 1), True):
        opened_access.write(VALUE, value)
        assert registers.array[VALUE >> 2] == int(value)


@pytest.mark.parametrize("way", ["memoryview", C])
@pytest.mark.parametrize("offset", [-4, 2, BYTES, BYTES + 4])
def test_offsets_outside_of_the_registers_are_refused(way, offset):
    opened_access, registers = opened(way)
    for call in (
        lambda: opened_access.read(offset),
        lambda: opened_access.write(offset, 1),
        lambda: opened_access.start_and_spin(offset, 1, DONE, 0, HostClock),
    ):
        with pytest.raises(pl.errors.DeviceError, match="not that of a word"):
            call()
    assert not registers.array.any()


@pytest.mark.parametrize("way", WAYS)
def test_start_and_spin_sees_the_kernel_end_every_time(way, played_kernel):
    opened_access, registers = opened(way)
    played_kernel(registers)
    for value in range(1, 51):  # nothing clears ap_done but the next start
        opened_access.write(VALUE, value)
        assert opened_access.start_and_spin(CTRL, START, DONE, 30, HostClock) == 0b110
        assert opened_access.read(VALUE) == 2 * value


@pytest.mark.parametrize("way", WAYS)
def test_spin_ends_at_its_deadline(way):
    opened_access, _ = opened(way)
    begin = time.monotonic()
    assert opened_access.start_and_spin(CTRL, START, DONE, 0.02, HostClock) == START
    assert time.monotonic() - begin >= 0.02


@pytest.mark.parametrize("way", WAYS)
def test_spin_ends_at_any_bit_of_the_mask(way):
    opened_access, registers = opened(way)
    assert opened_access.start_and_spin(VALUE, 0x50, 0x30, 30, HostClock) == 0x50
    assert registers.array[VALUE >> 2] == 0x50 and not registers.array[0]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
def test_without_time_there_is_one_read_after_the_start(way, seconds):
    opened_access, _ = opened(way)
    clock = SteppingClock(0.0)  # stands still: only the first read can end it
    assert opened_access.start_and_spin(CTRL, START, DONE, seconds, clock) == START


@pytest.mark.parametrize("way", WAYS)
def test_no_spin_is_endless(way, monkeypatch):
    monkeypatch.setattr(access, "LONGEST_SPIN", 0.01)
    opened_access, _ = opened(way)
    seconds = float("inf")
    assert opened_access.start_and_spin(CTRL, START, DONE, seconds, HostClock) == START


@pytest.mark.parametrize("way", ["mmio", "memoryview"])
@pytest.mark.parametrize("seconds", [0, 1, 2.5, 20])
def test_looks_at_the_clock_once_a_read(way, seconds):
    opened_access, _ = opened(way)
    clock = SteppingClock(1.0)
    opened_access.start_and_spin(CTRL, START, DONE, seconds, clock)
    assert len(clock.log) == 1 + max(1, np.ceil(seconds))


def test_mmio_writes_once_and_returns_the_read_that_had_the_bit():
    registers = ScriptedRegisters(0, 4, 0b1110, 0)  # ap_done is gone after the read that had it
    opened_access = open_access(registers, Device(mapped=False))
    clock = SteppingClock(1e-6, registers.log)
    assert opened_access.start_and_spin(CTRL, START, DONE, 1.0, clock) == 0b1110
    assert registers.log == ["now", ("write", CTRL, START), *["read", "now"] * 2, "read"]


def test_none_of_it_imports_pynq():
    modules = ("fpga.access", "fpga.process_lock", "fpga.reset_line", "power")
    lines = "; ".join(f"import pynq_lstm.runtime.{name}" for name in modules)
    code = f"{lines}; import sys; sys.exit('pynq' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
