"""Networks in one start of the emulated kernel: the bits and the counts of the passes."""

import asyncio

import numpy as np
import pytest
from designs import TINY
from example_matrices import random_layer
from random_waves import random_waves
from small_model import stack_case

import pynq_lstm as pl
from pynq_lstm.accelerator import stacks
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.errors import CapacityError, CompressionError, PlanError

pytestmark = pytest.mark.filterwarnings("ignore::pynq_lstm.errors.SaturationWarning")
GIVEN = {"p_bits": 9, "refinements": 2, "progress": False}
CASES = 4  # random networks


def on_board(network, device, overlay=TINY.name, **options):
    return pl.load(network, "emulator", device=device, overlay=overlay, **options)


def arrays(answer):
    out, state = answer
    sides = [out] if state is None else [out, *state]
    return [np.asarray(a) for side in sides for a in (side if isinstance(side, list) else [side])]


def same(ours, theirs):
    for mine, its in zip(arrays(ours), arrays(theirs), strict=True):
        np.testing.assert_array_equal(mine, its)


def of_waves(rng):
    """A random network in integers, an input, and lengths."""
    net, sizes = random_waves(rng)
    if net.wiring.side_by_side and sum(stack.cells for stack in net.stacks) == len(sizes):
        return None  # a model
    x = [rng.uniform(-1, 1, (3, 5, size)).astype(np.float32) for size in sizes]
    x = x if len(x) > 1 else x[0]
    given = {"calibration": x, "share": str(rng.choice(["network", "all", "none"])), **GIVEN}
    try:
        network = pl.compress(net, **given)
        pack(stacks.of_network(network)[0], TINY)
    except (CompressionError, PlanError):  # too few components for such sizes; more than fits
        return None
    return network, x, rng.integers(1, 6, 3)


@pytest.fixture(scope="module")
def stack():
    """Two layers, of which the upper one reads nothing from outside, and an input."""
    return stack_case()


def test_random_networks(device):
    rng, done = np.random.default_rng(5), 0
    while done < CASES:
        made = of_waves(rng)
        if made is None:
            continue
        network, x, lengths = made
        with pl.load(network, "reference") as naive, on_board(network, device) as session:
            assert session.starts == "one"
            done += 1
            for k in (1, 2):
                expected = naive.infer(x, None, lengths, k)
                same(session.infer(x, None, lengths, k), expected)
                again = naive.infer(x, expected[1], refinements=k)
                same(session.infer(x, expected[1], refinements=k), again)
                told, wanted = session.last_run, naive.last_run
                assert (told.saturated, told.values) == (wanted.saturated, wanted.values)
                assert (told.starts, told.why_passes) == ("one", None)
                assert told.refinements == wanted.refinements
            with on_board(network, device, starts="passes") as passes:
                same(passes.infer(x, expected[1], refinements=2), again)
                assert passes.last_run.saturated == told.saturated
                assert passes.last_run.starts == passes.starts == "passes"
                assert passes.why_passes == passes.last_run.why_passes == "passes were asked for"
    assert device.live_buffers == 0


def test_streams_take_turns_with_calls(device):
    rng, done = np.random.default_rng(6), 0
    while done < 3:
        made = of_waves(rng)
        if made is None or max(stack.num_layers for stack in made[0].stacks) < 2:
            continue
        network, x, _ = made
        one = [a[0] for a in x] if isinstance(x, list) else x[0]
        steps = [first_of(from_step(one, t)) for t in range(5)]
        with pl.load(network, "reference") as naive, on_board(network, device) as session:
            done += 1
            whole = naive.infer(one)
            again = naive.infer(from_step(one, 4), naive.infer(one)[1])  # one step more
            with session.stream() as stream, session.stream() as other, naive.stream() as wanted:
                for t, step in enumerate(steps):
                    expected = wanted.step(step), None
                    same((stream.step(step), None), expected)
                    told, its = session.last_run, naive.last_run
                    assert (told.saturated, told.values) == (its.saturated, its.values)
                    same((other.step(step), None), expected)
                    if t == 1:
                        same(session.infer(one), whole)
                other.state = whole[1]
                for each in (stream, other):
                    same((whole[0], each.state), whole)
                    same((each.step(steps[4]), None), (first_of(again[0]), None))
                    same((again[0], each.state), again)
                other.reset()
                same((other.step(steps[0]), None), (first_of(whole[0]), None))
    assert device.live_buffers == 0


def first_of(arrays):
    """The first step of what is (time, size), or a list of it, or (models, time, size)."""
    return [a[0] for a in arrays] if isinstance(arrays, list) else arrays[..., 0, :]


def from_step(x, t):
    return [a[t:] for a in x] if isinstance(x, list) else x[t:]


def test_many_and_awaited(stack, device):
    network, x = stack
    inputs = [np.roll(x, n, axis=1) for n in range(4)]

    async def main(session):
        task = asyncio.create_task(session.infer_async(x))
        await asyncio.sleep(0)
        task.cancel()
        return await asyncio.gather(*(session.infer_async(x, refinements=k) for k in (2, 1)))

    with pl.load(network, "reference") as naive, on_board(network, device) as session:
        expected = [naive.infer(a) for a in inputs]
        for mine, its in zip(session.infer_many(inputs), expected, strict=True):
            same(mine, its)
        for k, mine in zip((2, 1), asyncio.run(main(session))):
            same(mine, naive.infer(x, refinements=k))
        answers = session.infer_many([x, x[:, :, :3]])
        same(next(answers), expected[0])
        with pytest.raises(pl.InputError, match="x.shape"):
            next(answers)
    assert device.live_buffers == 0


def test_one_image_one_start_less_time(stack, device):
    network, x = stack
    seconds = {}
    for starts in ("one", "passes"):
        with on_board(network, device, starts=starts) as session:
            session.infer(x)
            session.infer(x)
            before = dict(device.counters)
            session.infer(x)
            writes = device.counters["writes"] - before["writes"]
            assert (writes == 1) == (starts == "one")  # passes load their images and start twice
            seconds[starts] = session.last_run.kernel_seconds
            found = session.benchmark(x, calls=2)
            assert found.modelled and found.cycles > 0
    assert seconds["one"] < seconds["passes"]


@pytest.mark.parametrize("method", ("svd", "block_diagonal"))
def test_wide_activations_and_the_other_engine(method, device):
    rng = np.random.default_rng(3)
    net = pl.Network([random_layer(rng, 6, 8), random_layer(rng, 8, 8)], None, [pl.Stack(2)])
    given = {"svd": {"p_bits": 16, "refinements": 2}, "block_diagonal": {"block_rank": 2}}[method]
    network = pl.compress(
        net, method, input_range=(-1, 1), activation_bits=16, progress=False, **given
    )
    x = rng.uniform(-1, 1, (2, 4, 6)).astype(np.float32)
    with pl.load(network, "reference") as naive, on_board(network, device, None) as session:
        assert session.starts == "one"
        same(session.infer(x, lengths=[4, 2]), naive.infer(x, lengths=[4, 2]))
    assert device.live_buffers == 0


def network_of(sizes, stacks=None, wiring=None):
    rng = np.random.default_rng(1)
    net = pl.Network([random_layer(rng, *size) for size in sizes], None, stacks, wiring)
    return pl.compress(net, input_range=(-1, 1), **GIVEN), rng


@pytest.mark.parametrize(
    "sizes, stacks, wiring, kind, text",
    [
        ([(4, 4)] * 2, [pl.Stack(1, True)], None, PlanError, "m0 layer 0, reverse = .*not forward"),
        ([(4, 4)] * 2, None, ["x0", "m0 / 2"], PlanError, "m1 layer 0 = .*not forward over every"),
        ([(4, 4)] * 5, [pl.Stack(5)], None, CapacityError, "pairs = 5: more than 4, the most of"),
    ],
)
def test_fallbacks_say_why(device, sizes, stacks, wiring, kind, text):
    network, rng = network_of(sizes, stacks, wiring)
    x = rng.uniform(-1, 1, (2, 4, 4)).astype(np.float32)
    with pytest.raises(kind, match=text):
        on_board(network, device, starts="one")
    with pl.load(network, "reference") as naive, on_board(network, device) as session:
        same(session.infer(x), naive.infer(x))
        assert session.starts == session.last_run.starts == "passes"
        assert len(session.last_run.passes) == len(network.passes)
        with pytest.raises(kind, match=text):
            raise kind(session.why_passes, 0, "", "")
    assert device.live_buffers == 0


def test_a_run_that_fails_leaves_the_session_usable(stack, device):
    network, x = stack
    with pl.load(network, "reference") as naive:
        expected = naive.infer(x)
    with on_board(network, device) as session, session.stream() as stream:
        for fault in ("no_ap_done", "no_output", "failing_access"):
            session.infer(x)
            stream.reset()
            stream.step(x[0, 0])
            device.faults.add(fault)
            with pytest.raises(pl.DeviceError):
                session.infer(x)
            same(session.infer(x), expected)
        assert session.starts == "one"
    device.faults.add("memory_exhausted")
    with pytest.raises(pl.DeviceError):
        on_board(network, device)
    assert device.live_buffers == 0


def test_a_board_that_is_the_environments(stack, monkeypatch):
    monkeypatch.setenv("PYNQ_LSTM_EMULATE", "1")
    network, x = stack
    with pl.load(network) as session:
        assert (session.backend, session.starts) == ("emulator", "one")
        out, _ = session.infer(x)
    same(pl.infer(network, x), (out, pl.infer(network, x, backend="reference")[1]))
    pl.clear_sessions()
