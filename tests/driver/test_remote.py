"""The same driver through pynq.remote (pynq 4.0.0): client and emulated board are two processes."""

import importlib.util
import os
import random
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from pynq_lstm.runtime.emulator import serve
from pynq_lstm.runtime.emulator.device import EmulatedDevice
from pynq_lstm.runtime.emulator.faults import Fault

TESTS = Path(__file__).resolve().parents[1]
PYNQ = Path(importlib.util.find_spec("pynq").origin).parent
HAS_REMOTE = (PYNQ / "remote").is_dir()
CACHES = ("_current_metadata.pkl", "global_pl_state_.json")  # pynq leaves them in its own folder
MARKS = [
    pytest.mark.remote,
    pytest.mark.skipif(not HAS_REMOTE, reason="pynq.remote came with pynq 4.0.0"),
]


def remote(test):
    for mark in MARKS:
        test = mark(test)
    return test


@pytest.fixture(autouse=True)
def no_caches():
    """What this test adds to the installed pynq is taken away again."""
    paths = [PYNQ / "pl_server" / name for name in CACHES]
    yield
    for path in paths:
        path.unlink(missing_ok=True)


@pytest.fixture
def host():
    """An address of this machine on which nobody serves; clients take no port."""
    for _ in range(20):
        address = "127." + ".".join(str(random.randint(1, 254)) for _ in range(3))
        with socket.socket() as probe:
            if probe.connect_ex((address, serve.PORT)):
                return address
    raise AssertionError("no address is free")


@pytest.fixture
def start():
    """Starts processes; they are killed after the test."""
    started = []

    def begin(*command, **environment):
        clean = {k: v for k, v in os.environ.items() if "proxy" not in k.lower()}
        clean.pop("PYNQ_REMOTE_DEVICES", None)
        process = subprocess.Popen(
            [sys.executable, *command],
            env={**clean, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate(timeout=60)


@pytest.fixture
def client(start, host, tiny_files):
    """Starts a client with a scenario of remote_client.py."""

    def begin(scenario, bit=tiny_files.bit):
        script = str(TESTS / "driver" / "remote_client.py")
        paths = [os.environ.get("PYTHONPATH"), str(TESTS)]
        path = os.pathsep.join(p for p in paths if p)
        return start(script, scenario, str(bit), PYNQ_REMOTE_DEVICES=host, PYTHONPATH=path)

    return begin


@pytest.fixture
def server(start, host, tiny_files):
    """The documented command, in a process of its own."""
    design = tiny_files.bit.with_name("design.json")
    process = start(
        *("-m", "pynq_lstm.runtime.emulator.serve", "--seconds", "200"),
        *("--host", host, "--design", str(design)),
    )
    assert process.stdout.readline() == f"serving on {host}:{serve.PORT}\n"
    return process


@pytest.fixture
def served(host, tiny_files, new_device):
    """Serves an emulated board of this process, for tests that do something to it."""
    running = []

    def begin(kind=EmulatedDevice, **options):
        device = new_device(kind=kind, realtime=True, **options)
        running.append(serve.serve(device, {tiny_files.design.name: tiny_files.design}, host)[0])
        return device

    yield begin
    for each in running:
        assert each.stop(grace=0).wait(30)


def finish(process, said=""):
    """What a client printed, once it has come to its end."""
    out, errors = process.communicate(said, timeout=120)
    assert out.endswith("END\n") and process.returncode == 0, out + errors
    return out.splitlines()[:-1]


def wait_for(process, word):
    assert process.stdout.readline() == word + "\n", process.communicate(timeout=120)[1]


@remote
def test_same_driver_same_bits_and_every_buffer_comes_back(server, client):
    assert finish(client("bits")) == []
    server.terminate()
    out, errors = server.communicate(timeout=60)
    assert out.startswith("0 buffers in use, ") and server.returncode == 0, out + errors


class Wired(EmulatedDevice):
    """Notes what is written to its wires."""

    def __init__(self, **options):
        self.written = []
        super().__init__(**options)

    def gpio_write(self, index, value):
        self.written.append((index, value))
        super().gpio_write(index, value)


@remote
def test_reset_wire_reaches_the_kernel(served, client):
    device = served(kind=Wired)
    process = client("reset")
    wait_for(process, "ready")
    before = len(device.written)
    process.stdin.write("\n")
    process.stdin.flush()
    wait_for(process, "reset")
    assert device.written[before:] == [(0, 1), (0, 0)]
    (line,) = finish(process, "\n")
    assert line.startswith("DeviceError: ")
    assert device.live_buffers == 0


@remote
@pytest.mark.parametrize(
    "fault, error",
    [(Fault.NO_AP_DONE, "DeviceTimeout"), (Fault.FAILING_ACCESS, "DeviceError")],
)
def test_recovery_goes_over_the_wire_too(served, client, fault, error):
    device = served()
    process = client("trouble")
    wait_for(process, "ready")
    device.faults.add(fault)
    failed, repeated = finish(process, "\n")
    assert failed.startswith(error + ": ") and repeated == "done"
    assert device.live_buffers == 0


class NoFlush(EmulatedDevice):
    """Its flush does nothing."""

    def flush(self, *_):
        pass


@remote
def test_echo_finds_a_board_whose_flush_does_nothing(served, client):
    device = served(kind=NoFlush)
    (line,) = finish(client("load"))
    assert "CPU and kernel do not see the same memory" in line
    assert device.live_buffers == 0


@remote
def test_exhausted_memory_is_named(served, client):
    device = served(memory_bytes=8192)
    (line,) = finish(client("load"))
    assert line.startswith("BufferMemoryError: ") and "could not be allocated" in line
    assert device.live_buffers == 0


@remote
def test_an_overlay_that_is_not_offered_is_refused_by_name(served, client):
    from designs import DEFAULT

    from pynq_lstm.runtime.emulator.overlay_files import overlay_files

    served()
    (line,) = finish(client("load", overlay_files(DEFAULT).bit))
    assert line.startswith("DeviceError: ") and "svd_lstm.bin is no firmware of" in line


@remote
@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGSTOP])
def test_a_board_that_is_gone_or_hangs_is_told(server, client, sent):
    process = client("trouble")
    wait_for(process, "ready")
    server.send_signal(sent)
    failed, repeated = finish(process, "\n")
    assert failed.startswith("DeviceFailed: ") and repeated.startswith("DeviceFailed: ")


@remote
def test_only_one_server_has_an_address(served, host, capsys):
    served()
    assert serve.main(["--host", host, "--seconds", "0.1"]) == 1
    assert f"{host}:{serve.PORT} cannot be served" in capsys.readouterr().err


@remote
@pytest.mark.parametrize("host_of_others", ["0.0.0.0", "192.0.2.1", "::", "localhost"])
def test_other_machines_are_not_served(host_of_others, capsys):
    with pytest.raises(SystemExit):
        serve.main(["--host", host_of_others, "--seconds", "0.1"])
    assert "not an address of this machine alone" in capsys.readouterr().err


def test_a_pynq_without_remote_is_named(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "grpc", None)  # as pynq 3.x leaves it
    monkeypatch.delitem(sys.modules, "pynq_lstm.runtime.emulator.remote_services", raising=False)
    assert serve.main(["--seconds", "0.1"]) == 1
    assert "came with pynq 4.0.0; pip install 'pynq>=4,<5'" in capsys.readouterr().err
