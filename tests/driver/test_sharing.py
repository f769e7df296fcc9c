"""Several users of one board: sessions, overlays, threads, processes."""

import subprocess
import sys
import threading

import numpy as np
import pytest
from recording import RecordingDevice
from small_model import small_case

import pynq_lstm as pl

CASES = [small_case(seed, models, 1, 6) for seed, models in ((1, 2), (2, 2), (3, 1))]


def expected(model, x):
    with pl.load(model, backend="reference") as session:
        return session.infer(x)


@pytest.fixture
def device(new_device):
    return new_device(kind=RecordingDevice)


def open_session(device, model, overlay="svd_lstm_tiny"):
    return pl.load(model, backend="emulator", device=device, overlay=overlay)


def test_sessions_take_turns_with_their_images(device):
    sessions = [open_session(device, model) for model, _ in CASES]
    downloads = device.downloads
    for _ in range(3):
        for session, (model, x) in zip(sessions, CASES):
            np.testing.assert_array_equal(session.infer(x)[0], expected(model, x)[0])
    assert device.downloads == downloads  # images change, the overlay stays
    for session in sessions:
        session.close()
    assert device.live_buffers == 0


def test_another_overlay_is_loaded_when_it_is_its_turn(device):
    (model, x), (other, y) = CASES[:2]
    with open_session(device, model) as first, open_session(device, other, "svd_lstm") as second:
        stream = first.stream()
        stream.step(x[:, 0, 0])
        for _ in range(2):
            np.testing.assert_array_equal(first.infer(x)[0], expected(model, x)[0])
            np.testing.assert_array_equal(second.infer(y)[0], expected(other, y)[0])
        out = stream.step(x[:, 0, 1])  # its state survived both
        np.testing.assert_array_equal(out, expected(model, x)[0][:, 0, 1])


def test_a_stream_survives_whatever_comes_between(device):
    (model, x), (other, y) = CASES[:2]
    whole, _ = expected(model, x)
    session, another = open_session(device, model), open_session(device, other)
    with session, another, session.stream() as stream, session.stream() as second:
        for t in range(6):
            np.testing.assert_array_equal(stream.step(x[:, 0, t]), whole[:, 0, t])
            session.infer(x)
            another.infer(y)
            np.testing.assert_array_equal(second.step(x[:, 0, t]), whole[:, 0, t])


def test_a_suspended_infer_many_disturbs_nobody(device):
    (model, x), (other, y) = CASES[:2]
    with open_session(device, model) as session, open_session(device, other) as another:
        inputs = [x, x[:, :, ::-1].copy(), x * 0, -x - 1]
        answers = session.infer_many(iter(inputs))
        for given in inputs:
            out, _ = next(answers)
            np.testing.assert_array_equal(out, expected(model, given)[0])
            np.testing.assert_array_equal(session.infer(x)[0], expected(model, x)[0])
            np.testing.assert_array_equal(another.infer(y)[0], expected(other, y)[0])
        left = session.infer_many(iter(inputs))
        next(left)  # and never asked again
    assert device.live_buffers == 0


def test_threads_take_turns(device):
    wrong = []

    def work(model, x):
        wanted = expected(model, x)[0]
        with open_session(device, model) as session:
            for _ in range(15):
                if not np.array_equal(session.infer(x)[0], wanted):
                    wrong.append(model)

    threads = [threading.Thread(target=work, args=case) for case in CASES * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not wrong and not any(thread.is_alive() for thread in threads)
    assert device.live_buffers == 0


def test_another_process_is_told_who_has_the_board(device, tmp_path):
    device.lock_name = f"test-{tmp_path.name}"
    model, _ = CASES[0]
    holder = (
        "import sys, time\n"
        "from pynq_lstm.runtime.fpga.process_lock import ProcessLock\n"
        f"ProcessLock('pynq_lstm-{device.lock_name}').acquire()\n"
        "print('held', flush=True)\n"
        "sys.stdin.read()\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", holder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(pl.DeviceBusy, match=str(other.pid)):
            open_session(device, model)
    finally:
        other.kill()
        other.communicate(timeout=30)
    open_session(device, model).close()  # a process that is killed leaves no lock


def test_two_models_behind_pl_infer(monkeypatch):
    monkeypatch.setenv("PYNQ_LSTM_EMULATE", "1")
    for _ in range(2):
        for model, x in CASES:
            np.testing.assert_array_equal(pl.infer(model, x)[0], expected(model, x)[0])
    pl.clear_sessions()
