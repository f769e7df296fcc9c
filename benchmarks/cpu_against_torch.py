"""Time one image through the public session beside PyTorch: the shipped network, one thread each.

PyTorch runs the two float32 ``nn.LSTM``; the session runs the same network compressed to
R = 8 components a gate, quantisation and conversion included. Both are timed in turn in one
process, and the ratio is taken pair by pair, so that a busy machine slows both sides of it.
"""

import argparse
import sys
import time

import numpy as np
import results
import torch
from tqdm import tqdm

import pynq_lstm as pl
from pynq_lstm.examples import fashion_mnist

CALLS = 10  # in one timing


def torch_call(network, x):
    """A function that runs the float network's LSTMs in PyTorch once."""
    modules = []
    for layer in network.layers:
        module = torch.nn.LSTM(layer.input_size, layer.hidden_size, batch_first=True).eval()
        weights = (layer.w_ih, layer.w_hh, layer.bias, np.zeros_like(layer.bias))
        for parameter, array in zip(module.parameters(), weights):
            parameter.data = torch.from_numpy(array.copy())
        modules.append(module)
    tensors = [torch.from_numpy(a.copy()) for a in x]
    return lambda: [module(a) for module, a in zip(modules, tensors)]


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
    network = fashion_mnist.network()
    x = fashion_mnist.branches(fashion_mnist.test_set()[0][:1])
    model = pl.compress(
        network, calibration=fashion_mnist.calibration(), refinements=options.rank, progress=False
    )
    times = np.empty((options.pairs, 2))
    with pl.load(model, backend="cpu") as session, torch.inference_mode():
        calls = [torch_call(network, x), lambda: session.infer(x)]
        for call in calls:
            microseconds(call)  # warm up
        for pair in tqdm(range(options.pairs), disable=None):
            for side in (0, 1) if pair % 2 else (1, 0):
                times[pair, side] = microseconds(calls[side])
    ratios = times[:, 0] / times[:, 1]
    interval = median_interval(ratios)
    ratio, (torch_time, own_time) = float(np.median(ratios)), np.median(times, axis=0).tolist()
    figures = [
        results.figure("PyTorch float32, two nn.LSTM, one image", torch_time, "us"),
        results.figure(f"session on the CPU, R = {options.rank}, one image", own_time, "us"),
        results.figure(
            "ratio, median of pairs",
            ratio,
            "x",
            "> 1 over its whole interval",
            interval[0] > 1,
            interval_95=interval,
        ),
    ]
    conditions = {"threads": 1, "pairs": options.pairs, "calls a timing": CALLS}
    results.write("cpu_against_torch", figures, conditions)
    print(f"PyTorch {torch_time:.0f} us, session {own_time:.0f} us, ratio {ratio:.2f}")
    return interval[0] <= 1


if __name__ == "__main__":
    sys.exit(main())
