"""One process at a time: held, counted, refused by the holder's pid, gone with its process."""

import os
import signal
import subprocess
import sys
import tempfile

import pytest

from pynq_lstm.errors import DeviceBusy, DeviceError
from pynq_lstm.runtime.fpga import process_lock
from pynq_lstm.runtime.fpga.process_lock import ProcessLock

START = "import os, sys, time; from pynq_lstm.runtime.fpga.process_lock import ProcessLock; "
HOLD = START + "lock = ProcessLock('board', sys.argv[1]).acquire(); print(os.getpid(), flush=True)"
FORK = (
    HOLD
    + """
if not os.fork():
    print(os.getpid(), flush=True)
time.sleep(60)
"""
)
# a forked child gives nothing back that is its parent's, and gets nothing
FORK_AND_TRY = (
    HOLD
    + """
if not os.fork():
    lock.release()
    ProcessLock('board', sys.argv[1]).acquire()
time.sleep(60)
"""
)
TRY = START + "ProcessLock('board', sys.argv[1]).acquire()"


@pytest.fixture
def run(tmp_path):
    """Starts Python with code that takes a folder; everything is killed in the end."""
    processes = []

    def start(code):
        processes.append(
            subprocess.Popen(
                [sys.executable, "-c", code, str(tmp_path)],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.communicate(timeout=60)


def taken_elsewhere(run):
    """Whether another process finds the lock taken."""
    _, errors = (process := run(TRY)).communicate(timeout=60)
    assert process.returncode == 0 or "DeviceBusy" in errors
    return process.returncode != 0


def test_another_process_is_refused_by_the_holders_pid(tmp_path, run):
    holder = run(HOLD + "; time.sleep(60)")
    pid = int(holder.stdout.readline())
    with pytest.raises(DeviceBusy, match=rf"'board': another process uses it: pid {pid};"):
        ProcessLock("board", tmp_path).acquire()
    with ProcessLock("other board", tmp_path):
        pass
    holder.kill()
    holder.wait(timeout=60)
    with ProcessLock("board", tmp_path):
        assert taken_elsewhere(run)


def test_pid_in_the_file_is_the_holders_not_a_former_ones(tmp_path, run):
    ProcessLock("board", tmp_path).path.write_text("123456789\n")
    with ProcessLock("board", tmp_path) as lock:
        assert lock.path.read_text() == f"{os.getpid()}\n"
        assert f"pid {os.getpid()};" in run(TRY).communicate(timeout=60)[1]


def test_acquires_are_counted_within_a_process(tmp_path, run):
    first, second = ProcessLock("board", tmp_path), ProcessLock("board", tmp_path)
    with first, first, second:
        pass
    first.acquire()
    second.acquire()
    for release in (second.release, second.release, second.release):
        release()  # once too often is nothing: `first` still holds
        assert taken_elsewhere(run)
    first.release()
    assert not taken_elsewhere(run)


def test_an_exception_gives_it_back(tmp_path, run):
    with pytest.raises(KeyboardInterrupt), ProcessLock("board", tmp_path):
        raise KeyboardInterrupt
    assert not taken_elsewhere(run)


def test_no_descriptor_stays_open(tmp_path, run):
    before = os.listdir("/proc/self/fd")
    for _ in range(20):
        with ProcessLock("board", tmp_path):
            pass
    holder = run(HOLD + "; time.sleep(60)")
    holder.stdout.readline()
    held = os.listdir("/proc/self/fd")
    for _ in range(20):
        with pytest.raises(DeviceBusy):
            ProcessLock("board", tmp_path).acquire()
    assert os.listdir("/proc/self/fd") == held
    assert len(held) <= len(before) + 2  # the pipes to the holder


def test_a_forked_child_does_not_keep_the_lock_alive(tmp_path, run):
    parent = run(FORK)
    parent.stdout.readline()
    child = int(parent.stdout.readline())
    try:
        parent.kill()
        parent.wait(timeout=60)
        with ProcessLock("board", tmp_path):
            pass
    finally:
        os.kill(child, signal.SIGKILL)


def test_a_forked_child_has_no_lock_of_its_parent(run):
    parent = run(FORK_AND_TRY)
    pid = parent.stdout.readline().strip()
    refusal = next(line for line in parent.stderr if "DeviceBusy: " in line)
    assert f"pid {pid};" in refusal
    assert taken_elsewhere(run)


def test_a_lock_that_may_only_be_read_works(tmp_path, run, monkeypatch):
    path = ProcessLock("board", tmp_path).path
    path.touch()
    opened = os.open

    def refuse_writing(path, flags, *rest):  # as for a file of another user; root may do all
        if flags & os.O_RDWR:
            raise PermissionError(13, "Permission denied")
        return opened(path, flags, *rest)

    monkeypatch.setattr(process_lock.os, "open", refuse_writing)
    with ProcessLock("board", tmp_path):
        assert "pid unknown" in run(TRY).communicate(timeout=60)[1]
    assert not taken_elsewhere(run)


def test_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(DeviceError, match="lock = .*: cannot be opened: No such") as caught:
        ProcessLock("board", tmp_path / "nowhere").acquire()
    assert caught.value.value == str(tmp_path / "nowhere" / "board.lock")
    with ProcessLock("board", tmp_path):
        pass


def test_a_symbolic_link_is_not_followed(tmp_path):
    target = tmp_path / "precious"
    target.write_text("precious")
    ProcessLock("board", tmp_path).path.symlink_to(target)
    with pytest.raises(DeviceError, match="cannot be opened"):
        ProcessLock("board", tmp_path).acquire()
    assert target.read_text() == "precious"


def test_all_processes_look_in_the_same_folder(monkeypatch, tmp_path):
    assert str(ProcessLock("board").path.parent) in ("/run/lock", tempfile.gettempdir())
    monkeypatch.setattr(process_lock.os, "access", lambda *_: False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert ProcessLock("board").path == tmp_path / "board.lock"
