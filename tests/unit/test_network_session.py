"""A network's session: shapes, states, reports, streams, what is refused, what is closed."""

import asyncio

import numpy as np
import pytest
from example_matrices import random_layer

import pynq_lstm as pl
from pynq_lstm.runtime import network_session

pytestmark = pytest.mark.filterwarnings("ignore::pynq_lstm.errors.SaturationWarning")


def compressed(sizes, stacks, wiring, columns=0, **options):
    rng = np.random.default_rng(1)
    head = None
    if columns:
        weight = rng.standard_normal((3, columns)).astype(np.float32)
        head = pl.Head(weight, np.zeros(3, np.float32))
    net = pl.Network([random_layer(rng, *size, gain=2) for size in sizes], head, stacks, wiring)
    return pl.compress(net, "dense", input_range=(-2, 2), progress=False, **options)


@pytest.fixture(scope="module")
def both_ways():
    """One model of 2 layers and both directions, with a head."""
    return compressed([(5, 4)] * 2 + [(8, 4)] * 2, [pl.Stack(2, True)], None, 8)


@pytest.fixture(scope="module")
def forward():
    """Two models, one of 2 layers that reads the other and an input of its own."""
    sizes = [(5, 4), (6, 3), (3, 3)]
    return compressed(sizes, [pl.Stack(), pl.Stack(2)], ["x0", "m0, x1"], 3)


@pytest.fixture
def session(forward):
    with pl.load(forward, "cpu") as opened:
        yield opened


def x_of(network, *lead, seed=0):
    rng = np.random.default_rng(seed)
    x = [rng.standard_normal((*lead, s)).astype(np.float32) for s in network.input_sizes]
    return x if len(x) > 1 else x[0]


def same(ours, theirs):
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(a, b)


def test_shapes(both_ways, forward):
    with pl.load(both_ways, "cpu") as session:
        assert session.backend == "cpu" and session.last_run is None
        out, (h, c) = session.infer(x_of(both_ways, 2, 7))
        assert out.shape == (2, 7, 8) and h.shape == c.shape == (4, 2, 4)
        assert out.dtype == h.dtype == c.dtype == np.float32
        one, (h_one, c_one) = session.infer(x_of(both_ways, 2, 7)[1])
        same((one, h_one, c_one), (out[1], h[:, 1], c[:, 1]))
        logits = session.infer_logits(x_of(both_ways, 2, 7))
        top = np.concatenate([h[2], h[3]], axis=1)
        same(logits, both_ways.head.logits([top]))
        every = session.infer_logits(x_of(both_ways, 2, 7), every_step=True)
        same(every, both_ways.head.logits([out]))
    with pl.load(forward, "cpu") as session:
        out, (h, c) = session.infer(x_of(forward, 2, 7))
        assert [a.shape for a in out] == [(2, 7, 4), (2, 7, 3)]
        assert [a.shape for a in h] == [a.shape for a in c] == [(1, 2, 4), (2, 2, 3)]
        assert session.infer_logits(x_of(forward, 2, 7)).shape == (2, 3)


@pytest.mark.parametrize("backend", ("cpu", "reference"))
def test_a_sequence_cut_in_two(forward, backend):
    x = x_of(forward, 3, 9)
    with pl.load(forward, backend) as session:
        out, state = session.infer(x)
        first, between = session.infer([a[:, :4] for a in x])
        second, end = session.infer([a[:, 4:] for a in x], between)
        for whole, *cut in zip(out, first, second):
            same(whole, np.concatenate(cut, axis=1))
        for ours, theirs in zip(end, state):
            same(ours, theirs)


def test_slower_models_can_be_cut_at_multiples_of_their_rates():
    network = compressed([(5, 4), (4, 4), (4, 4)], None, ["x0", "m0 / 2", "m1 / 2"])
    x = x_of(network, 2, 12)
    with pl.load(network, "cpu") as session:
        out, state = session.infer(x)
        first, between = session.infer(x[:, :8])
        second, end = session.infer(x[:, 8:], between)
        for whole, *cut in zip(out, first, second):
            same(whole, np.concatenate(cut, axis=1))
        for ours, theirs in zip(end, state):
            same(ours, theirs)


def test_report_adds_up(session, forward):
    session.infer(x_of(forward, 2, 7), lengths=np.array([7, 3]))
    report = session.last_run
    assert type(report) is pl.NetworkReport and len(report.passes) == len(forward.passes) == 3
    assert report.backend == "cpu" and report.kernel and report.threads == 1
    assert (report.modelled, report.cycles, report.kernel_seconds) == (False, None, None)
    assert report.values["x"] == 10 * (5 + 6 + 3) and report.values["c"] == 10 * (4 + 3 + 3)
    for kind, count in report.saturated.items():
        assert count == sum(one.saturated[kind] for one in report.passes)
    assert report.seconds["run"] == sum(one.seconds["run"] for one in report.passes)
    assert report.seconds["between"] > 0 and report.total_seconds > report.seconds["run"]
    told = report.to_dict()
    assert len(told["passes"]) == 3 and told["total_seconds"] == report.total_seconds


def test_many_awaited_and_kept(session, forward):
    inputs = [x_of(forward, 2, 5, seed=seed) for seed in range(3)]
    expected = [session.infer(x) for x in inputs]
    for (out, state), (its, its_state) in zip(session.infer_many(inputs), expected, strict=True):
        same(out, its)
        same(state[0], its_state[0])
    out, _ = asyncio.run(session.infer_async(inputs[1]))
    same(out, expected[1][0])
    same(pl.infer(forward, inputs[2], backend="cpu")[0], expected[2][0])
    pl.clear_sessions()
    with pytest.raises(pl.InputError, match="refinements"):
        session.infer_many(inputs, refinements=0)
    with pytest.raises(pl.InputError, match="not an iterable"):
        session.infer_many(3)
    answers = session.infer_many([inputs[0], "x"])
    next(answers)
    with pytest.raises(pl.InputError):
        next(answers)


def test_streams_side_by_side_and_their_state(session, forward):
    x = x_of(forward, 6)
    out, state = session.infer(x)
    with session.stream() as one, session.stream() as other:
        for t in range(6):
            step = [a[t] for a in x]
            same(one.step(step), [a[t] for a in out])
            if t < 3:
                other.step(step)
                assert type(session.last_run) is pl.NetworkReport
        other.state = tuple(one.state)
        for a, b in zip(other.state, state):
            same(a, b)
        other.reset()
        same(other.step([a[0] for a in x]), [a[0] for a in out])
        other.state = None
        same(other.step([a[0] for a in x]), [a[0] for a in out])
        for wrong in (x[0][0], [x[0][0]], [x[0][0], x[0][0]], [x[0][0], np.float32([np.nan, 0])]):
            with pytest.raises(pl.InputError):
                other.step(wrong)
        same(other.step([a[1] for a in x]), [a[1] for a in out])
    with pytest.raises(pl.BackendError, match="stream = 'closed'"):
        one.step([a[0] for a in x])


def test_stream_after_a_step_that_failed(session, forward, monkeypatch):
    step = [a[0] for a in x_of(forward, 1)]
    with session.stream() as stream:
        first = stream.step(step)

        def fail(x):
            raise pl.DeviceError("run", 1, "failed", "try again")

        monkeypatch.setattr(stream._streams[1], "step", fail)
        with pytest.raises(pl.DeviceError):
            stream.step(step)
        monkeypatch.undo()
        with pytest.raises(pl.BackendError, match="its state is not known"):
            stream.step(step)
        stream.reset()
        same(stream.step(step), first)


@pytest.fixture
def slow():
    """Of two models that read one input, at every second step and at every third."""
    with pl.load(compressed([(4, 3)] * 2, None, ["x0 / 2", "x0 / 3"]), "cpu") as opened:
        yield opened


def test_slower_models_run_when_they_are_due_and_hold_their_h(slow):
    x = x_of(slow.network, 7)
    out, _ = slow.infer(x)
    with slow.stream() as stream:
        found = [(stream.step(row), stream.ran) for row in x]
    assert [ran for _, ran in found] == [(n % 2 == 0, n % 3 == 0) for n in range(1, 8)]
    for j, rate in enumerate((2, 3)):
        assert not found[0][0][j].any() and out[j].any(axis=1).all()
        same([step[j] for step, _ in found][rate - 1 :], np.repeat(out[j], rate, 0)[: 8 - rate])


def test_what_a_step_gave_is_the_callers(slow):
    x = x_of(slow.network, 4)
    with slow.stream() as stream:
        for row in x:
            step = stream.step(row)
            kept = [a.copy() for a in step]
            for a in step:
                a[:] = 9
        same(stream.state[0], [a[None] for a in kept])
        held = stream.step(x[0])
        same(held, kept)
        for a in held:
            a[:] = 9
        stream.reset()
        for a in stream.step(x[0]):
            assert not a.any()
            a[:] = 9
        assert not stream.step(x[1])[1].any()


def test_reports_of_steps_in_which_few_models_run_or_none(slow):
    units = []
    with slow.stream() as stream:
        for row in x_of(slow.network, 6):
            stream.step(row)
            report = slow.last_run
            assert set(report.saturated) == set(report.values) == {"x", "state", "p", "pre", "c"}
            assert report.backend == "cpu" and report.seconds["between"] > 0
            assert report.refinements == stream.refinements and report.starts == "passes"
            assert report.why_passes == slow.why_passes and report.to_dict()
            units.append((report.values["c"], len(report.passes)))
    assert units == [(0, 0), (3, 1), (3, 1), (3, 1), (0, 0), (6, 2)]


def test_no_step_on_the_host_tells_of_a_device(slow):
    """None says that there is no accelerator, 0.0 would say that it took no time."""
    with slow.stream() as stream:
        for row in x_of(slow.network, 4):
            stream.step(row)
            told = slow.last_run
            assert (told.kernel_seconds, told.cycles, told.access) == (None, None, None)
            assert told.modelled is False


def test_a_refused_step_is_no_step(slow):
    x = x_of(slow.network, 4)
    with slow.stream() as stream:
        wanted = [stream.step(row) for row in x]
        stream.reset()
        for row, step in zip(x, wanted):
            with pytest.raises(pl.InputError):
                stream.step(row * np.nan)  # also where nothing would have read it
            same(stream.step(row), step)


def test_a_step_that_runs_nothing_of_a_closed_session_is_refused(slow):
    x = x_of(slow.network, 1)
    stream = slow.stream()
    slow.close()
    for use in (lambda: stream.step(x[0]), lambda: stream.state, stream.reset):
        with pytest.raises(pl.BackendError, match="session = 'closed'"):
            use()


def test_the_state_of_a_failed_slower_pass_is_set_anew(slow, monkeypatch):
    x = x_of(slow.network, 4)
    with slow.stream() as stream:
        wanted = [stream.step(row) for row in x]
        stream.reset()
        stream.step(x[0])
        failing = stream._streams[0]

        def fail(x):
            raise pl.DeviceError("run", 1, "failed", "try again")

        monkeypatch.setattr(failing, "step", fail)
        with pytest.raises(pl.DeviceError):
            stream.step(x[1])
        monkeypatch.undo()
        with pytest.raises(pl.BackendError, match="its state is not known"):
            stream.step(x[1])
        stream.state = None
        for row, step in zip(x, wanted):
            same(stream.step(row), step)


@pytest.mark.parametrize(
    "sizes, stacks, wiring, text",
    [
        ([(4, 4)] * 2, [pl.Stack(1, True)], None, "'m0': goes backward, from the last step"),
        ([(4, 4)], [pl.Stack(1, reverse=True)], None, "'m0': goes backward, from the last step"),
        ([(4, 4)] * 2, None, ["x0", "last(m0)"], "'m1': runs once, after the last step, which a"),
        ([(4, 4)] * 3, None, ["x0 / 2", "last(m0)", "m1"], "'m1': runs once, after the last"),
    ],
)
def test_what_cannot_be_streamed(sizes, stacks, wiring, text):
    network = compressed(sizes, stacks, wiring)
    text = f"stream = {text}.*call infer with whole sequences"
    with pl.load(network, "cpu") as session, pytest.raises(pl.InputError, match=text):
        session.stream()


def test_benchmark(session, forward):
    for given in (None, x_of(forward, 1, 3)):
        found = session.benchmark(given, steps=4, calls=3)
        assert (found.backend, found.calls, found.cycles) == ("cpu", 3, None)
        assert set(found.stages) == {"run", "between"} and found.p50 <= found.max


def test_power_is_refused_where_there_is_none(session, forward):
    with pytest.raises(pl.InputError, match="x = None: no noise is made for networks"):
        session.power(None)
    with pytest.raises(pl.DeviceError, match="not a board with rails"):
        session.power(x_of(forward, 1, 3), seconds=0.01)


def test_bad_input(session, forward):
    x = x_of(forward, 2, 5)
    for wrong, more, text in (
        (x[:1], {}, "x = .*not one entry for each of 2 external inputs"),
        ([x[1], x[0]], {}, r"x\[0\].shape"),
        (x, {"lengths": [0, 3]}, "lengths"),
        (x, {"refinements": 0}, "refinements"),
        (x, {"state": (1,)}, "state"),
        (x, {"state": ([x[0], x[1]], [x[0], x[1]])}, "state h.shape"),
    ):
        with pytest.raises(pl.InputError, match=text):
            session.infer(wrong, **more)


@pytest.mark.parametrize(
    "wiring, columns, text",
    [
        (["x0", "m0 / 3"], 4, "no step for a model that takes one in 3"),
        ({"m1": "x0 / 2", "head": "m0, m1"}, 8, "every_step = True"),
        (["x0", "m0"], 0, "this network has none"),
    ],
)
def test_logits_that_there_are_not(wiring, columns, text):
    network = compressed([(4, 4)] * 2, None, wiring, columns=columns)
    with pl.load(network, "cpu") as session, pytest.raises(pl.InputError, match=text):
        session.infer_logits(x_of(network, 1, 2), every_step=True)


def test_closed(forward):
    session = pl.load(forward, "cpu")
    stream = session.stream()
    session.close()
    session.close()
    with pytest.raises(pl.BackendError, match="session = 'closed'"):
        session.infer(x_of(forward, 1, 2))
    with pytest.raises(pl.BackendError, match="session = 'closed'"):
        stream.step([a[0] for a in x_of(forward, 1)])
    stream.close()


def test_if_one_pass_cannot_be_opened_the_others_are_closed(forward, monkeypatch):
    opened, closed, real = [], [], network_session.open_backend

    def open_backend(name, model, **options):
        if len(opened) == 2:
            raise pl.BackendError("backend", name, "not here", "take another")
        backend = real(name, model, **options)
        backend.close = lambda: closed.append(backend)
        opened.append(backend)
        return backend

    with monkeypatch.context() as patched:
        patched.setattr(network_session, "open_backend", open_backend)
        with pytest.raises(pl.BackendError, match="not here"):
            pl.load(forward, "reference")
    assert len(opened) == 2 and closed == opened[::-1]
    with pytest.raises(pl.InputError, match="not an option"):
        pl.load(forward, "reference", threads=2)
