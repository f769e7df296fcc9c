"""The driver on the emulated board: times, register accesses, faults, growth.

Runs in an environment with pynq. Times are of the emulator on this machine; what a board would
take is modelled.
"""

import statistics
import sys
import time
import warnings

import numpy as np
import pynq
import results

sys.path.insert(0, str(results.ROOT / "tests"))
sys.path.insert(0, str(results.ROOT / "tests" / "accelerator"))
sys.path.insert(0, str(results.ROOT / "tests" / "driver"))

import fault_loop  # isort: skip
from example_matrices import random_layer  # isort: skip
from small_model import small_case  # isort: skip
from soak import soak  # isort: skip

import pynq_lstm as pl
from pynq_lstm.examples import fashion_mnist
from pynq_lstm.runtime.emulator.device import EmulatedDevice

CALLS, LOADS = 300, 7
SOAK_CALLS, SOAK_GOAL = 10_000, 1 << 20
BASIS = "measured on this machine, emulator"


def quantiles(seconds):
    """Milliseconds: median, and the extremes."""
    return {
        "value": 1e3 * statistics.median(seconds),
        "least_ms": 1e3 * min(seconds),
        "most_ms": 1e3 * max(seconds),
    }


def load_figure(model):
    """Opening a session: overlay, self-test, image; the kernel is compiled already."""
    seconds = []
    for _ in range(LOADS):
        device = EmulatedDevice()
        begin = time.perf_counter()
        pl.load(model, backend="emulator", device=device).close()
        seconds.append(time.perf_counter() - begin)
        device.close()
    return results.figure("loading overlay and model", unit="ms", basis=BASIS, **quantiles(seconds))


def call_figures(model, x):
    """A warm call: time, what the board would take, accesses of registers and buffers."""
    device = EmulatedDevice()
    with pl.load(model, backend="emulator", device=device) as session:
        session.infer(x)
        session.infer(x)
        before = dict(device.counters)
        session.infer(x)
        count = {name: device.counters[name] - before[name] for name in before}
        measured = session.benchmark(x, calls=CALLS)
        list(session.infer_many([x] * 2))
        many_before = device.counters["writes"]
        list(session.infer_many([x] * CALLS))
        many_writes = (device.counters["writes"] - many_before) / CALLS
        kernel = session.last_run.kernel_seconds
    device.close()
    kept = count["allocate"] == count["free"] == 0 and count["flush"] == count["invalidate"] == 1
    stages = {f"{name}_ms": 1e3 * stage["p50"] for name, stage in measured.stages.items()}
    return [
        results.figure(
            "a warm call, two LSTMs, one image of 28 steps",
            1e3 * measured.p50,
            "ms",
            p99_ms=1e3 * measured.p99,
            **stages,
            basis=BASIS,
        ),
        results.figure(
            "the kernel's run of that call on a board",
            1e6 * kernel,
            "us",
            cycles=measured.cycles,
            basis="modelled: accelerator/cycles.py at the design's clock",
        ),
        results.figure(
            "registers written in a warm call",
            count["writes"],
            "",
            "1",
            count["writes"] == 1,
            basis="counted by the emulator",
        ),
        results.figure(
            "registers read in a warm call, all of them polls",
            count["reads"],
            "",
            basis="counted; a poll takes 2 us of modelled time",
        ),
        results.figure(
            "buffer operations of a warm call",
            count["flush"] + count["invalidate"] + count["allocate"] + count["free"],
            "",
            "2: a flush, an invalidation",
            kept,
            basis="counted by the emulator",
        ),
        results.figure(
            "registers written in a pipelined call (infer_many)",
            many_writes,
            "",
            "2: the slot, the start",
            many_writes <= 2,
            basis="counted by the emulator",
        ),
    ]


def stack_figures():
    """Two layers in one start, and in two passes whose images take turns on the chip."""
    rng = np.random.default_rng(0)
    layers = [random_layer(rng, 32, 64), random_layer(rng, 64, 64)]
    network = pl.compress(
        pl.Network(layers, stacks=[pl.Stack(2)]),
        input_range=(-1, 1),
        refinements=8,
        progress=False,
    )
    x = rng.uniform(-1, 1, (1, 32, 32)).astype(np.float32)
    found = {starts: stack_times(network, x, starts) for starts in ("one", "passes")}
    return [
        results.figure(
            f"{name} of two layers of 64 units in one start, on a board",
            1e6 * found["one"][key],
            "us",
            "less than in passes",
            found["one"][key] < found["passes"][key],
            in_passes_us=1e6 * found["passes"][key],
            kernel_us=1e6 * found["one"][f"{key} kernel"],
            kernel_in_passes_us=1e6 * found["passes"][f"{key} kernel"],
            basis="modelled: cycles.py, and 2 us a register access; kernel: without LOADs",
        )
        for name, key in (("a call of 32 steps", "call"), ("a step of a stream", "step"))
    ]


def stack_times(network, x, starts):
    """Seconds of a warm call and of a step on the board's clock, and of the kernel's RUNs alone."""
    device, found = EmulatedDevice(), {}
    opened = pl.load(network, "emulator", device=device, starts=starts)
    with opened as session, session.stream() as stream:
        for key, work in (
            ("call", lambda: session.infer(x)),
            ("step", lambda: stream.step(x[0, 0])),
        ):
            work()
            begin = device.clock.now()
            work()
            found[key] = device.clock.now() - begin
            found[f"{key} kernel"] = session.last_run.kernel_seconds
    device.close()
    return found


def fault_figures():
    """Every operation of each use of a board, loading and closing included, fails once."""
    return [fault_figure(name, use) for name, use in fault_loop.uses().items()]


def fault_figure(name, use):
    """One use; what hangs, leaks or spoils the next call would raise."""
    count = fault_loop.operations(use)
    outcomes = fault_loop.run(use, range(1, count + 1))
    return results.figure(
        f"{name}: operations made to fail once each; none hung, leaked or spoiled the next call",
        sum(outcomes.values()),
        "",
        f"all {count}",
        sum(outcomes.values()) == count,
        seen_by_the_user_in=dict(sorted(outcomes.items())),
        basis="register accesses and buffer operations of load, use and close, OSError",
    )


def soak_figure():
    """Memory, files and buffers over many calls."""
    model, x = small_case()
    with pl.load(model, backend="reference") as session:
        expected = session.infer(x)[0]
    with pl.load(model, backend="emulator", overlay="svd_lstm_tiny") as session:
        grown = soak(session, x, expected, SOAK_CALLS)
    fine = grown["grown_bytes"] < SOAK_GOAL and not (
        grown["files"] or grown["buffers"] or grown["wrong"]
    )
    return results.figure(
        f"memory grown over {SOAK_CALLS:,d} calls",
        grown["grown_bytes"] / 1024,
        "KiB",
        "< 1024, and no file, no buffer",
        fine,
        files=grown["files"],
        buffers=grown["buffers"],
        wrong_answers=grown["wrong"],
        basis=BASIS,
    )


def main():
    """Measure and write docs/results/driver.json."""
    warnings.simplefilter("ignore", pl.SaturationWarning)  # random codes are meant to saturate
    model = pl.compress(
        fashion_mnist.network(),
        method="svd",
        calibration=fashion_mnist.calibration(),
        refinements=16,
    )
    images, _ = fashion_mnist.test_set()
    x = fashion_mnist.branches(images[:1])
    with pl.load(model, backend="emulator"):
        pass  # the kernel is compiled on first use
    figures = [load_figure(model), *call_figures(model, x), *stack_figures()]
    figures += [*fault_figures(), soak_figure()]
    results.write("driver", figures, {"pynq": pynq.__version__})


if __name__ == "__main__":
    main()
