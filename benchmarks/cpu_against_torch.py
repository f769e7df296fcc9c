"""Time the C kernels beside PyTorch: two LSTMs, batch 1, one thread each.

The compressed model has random integers in place of trained ones: 8 bits, per
gate, every tile present, `--rank` components for each gate and part. What its
numbers are does not change what is computed. PyTorch runs two float32
``nn.LSTM`` of the same shape. Both are timed in turn in one process, and the
ratio is taken pair by pair, so that a busy machine slows both sides of it.
"""

import argparse
import sys
import time

import numpy as np
import results
import torch
from tqdm import tqdm

from pynq_lstm.model import CompressedModel, Part
from pynq_lstm.runtime.cpu.backend import CpuBackend

MODELS, INPUTS, HIDDEN, STEPS = 2, 28, 128, 28
CALLS = 10  # in one timing


def random_part(rng, inputs, rank):
    """A per-gate part of `rank` components a gate, one tile a vector."""
    components = 4 * rank
    of_gate = (np.arange(components)[:, None] % 4 == np.arange(4))[:, :, None]
    v = rng.integers(-127, 128, (components, 4, HIDDEN)) * of_gate
    return Part(
        counts=(rank,) * 4,
        u_tile=inputs,
        v_tile=HIDDEN,
        u=rng.integers(-127, 128, (components, inputs)).astype(np.int8),
        u_mask=np.ones((components, 1), bool),
        v=v.astype(np.int8),
        v_mask=of_gate,
        s=rng.integers(-32767, 32768, (components, MODELS)).astype(np.int16),
        s_shift=(25,) * MODELS,
    )


def random_model(rng, rank):
    """Two LSTMs side by side with random integers for weights."""
    bias = [rng.integers(-(1 << 16), 1 << 16, 4 * HIDDEN).astype(np.int32) for _ in range(MODELS)]
    return CompressedModel(
        input_sizes=(INPUTS,) * MODELS,
        hidden_sizes=(HIDDEN,) * MODELS,
        activation_bits=8,
        weight_bits=8,
        p_bits=10,
        x_inverse_scale=(32.0,) * MODELS,
        cell_fraction_bits=(11,) * MODELS,
        pre_shift=(6,) * MODELS,
        input=random_part(rng, INPUTS, rank),
        hidden=random_part(rng, HIDDEN, rank),
        bias=bias,
    )


def kernel_call(rng, rank):
    """A function that runs the compressed model once."""
    backend = CpuBackend(random_model(rng, rank))
    x = [rng.integers(-128, 128, (1, STEPS, INPUTS)) for _ in range(MODELS)]
    state = [np.zeros((1, HIDDEN), np.int16) for _ in range(MODELS)]
    return lambda: backend.run(x, state, state, np.array([STEPS]), rank)


def torch_call():
    """A function that runs two nn.LSTM once."""
    lstms = [torch.nn.LSTM(INPUTS, HIDDEN, batch_first=True).eval() for _ in range(MODELS)]
    x = [torch.randn(1, STEPS, INPUTS) for _ in range(MODELS)]
    return lambda: [lstm(a) for lstm, a in zip(lstms, x, strict=True)]


def microseconds(call):
    """Mean wall time of a call over `CALLS` of them."""
    start = time.perf_counter()
    for _ in range(CALLS):
        call()
    return (time.perf_counter() - start) / CALLS * 1e6


def median_interval(values):
    """95 % interval of the median, by order statistics."""
    ordered, count = np.sort(values), len(values)
    reach = 0.98 * np.sqrt(count)
    low, high = int(count / 2 - reach), int(np.ceil(count / 2 + reach))
    return [float(ordered[max(low, 0)]), float(ordered[min(high, count - 1)])]


def main():
    """Measure and write docs/results/cpu_against_torch.json."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rank", type=int, default=8)
    options.add_argument("--pairs", type=int, default=400)
    options = options.parse_args()
    torch.set_num_threads(1)
    calls = [torch_call(), kernel_call(np.random.default_rng(0), options.rank)]
    times = np.empty((options.pairs, 2))
    with torch.inference_mode():
        for call in calls:
            microseconds(call)  # warm up
        for pair in tqdm(range(options.pairs), disable=None):
            for side in (0, 1) if pair % 2 else (1, 0):
                times[pair, side] = microseconds(calls[side])
    ratios = times[:, 0] / times[:, 1]
    ratio, (torch_time, kernel_time) = float(np.median(ratios)), np.median(times, axis=0).tolist()
    figures = [
        results.figure("PyTorch float32, two nn.LSTM, one call", torch_time, "us"),
        results.figure(f"C kernels, R = {options.rank}, one call", kernel_time, "us"),
        results.figure(
            "ratio, median of pairs",
            ratio,
            "x",
            "> 1",
            ratio > 1,
            interval_95=median_interval(ratios),
        ),
    ]
    results.write(
        "cpu_against_torch",
        figures,
        {
            "shape": f"{MODELS} LSTMs, I {INPUTS}, H {HIDDEN}, T {STEPS}, batch 1",
            "threads": 1,
            "pairs": options.pairs,
            "calls a timing": CALLS,
        },
    )
    print(f"PyTorch {torch_time:.0f} us, C kernels {kernel_time:.0f} us, ratio {ratio:.2f}")
    return ratio <= 1


if __name__ == "__main__":
    sys.exit(main())
