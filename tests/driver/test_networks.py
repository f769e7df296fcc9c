"""Networks on the emulated board: their passes share it, and give the bits of the reference."""

import asyncio
from contextlib import ExitStack

import numpy as np
import pytest
from example_matrices import random_layer
from mixed_rates import check_prefixes, given, random_mixed, same, step_of

import pynq_lstm as pl
from pynq_lstm.errors import PlanError

pytestmark = pytest.mark.filterwarnings("ignore::pynq_lstm.errors.SaturationWarning")


@pytest.fixture(scope="module")
def network():
    """Two layers and both directions, and a slower model that reads them."""
    rng = np.random.default_rng(0)
    sizes = [(6, 8)] * 2 + [(16, 8)] * 2 + [(16, 7)]
    layers = [random_layer(rng, *size) for size in sizes]
    net = pl.Network(layers, None, [pl.Stack(2, True), pl.Stack()], ["x0", "m0 / 2"])
    return pl.compress(net, input_range=(-1, 1), refinements=3, p_bits=9, progress=False)


@pytest.fixture(scope="module")
def forward():
    """Two layers, whose steps can be streamed."""
    rng = np.random.default_rng(1)
    net = pl.Network([random_layer(rng, 6, 8), random_layer(rng, 8, 8)], None, [pl.Stack(2)])
    return pl.compress(net, input_range=(-1, 1), refinements=3, p_bits=9, progress=False)


def on_board(network, device):
    return pl.load(network, "emulator", device=device, overlay="svd_lstm_tiny")


def flat(answer):
    out, (h, c) = answer
    return [np.asarray(a) for side in (out, h, c) for a in side]


def test_passes_share_the_board(network, device):
    x = np.random.default_rng(2).uniform(-1, 1, (2, 6, 6)).astype(np.float32)
    lengths = np.array([6, 3])
    with pl.load(network, "reference") as naive, on_board(network, device) as session:
        first = session.infer(x, lengths=lengths)
        for ours, theirs in zip(flat(first), flat(naive.infer(x, lengths=lengths)), strict=True):
            np.testing.assert_array_equal(ours, theirs)
        report = session.last_run
        assert report.backend == "emulator" and report.modelled
        assert report.kernel_seconds == sum(one.kernel_seconds for one in report.passes) > 0
        assert {"copy", "run", "read", "between"} <= set(report.seconds)
        again, expected = session.infer(x, first[1]), naive.infer(x, first[1])
        for ours, theirs in zip(flat(again), flat(expected), strict=True):
            np.testing.assert_array_equal(ours, theirs)
        found = session.benchmark(x, calls=2)
        assert found.modelled and found.cycles > 0
    assert device.live_buffers == 0


def test_awaited(network, device):
    x = np.random.default_rng(2).uniform(-1, 1, (2, 6, 6)).astype(np.float32)

    async def main(session):
        task = asyncio.create_task(session.infer_async(x))
        await asyncio.sleep(0)
        task.cancel()
        return await asyncio.gather(*(session.infer_async(x, refinements=k) for k in (3, 1)))

    with pl.load(network, "reference") as naive, on_board(network, device) as session:
        for k, answer in zip((3, 1), asyncio.run(main(session))):
            expected = naive.infer(x, refinements=k)
            for ours, theirs in zip(flat(answer), flat(expected), strict=True):
                np.testing.assert_array_equal(ours, theirs)
    assert device.live_buffers == 0


def test_streams(forward, device):
    x = np.random.default_rng(3).uniform(-1, 1, (5, 6)).astype(np.float32)
    with pl.load(forward, "reference") as naive:
        out, state = naive.infer(x)
    with on_board(forward, device) as session, session.stream() as one, session.stream() as two:
        for step, row in zip(x, out):
            np.testing.assert_array_equal(one.step(step), row)
            np.testing.assert_array_equal(two.step(step), row)
        for ours, theirs in zip(one.state, state):
            np.testing.assert_array_equal(ours, theirs)
    assert device.live_buffers == 0


@pytest.mark.parametrize("seed", range(4))
def test_streams_of_slower_models(seed, device):
    """Random wirings; passes take turns on the chip, where the state of each stays."""
    rng = np.random.default_rng(40 + seed)
    network, x = random_mixed(rng, "svd", p_bits=9, activation_bits=8)
    one, two = [a[0] for a in x], [a[1] for a in x]
    with ExitStack() as opened:
        naive = opened.enter_context(pl.load(network, "reference"))
        session = opened.enter_context(on_board(network, device))
        stream, other, wanted = (
            opened.enter_context(each.stream()) for each in (session, session, naive)
        )
        end = check_prefixes(session, network, one, stream)
        for ours, theirs in zip(end, naive.infer(given(one))[1], strict=True):
            same(network, ours, theirs)
        other.state = wanted.state = stream.state
        for t in range(len(two[0])):
            same(network, other.step(step_of(two, t)), wanted.step(step_of(two, t)))
            told, its = session.last_run, naive.last_run
            assert (told.saturated, told.values) == (its.saturated, its.values)
            assert len(told.passes) == len(its.passes)
            assert (told.kernel_seconds > 0) == (len(told.passes) > 0)
            assert told.modelled and told.cycles is None and told.access
        for ours, theirs in zip(other.state, wanted.state, strict=True):
            same(network, ours, theirs)
    assert device.live_buffers == 0


@pytest.mark.parametrize("modelled", (True, False))
def test_steps_that_run_nothing_tell_what_others_do(device, modelled, monkeypatch):
    """Kernel seconds are known where cycles are counted, of an emulated board always."""
    rng = np.random.default_rng(4)
    net = pl.Network([random_layer(rng, 6, 8)], wiring=["x0 / 2"])
    slow = pl.compress(net, input_range=(-1, 1), refinements=3, p_bits=9, progress=False)
    row = np.zeros(6, np.float32)
    with on_board(slow, device) as session, session.stream() as stream:
        monkeypatch.setattr(device, "modelled", modelled)
        for counted in (False, True):
            for backend in session._calls.backends:
                backend.count_cycles = counted
            found = []
            for _ in range(2):
                stream.step(row)
                found.append(session.last_run)
            idle, ran = found
            assert (len(idle.passes), len(ran.passes)) == (0, 1)
            assert idle.modelled == ran.modelled == modelled
            assert (idle.backend, idle.access) == (ran.backend, ran.access)
            assert (idle.cycles, ran.cycles is None) == (0 if counted else None, not counted)
            known = counted or modelled
            assert (idle.kernel_seconds, ran.kernel_seconds is None) == (
                0.0 if known else None,
                not known,
            )


def test_what_the_board_does_not_run_closes_what_was_opened(forward, device):
    rng = np.random.default_rng(1)
    net = pl.Network([random_layer(rng, 6, 8), random_layer(rng, 8, 8)], None, [pl.Stack(2)])
    dense = pl.compress(net, "dense", input_range=(-1, 1), progress=False)
    with pytest.raises(pl.BackendError, match="runs svd"):
        on_board(dense, device)
    large = pl.Network([random_layer(rng, 6, 8), random_layer(rng, 8, 300)], wiring=["x0", "m0"])
    large = pl.compress(large, input_range=(-1, 1), refinements=3, p_bits=9, progress=False)
    with pytest.raises(PlanError, match=r"^pass 1 \(m1 layer 0\): "):
        on_board(large, device)
    assert device.live_buffers == 0
