"""`Session.infer_many`: order, overlap, what may come between two answers, and how it ends."""

import gc
import importlib.util
import itertools
import threading

import numpy as np
import pytest
from example_matrices import random_network
from fake_device import STAGES, FakeDevice

import pynq_lstm as pl
from pynq_lstm.runtime.backends import open_backend
from pynq_lstm.runtime.session import Session

BUILT = importlib.util.find_spec("pynq_lstm.runtime.cpu._kernel") is not None


@pytest.fixture(scope="module")
def model():
    network = random_network(np.random.default_rng(0), [(6, 8), (5, 7)])
    return pl.compress(network, input_range=(-3, 3), refinements=3, solver="greedy")


@pytest.fixture(scope="module")
def inputs(model):
    """Of several shapes, the third one unbatched."""
    rng = np.random.default_rng(1)
    shapes = [(2, 5), (1, 3), (4,), (3, 2), (1, 1)]
    sizes = model.input_sizes
    return [[rng.standard_normal((*s, n)).astype(np.float32) for n in sizes] for s in shapes]


@pytest.fixture(scope="module")
def wanted(model, inputs):
    with pl.load(model, "reference") as session:
        return [bits(session.infer(x)) for x in inputs]


@pytest.fixture
def device(model):
    return FakeDevice(model)


@pytest.fixture
def session(model, device):
    with Session(model, device) as session:
        yield session
    assert not device.overlapped


@pytest.fixture(
    params=[
        "fake",
        "reference",
        pytest.param(
            "cpu", marks=pytest.mark.skipif(not BUILT, reason="the C kernels are not built")
        ),
    ]
)
def any_session(request, model):
    name = request.param
    backend = FakeDevice(model) if name == "fake" else open_backend(name, model)
    with Session(model, backend) as session:
        yield session


def bits(answer):
    out, (h, c) = answer
    return [(a.shape, a.dtype, a.tobytes()) for a in itertools.chain(out, h, c)]


def test_answers_are_those_of_infer_in_order(any_session, inputs, wanted):
    assert [bits(a) for a in any_session.infer_many(inputs)] == wanted
    assert [bits(a) for a in any_session.infer_many(iter(inputs), refinements=3)] == wanted
    assert [bits(a) for a in any_session.infer_many(inputs, refinements=1)] != wanted
    assert any_session.last_run.refinements == 1
    assert list(any_session.infer_many([])) == []


def test_the_next_input_is_prepared_while_the_device_runs(session, device, inputs):
    asked = []
    answers = session.infer_many(asked.append(n) or x for n, x in enumerate(inputs))
    assert device.log == [] and asked == []
    for n, _ in enumerate(answers):
        assert len(asked) == min(n + 2, 5)  # one ahead
    assert device.log == ["start", *["start", "end"] * 4, "end", "many closed"]


def test_a_host_asks_for_no_input_before_its_turn(model, inputs):
    asked = []
    with pl.load(model, "reference") as session:
        answers = session.infer_many(asked.append(n) or x for n, x in enumerate(inputs))
        for n, _ in enumerate(answers):
            assert asked == list(range(n + 1))


def test_anything_may_come_between_two_answers(session, device, model, inputs, wanted):
    answers = [session.infer_many(inputs), session.infer_many(inputs)]
    found = [[], []]
    with session.stream() as stream:
        for n, x in enumerate(inputs):
            for k in (0, 1):
                found[k].append(bits(next(answers[k])))
            assert bits(session.infer(x)) == wanted[n]
            stream.step([np.zeros(size, np.float32) for size in model.input_sizes])
            thread = threading.Thread(target=session.infer, args=(x,))
            thread.start()
            thread.join(30)
            assert not thread.is_alive()
    assert found == [wanted, wanted]
    assert device.log.count("run") == 10 and device.log.count("step") == 5


def test_inputs_may_come_from_the_session_itself(any_session, inputs, wanted):
    def made():
        for n, x in enumerate(inputs):
            assert bits(any_session.infer(x)) == wanted[n]
            yield x

    assert [bits(a) for a in any_session.infer_many(made())] == wanted


def test_reports_come_with_the_answers(session, inputs):
    seen = []
    for _ in session.infer_many(inputs):
        run = session.last_run
        seen.append(run.values["x"])
        assert tuple(run.seconds) == ("quantise", *STAGES, "dequantise")
        assert run.seconds["copy"] == 1e-6 * len(seen) and run.modelled
        assert run.kernel_seconds == 1e-3 * len(seen) and run.access == "mmio"
    assert seen == [10 * 11, 3 * 11, 4 * 11, 6 * 11, 11]


def test_saturation_is_counted_and_warned_of(any_session, inputs):
    wild = [100 * a for a in inputs[1]]
    answers = any_session.infer_many([inputs[0], wild, wild])
    next(answers)
    with pytest.warns(pl.SaturationWarning, match="of x.* left its range") as caught:
        next(answers)
    assert any_session.last_run.saturated["x"] > 20 and caught[0].filename == __file__
    next(answers)  # warned of once


def test_a_bad_input_is_refused_in_its_place(any_session, inputs, wanted):
    answers = any_session.infer_many([inputs[0], inputs[1], [inputs[2][0]], inputs[3]])
    assert [bits(next(answers)) for _ in range(2)] == wanted[:2]
    with pytest.raises(pl.InputError, match="x = 'list': not one entry for each of 2 models"):
        next(answers)
    assert list(answers) == [] and bits(any_session.infer(inputs[3])) == wanted[3]


def test_an_error_of_the_users_iterable_comes_in_its_place(any_session, inputs, wanted):
    answers = any_session.infer_many(inputs[n] if n < 2 else 1 / 0 for n in range(3))
    assert [bits(next(answers)) for _ in range(2)] == wanted[:2]
    with pytest.raises(ZeroDivisionError):
        next(answers)


def test_arguments_are_checked_at_once(session):
    with pytest.raises(pl.InputError, match="inputs = 'int': not an iterable; pass a list of"):
        session.infer_many(3)
    with pytest.raises(pl.InputError, match="refinements = 0"):
        session.infer_many([], refinements=0)


def test_a_failing_run_ends_the_generator_and_not_the_session(session, device, inputs, wanted):
    answers = session.infer_many(inputs)
    assert bits(next(answers)) == wanted[0]
    device.failing = 1
    with pytest.raises(pl.DeviceTimeout, match="the kernel did not end") as caught:
        next(answers)
    assert caught.value.registers == {"CTRL": 1}
    assert list(answers) == [] and bits(session.infer(inputs[1])) == wanted[1]
    assert [bits(a) for a in session.infer_many(inputs)] == wanted


@pytest.mark.parametrize("way", ("close", "forget"))
def test_a_generator_that_is_left_is_closed_in_the_next_turn(session, device, inputs, wanted, way):
    answers = session.infer_many(inputs)
    next(answers)
    if way == "close":
        answers.close()
    del answers
    gc.collect()
    assert "many closed" not in device.log  # nobody has the turn
    assert bits(session.infer(inputs[0])) == wanted[0]
    assert device.log[-2:] == ["many closed", "run"]


@pytest.mark.parametrize("answers_before", (0, 1))
def test_closing_the_session_ends_open_generators(session, device, inputs, answers_before):
    answers = session.infer_many(inputs)
    for _ in range(answers_before):
        next(answers)
    session.close()
    assert device.log[-1] == "closed" and device.log.count("many closed") == answers_before
    with pytest.raises(pl.BackendError, match="session = 'closed'"):
        next(answers)
    session.close()
    assert device.log.count("closed") == 1


def test_a_back_end_that_looks_further_ahead_gets_its_inputs(model, inputs, wanted):
    class Greedy(FakeDevice):
        def run_many(self, jobs):
            for job in list(jobs):
                yield self.answer(job)

    with Session(model, Greedy(model)) as session:
        assert [bits(a) for a in session.infer_many(inputs)] == wanted
