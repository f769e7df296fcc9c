"""`Session.stream`: the bits of a whole sequence, step by step, whatever comes in between."""

import gc
import importlib.util
import re
import threading
import warnings

import numpy as np
import pytest
from example_matrices import over_models, random_inputs, random_network
from fake_device import STAGES, FakeDevice

import pynq_lstm as pl
from pynq_lstm.runtime.backends import open_backend
from pynq_lstm.runtime.session import Session

BUILT = importlib.util.find_spec("pynq_lstm.runtime.cpu._kernel") is not None
PREFIXES = {"refinements": (3, 5), "solver": "greedy"}
NETWORKS = {
    "single": [(6, 8)],
    "equal": [(6, 8), (6, 8)],
    "unequal": [(6, 8), (3, 5), (7, 8)],
}
TIME = 12


def compressed(name, bits):
    network = random_network(np.random.default_rng(5), NETWORKS[name])
    x = random_inputs(np.random.default_rng(6), network, 2, TIME)
    return pl.compress(network, calibration=x, activation_bits=bits, **PREFIXES), x


@pytest.fixture(scope="module")
def models():
    return {(name, bits): compressed(name, bits) for name in NETWORKS for bits in (8, 16)}


@pytest.fixture(
    params=[(name, bits) for name in NETWORKS for bits in (8, 16)],
    ids=lambda key: f"{key[0]}-int{key[1]}",
)
def case(request, models):
    return models[request.param]


@pytest.fixture(
    params=[
        "fake",
        "reference",
        pytest.param(
            "cpu", marks=pytest.mark.skipif(not BUILT, reason="the C kernels are not built")
        ),
    ]
)
def opened(request):
    def session(model):
        name = request.param
        return Session(model, FakeDevice(model) if name == "fake" else open_backend(name, model))

    return session


@pytest.fixture
def single(models):
    """One model on the fake device: session, device, x (time, input)."""
    model, x = models["single", 8]
    device = FakeDevice(model)
    with Session(model, device) as session:
        yield session, device, x[0]
    assert not device.overlapped


def sequence(model, x, b=0):
    """x of one sequence, as `infer` takes it."""
    parts = [a[b] for a in over_models(model, x)]
    return parts if model.models > 1 else parts[0]


def steps(model, x):
    """The steps of one sequence."""
    parts = over_models(model, x)
    for t in range(len(parts[0])):
        yield [a[t] for a in parts] if model.models > 1 else parts[0][t]


def bits(model, *values):
    return [(a.shape, a.dtype, a.tobytes()) for v in values for a in over_models(model, v)]


def at(model, out, t):
    """Step t of what `infer` gave."""
    parts = [a[t] for a in over_models(model, out)]
    return parts if model.models > 1 else parts[0]


@pytest.mark.parametrize("refinements", (None, 2))
def test_steps_give_the_bits_of_the_whole(case, opened, refinements):
    model, x = case
    x = sequence(model, x)
    with opened(model) as session:
        wanted, end = session.infer(x, refinements=refinements)
        with session.stream(refinements) as stream:
            for t, step in enumerate(steps(model, x)):
                out = stream.step(step)
                assert bits(model, out) == bits(model, at(model, wanted, t))
                assert type(out) is type(wanted)
            assert bits(model, *stream.state) == bits(model, *end)
            assert session.last_run.refinements == stream.refinements == (refinements or 5)


def test_arrays_and_lists_over_models_are_the_same(models, opened):
    for name, given in (("equal", np.stack), ("equal", tuple), ("single", list)):
        model, x = models[name, 8]
        x = sequence(model, x)
        with opened(model) as session, session.stream() as a, session.stream() as b:
            for step in steps(model, x):
                other = given([step]) if name == "single" else given(step)
                assert bits(model, a.step(step)) == bits(model, b.step(other))


def test_a_state_that_is_set_is_rounded_as_infer_does(case, opened):
    model, x = case
    x = sequence(model, x)
    rng = np.random.default_rng(3)
    h, c = (
        [rng.uniform(-0.9, 0.9, (1, n)).astype(np.float32) for n in model.hidden_sizes]
        for _ in range(2)
    )
    state = (h, c) if model.models > 1 else (h[0], c[0])
    with opened(model) as session:
        wanted, end = session.infer(x, state)
        stream = session.stream()
        stream.state = state
        rounded = stream.state
        assert bits(model, *rounded) != bits(model, *state)
        assert all(
            np.abs(a - b).max() < 0.01
            for side, other in zip(rounded, state)
            for a, b in zip(over_models(model, side), over_models(model, other))
        )
        for t, step in enumerate(steps(model, x)):
            assert bits(model, stream.step(step)) == bits(model, at(model, wanted, t))
        assert bits(model, *stream.state) == bits(model, *end)
        stream.state = rounded
        assert bits(model, *stream.state) == bits(model, *rounded)  # re-enters unchanged


def test_reset_and_none_begin_anew(models, opened):
    model, x = models["unequal", 8]
    first, second = steps(model, sequence(model, x)), steps(model, sequence(model, x, 1))
    with opened(model) as session, session.stream() as stream:
        wanted = bits(model, stream.step(next(first)))
        begin = next(steps(model, sequence(model, x)))
        stream.step(next(second))
        assert bits(model, stream.step(begin)) != wanted
        stream.reset()
        assert not any(a.any() for side in stream.state for a in side)
        assert bits(model, stream.step(begin)) == wanted
        stream.state = None
        assert bits(model, stream.step(begin)) == wanted


def test_other_calls_and_streams_do_not_disturb(case, opened):
    model, x = case
    one, two = sequence(model, x), sequence(model, x, 1)
    with opened(model) as session:
        wanted = [session.infer(one)[0], session.infer(two)[0]]
        streams = [session.stream(), session.stream()]
        for t, both in enumerate(zip(steps(model, one), steps(model, two))):
            for stream, step, whole in zip(streams, both, wanted):
                assert bits(model, stream.step(step)) == bits(model, at(model, whole, t))
                assert bits(model, session.infer(two)[0]) == bits(model, wanted[1])


def test_steps_from_many_threads(single):
    session, device, x = single
    wanted = session.infer(x)[0]
    failures = []

    def work():
        with session.stream() as stream:
            found = np.stack([stream.step(step) for step in x])
            if not np.array_equal(found, wanted):
                failures.append(found)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures and device.log.count("step") == 6 * TIME


def test_every_step_is_reported(single):
    session, _, x = single
    with session.stream() as stream:
        for n in range(1, 4):
            stream.step(x[n])
            run = session.last_run
            assert tuple(run.seconds) == ("quantise", *STAGES, "dequantise")
            assert run.seconds["run"] == 1e-6 * n and run.kernel_seconds == 1e-3 * n
            assert (run.backend, run.modelled, run.access) == ("fake", True, "mmio")
            assert run.values == {"x": 6, "state": 0, "p": 32, "pre": 32, "c": 8}
            assert run.saturated == dict.fromkeys(run.values, 0)


def test_a_step_on_a_host_is_one_run(models):
    model, x = models["single", 8]
    with pl.load(model, "reference") as session:
        session.stream().step(x[0, 0])
        assert list(session.last_run.seconds) == ["quantise", "run", "dequantise"]


def test_saturation_is_counted_and_warned_of_once(models, opened):
    model, x = models["single", 8]
    wild = x[0, 0].copy()
    wild[[1, 4]] = 1e6
    with opened(model) as session:
        stream = session.stream()
        with pytest.warns(pl.SaturationWarning, match="33.33% of x left its range") as caught:
            stream.step(wild)
        assert session.last_run.saturated["x"] == 2 and caught[0].filename == __file__
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            stream.step(wild)
            session.infer(wild[None])


def test_clipping_a_state_is_counted_in_the_next_step(models, opened):
    model, x = models["single", 8]
    h, c = np.zeros((1, 8), np.float32), np.zeros((1, 8), np.float32)
    h[0, 0], c[0, 3] = 1.0, -1e4
    with opened(model) as session, session.stream() as stream:
        stream.state = h, c
        assert session.last_run is None
        with pytest.warns(pl.SaturationWarning, match="12.50% of state left its range"):
            stream.step(x[0, 0])
        assert (session.last_run.saturated["state"], session.last_run.values["state"]) == (2, 16)
        stream.step(x[0, 1])
        assert (session.last_run.saturated["state"], session.last_run.values["state"]) == (0, 0)
        stream.state = h, c
        stream.reset()
        stream.step(x[0, 0])
        assert session.last_run.saturated["state"] == 0


ONE = np.ones(6, np.float32)


@pytest.mark.parametrize(
    "x, text",
    [
        (ONE[:5], "x.shape = (5,): not one step of the model; pass (6,)"),
        (ONE[None], "x.shape = (1, 6): not one step of the model; pass (6,)"),
        (ONE.astype(float), "x.dtype = 'float64': not float32; pass np.asarray(..., dtype="),
        (ONE.tolist(), "x.dtype = 'float64': not float32"),
        (np.float32([1, 1, np.nan, 1, 1, 1]), "not finite; remove NaN and infinity from the input"),
        (np.float32(1), "x.shape = (): not one step of the model"),
        (None, "x.shape = (): not one step of the model"),
        ([ONE, ONE], "x.shape = (2, 6): not one step of the model"),
        ([[1.0], [1.0, 2.0]], "x"),
    ],
)
def test_steps_that_are_refused_leave_the_stream_as_it_was(single, x, text):
    session, _, good = single
    wanted = session.infer(good)[0]
    with session.stream() as stream:
        stream.step(good[0])
        with pytest.raises(pl.InputError, match=re.escape(text)):
            stream.step(x)
        assert np.array_equal(stream.step(good[1]), wanted[1])


@pytest.mark.parametrize(
    "x, text",
    [
        ([ONE, ONE], "x = 'list': not one entry for each of 3 models; pass (models, input), or a"),
        (ONE, "x = (6,): not one entry for each of 3 models"),
        (np.ones((2, 6), np.float32), "x = (2, 6): not one entry for each of 3 models"),
        ([ONE, ONE, ONE], "x[1].shape = (6,): not one step of the model; pass (3,)"),
        (None, "x = 'NoneType': not one entry for each of 3 models"),
    ],
)
def test_steps_of_several_models_that_are_refused(models, x, text):
    stream = pl.load(models["unequal", 8][0], "reference").stream()
    with pytest.raises(pl.InputError, match=re.escape(text)):
        stream.step(x)


def test_states_and_prefixes_that_are_refused(single):
    session, _, x = single
    wanted = session.infer(x)[0]
    with session.stream() as stream:
        stream.step(x[0])
        zeros = np.zeros((1, 1, 8), np.float32)
        with pytest.raises(pl.InputError, match=r"state h.shape = \(1, 1, 8\): .*; pass \(1, 8\)"):
            stream.state = zeros, zeros
        assert np.array_equal(stream.step(x[1]), wanted[1])
    with pytest.raises(pl.InputError, match="refinements = 0"):
        session.stream(0)


def test_a_closed_stream_is_refused(single):
    session, device, x = single
    with session.stream() as stream:
        stream.step(x[0])
    stream.close()
    for use in (
        lambda: stream.step(x[0]),
        lambda: stream.state,
        lambda: setattr(stream, "state", None),
        stream.reset,
    ):
        with pytest.raises(pl.BackendError, match="stream = 'closed': it runs no more; open anot"):
            use()
    assert device.log.count("stream closed") == 1


@pytest.mark.parametrize("way", ("close", "forget"))
def test_a_stream_that_is_left_is_closed_in_the_next_turn(single, way):
    session, device, x = single
    stream = session.stream()
    stream.step(x[0])
    if way == "close":
        stream.close()
    del stream
    gc.collect()
    assert device.log == ["step"]
    session.infer(x)
    assert device.log == ["step", "stream closed", "run"]


def test_closing_the_session_closes_its_streams_first(single):
    session, device, x = single
    stream, other = session.stream(), session.stream()
    stream.step(x[0])
    other.close()
    session.close()
    assert device.log == ["step", "stream closed", "stream closed", "closed"]
    for use in (lambda: stream.step(x[0]), lambda: stream.state, stream.reset, session.stream):
        with pytest.raises(pl.BackendError, match="session = 'closed'"):
            use()
    stream.close()


def test_after_a_failed_step_the_state_must_be_set(single):
    session, device, x = single
    wanted, (h, c) = session.infer(x[:2])
    second = session.infer(x[:3])[0][2]
    stream = session.stream()
    for again in (stream.reset, lambda: setattr(stream, "state", None)):
        again()
        assert np.array_equal(stream.step(x[0]), wanted[0])
        device.failing = 1
        with pytest.raises(pl.DeviceTimeout, match="did not end"):
            stream.step(x[1])
        for use in (lambda: stream.step(x[1]), lambda: stream.state):
            with pytest.raises(
                pl.BackendError, match="stream = 'interrupted': .*; set stream.state, or call"
            ):
                use()
    stream.state = h, c
    assert np.array_equal(stream.step(x[2]), second)
