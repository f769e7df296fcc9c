"""Networks in one start, on a device that is the naive plan: which way, answers, reports."""

import asyncio
import threading
import warnings

import numpy as np
import pytest
from example_matrices import random_layer
from fake_device import FakeDevice, FakePlanDevice

import pynq_lstm as pl
from pynq_lstm.accelerator.plan import Plan
from pynq_lstm.errors import CapacityError, PlanError
from pynq_lstm.runtime import backends, network_session, network_starts

PREFIXES = (1, 2, 3)


@pytest.fixture(scope="module")
def made():
    """Two layers, and a model that reads them and an input; x, and the answers of each prefix."""
    rng = np.random.default_rng(0)
    sizes = [(5, 6), (6, 6), (11, 4)]
    layers = [random_layer(rng, *size, gain=2) for size in sizes]
    net = pl.Network(layers, stacks=[pl.Stack(2), pl.Stack()], wiring=["x0", "m0, x0"])
    network = pl.compress(net, input_range=(-0.9, 0.9), refinements=3, progress=False)
    x = rng.uniform(-0.9, 0.9, (2, 6, 5)).astype(np.float32)
    with pl.load(network, "reference") as session:
        return network, x, {k: bits(session.infer(x, refinements=k)) for k in PREFIXES}


def bits(answer):
    out, (h, c) = answer
    return [a.tobytes() for side in (out, h, c) for a in side]


@pytest.fixture
def devices(monkeypatch):
    """Whatever is opened is a fake device; a list of them. Its attribute `failures` is raised."""
    opened = Devices()

    def open_backend(name, model, **options):
        failure = opened.failures.pop(0) if opened.failures else None
        if failure is not None:
            raise failure
        opened.append((FakePlanDevice if isinstance(model, Plan) else FakeDevice)(model))
        opened[-1].name = name
        return opened[-1]

    for module in (network_session, network_starts):
        monkeypatch.setattr(module, "open_backend", open_backend)
    monkeypatch.setattr(backends.presence, "board_name", lambda: None)
    monkeypatch.delenv("PYNQ_LSTM_EMULATE", raising=False)
    yield opened
    assert not any(device.overlapped for device in opened)


class Devices(list):
    failures = ()


@pytest.fixture(params=(True, False), ids=("interrupts", "threads"))
def session(request, made, devices):
    with pl.load(made[0], "fpga") as opened:
        devices[0].interrupts = request.param
        yield opened


def test_one_device_answers_every_way(session, devices, made):
    network, x, wanted = made
    assert (session.starts, session.why_passes, session.backend) == ("one", None, "fpga")
    assert len(devices) == 1 and session.last_run is None

    async def main():
        return await asyncio.gather(*(session.infer_async(x, refinements=k) for k in PREFIXES))

    for k, answer in zip(PREFIXES, asyncio.run(main())):
        assert bits(answer) == bits(session.infer(x, refinements=k)) == wanted[k]
    assert devices[0].log == 3 * ["async" if devices[0].interrupts else "run"] + 3 * ["run"]
    many = list(session.infer_many([x, x, x], refinements=2))
    assert [bits(answer) for answer in many] == 3 * [wanted[2]]
    assert devices[0].log[6:] == ["start", "start", "end", "start", "end", "end", "many closed"]
    with session.stream() as stream:
        steps = [stream.step(x[0, t]) for t in range(6)]
        out, state = session.infer(x[0])
        for j in range(2):
            np.testing.assert_array_equal(np.stack([step[j] for step in steps]), out[j])
        for ours, theirs in zip(stream.state, state):
            assert [a.tobytes() for a in ours] == [a.tobytes() for a in theirs]
    session.close()
    assert devices[0].log[-1] == "closed"
    with pytest.raises(pl.BackendError, match="session = 'closed'"):
        session.infer(x)


@pytest.mark.parametrize("starts", ("one", "passes"))
def test_a_stream_tells_what_ran_either_way(made, devices, starts):
    """Code that reads `ran` is the same on the host and on the accelerator."""
    network, x, _ = made
    with pl.load(network, "fpga", starts=starts) as session, session.stream() as stream:
        assert session.starts == starts and stream.ran == (False, False)
        for begin_anew in (
            stream.reset,
            lambda: setattr(stream, "state", None),
            lambda: setattr(stream, "state", stream.state),
        ):
            for _ in range(2):
                stream.step(x[0, 0])
                assert stream.ran == (True, True)
            with pytest.raises(pl.InputError):
                stream.step(x[0])  # is no step
            assert stream.ran == (True, True)
            begin_anew()
            assert stream.ran == (False, False)


def test_arguments_arrive(session, made):
    network, x, _ = made
    with pl.load(network, "reference") as naive:
        _, state = naive.infer(x)
        expected = bits(naive.infer(x, state, [2, 6], 1))
    assert bits(session.infer(x, state, [2, 6], 1)) == expected
    assert bits(asyncio.run(session.infer_async(x, state, [2, 6], 1))) == expected
    for more, text in (
        ({"x": x[..., 1:]}, "x.shape"),
        ({"x": x.astype(float)}, "not float32"),
        ({"x": x, "lengths": [0, 3]}, "lengths"),
        ({"x": x, "refinements": 0}, "refinements"),
        ({"x": x, "state": (x, x)}, "state h"),
    ):
        with pytest.raises(pl.InputError, match=text):
            session.infer(**more)


def test_reports_are_those_of_the_passes_and_name_the_lstms(session, devices, made):
    network, x, _ = made
    x = 3 * x
    state = [np.full_like(a, 2) for a in (np.zeros((2, 2, 6), np.float32),)]
    state = [[*state, np.zeros((1, 2, 4), np.float32)], [np.zeros((2, 2, 6), np.float32)]]
    state[1].append(np.full((1, 2, 4), 1e4, np.float32))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        session.infer(x, state)
    report = session.last_run
    texts = [str(one.message) for one in caught if one.category is pl.SaturationWarning]
    assert all(one.filename == __file__ for one in caught)
    names = "m0 layer 0", "m0 layer 1", "m1 layer 0"
    assert [text.partition(": ")[0] for text in texts][:3] == list(names)
    assert " of x, " in texts[0] and " of state left its range" in texts[1]
    assert all(text.startswith(f"one start ({'; '.join(names)}): ") for text in texts[3:])
    with warnings.catch_warnings(), pl.load(network, "reference") as naive:
        warnings.simplefilter("ignore")
        naive.infer(x, state)
    told = naive.last_run
    for name in ("saturated", "values", "refinements"):
        assert getattr(report, name) == getattr(told, name)
    for name, one in zip(names, told.passes):  # of one LSTM each
        assert report.lstms[name] == {kind: one.saturated[kind] for kind in ("x", "state")}
    assert (report.starts, report.passes, report.kernel_seconds) == ("one", (), 1e-3)
    assert (told.starts, told.lstms) == ("passes", {}) and "has no kernel" in told.why_passes
    assert {"quantise", "copy", "run", "dequantise"} <= set(report.seconds)
    assert report.to_dict()["starts"] == "one"
    found = session.benchmark(calls=2)
    assert found.cycles > 0 and found.modelled


def test_h_on_a_finer_grid_is_clipped_and_counted(devices):
    """The calibration data reach less of h than the input does."""
    rng = np.random.default_rng(3)
    layers = [random_layer(rng, 3, 4, gain=3), random_layer(rng, 4, 4)]
    layers[0] = pl.Layer(layers[0].w_ih, layers[0].w_hh, np.zeros(16, np.float32))
    net = pl.Network(layers, wiring=["x0", "m0 + m0"])
    x = 3 * rng.standard_normal((2, 5, 3)).astype(np.float32)
    network = pl.compress(net, calibration=0.05 * x, refinements=2, progress=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pl.load(network, "fpga") as session, pl.load(network, "reference") as naive:
            assert bits(session.infer(x)) == bits(naive.infer(x))
            told = [one.saturated["x"] for one in naive.last_run.passes]
            found = session.last_run.lstms
            assert [found[f"m{j} layer 0"]["x"] for j in range(2)] == told
            with naive.stream() as wanted, session.stream() as stream:
                for step in x[0]:
                    stream.step(step), wanted.step(step)
                    assert session.last_run.saturated == naive.last_run.saturated
    assert network.passes[1].x_inverse_scale[0] > 128 and told[1] > 0


def test_a_run_that_fails_and_one_that_is_cancelled(session, devices, made):
    _, x, wanted = made
    devices[0].failing = 1
    with pytest.raises(pl.DeviceTimeout):
        session.infer(x)
    devices[0].hold.clear()

    async def main():
        task = asyncio.create_task(session.infer_async(x))
        await asyncio.sleep(0.01)
        task.cancel()
        devices[0].hold.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        return await session.infer_async(x, refinements=2)

    assert bits(asyncio.run(main())) == wanted[2]
    threads = [threading.Thread(target=session.infer, args=(x,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert bits(session.infer(x, refinements=1)) == wanted[1]


def test_passes_where_they_are_asked_for(devices, made):
    network, x, wanted = made
    with pl.load(network, "fpga", starts="passes") as session:
        assert bits(session.infer(x)) == wanted[3]
        assert len(devices) == len(network.passes) and session.starts == "passes"
        assert session.why_passes == session.last_run.why_passes == "passes were asked for"


def test_the_host_runs_passes(made):
    network, x, wanted = made
    for backend in ("cpu", "reference"):
        for starts in ("auto", "passes"):
            with pl.load(network, backend, starts=starts) as session:
                assert bits(session.infer(x)) == wanted[3] and session.starts == "passes"
        with pytest.raises(pl.InputError, match="starts = 'one': .* no kernel .* \"fpga\" or"):
            pl.load(network, backend, starts="one")
    with pytest.raises(pl.InputError, match="starts = 'two': unknown; choose from"):
        pl.load(network, "cpu", starts="two")
    for value in (np.array(["one", "one"]), ["one"], None, 1):
        with pytest.raises(pl.InputError, match="unknown; choose from") as error:
            pl.load(network, "cpu", starts=value)
        assert error.value.field == "starts"
    for name in (["cpu"], "emulatr", np.array(["cpu", "cpu"])):
        for starts in ("auto", "one", "passes"):
            with pytest.raises(pl.BackendError, match="unknown; choose from") as error:
                pl.load(network, name, starts=starts)
            assert error.value.field == "backend"
    with pytest.raises(pl.InputError, match="starts = 'one': not an option"):
        pl.load(network.passes[0], "cpu", starts="one")


@pytest.mark.parametrize("kind", (PlanError, CapacityError))
def test_what_does_not_fit_runs_in_passes(devices, made, kind):
    network, x, wanted = made
    failure = kind("pairs", 5, "too many", "take less")
    devices.failures = [failure]
    with pl.load(network, "fpga") as session:
        assert bits(session.infer(x)) == wanted[3]
        assert session.why_passes == str(failure) and len(devices) == len(network.passes)
    devices.failures = [failure]
    with pytest.raises(kind, match="too many"):
        pl.load(network, "fpga", starts="one")


def test_a_device_that_fails_is_told(devices, made, monkeypatch):
    network, x, wanted = made
    failure = pl.DeviceError("board", "here", "broken", "repair it")
    for backend, options in (("fpga", {}), ("emulator", {}), ("fpga", {"starts": "one"})):
        devices.failures = [failure]
        with pytest.raises(pl.DeviceError, match="broken"):
            pl.load(network, backend, **options)
    assert devices == []
    monkeypatch.setattr(backends.presence, "board_name", lambda: "ZCU104")
    devices.failures = [failure]  # then `open_backend` of the passes takes what it can
    with pl.load(network) as session:
        assert bits(session.infer(x)) == wanted[3]
        assert session.starts == "passes" and session.why_passes == str(failure)
    devices.failures = [failure]
    with pytest.raises(pl.DeviceError, match="broken"):
        pl.load(network, overlay="svd_lstm")
