"""What is counted: CALLS inferences by a session, or by a float network in NumPy.

Runs as aarch64 code, by tools/aarch64/python. Prints where the C kernels were loaded.
"""

import argparse
import re
from pathlib import Path

import numpy as np


def session(model, x):
    """A function that infers once, through the public session, on one thread."""
    import pynq_lstm as pl

    opened = pl.load(model, backend="cpu", threads=1)
    return lambda: opened.infer(x)


def network(model, x):
    """A function that runs the float network of the demonstration once, as the package does."""
    from pynq_lstm.examples import fashion_mnist

    demo = fashion_mnist.network()
    return lambda: demo.infer(x)


def dense(model, x):
    """The same in plain NumPy: no checks, no lengths, no batch, and so with less work."""
    from pynq_lstm.examples import fashion_mnist

    layers = [
        (layer.w_ih.T.copy(), layer.w_hh.copy(), layer.bias)
        for layer in fashion_mnist.network().layers
    ]
    return lambda: [lstm(*layer, sequence[0]) for layer, sequence in zip(layers, x)]


def lstm(w_ih, w_hh, bias, x):
    """One float32 LSTM over one sequence.

    Parameters
    ----------
    w_ih : ndarray, (input, 4 * hidden), float32
    w_hh : ndarray, (4 * hidden, hidden), float32
    bias : ndarray, (4 * hidden,), float32
    x : ndarray, (time, input), float32

    Returns
    -------
    out, h, c : ndarray
    """
    size = w_hh.shape[1]
    h, c = np.zeros(size, np.float32), np.zeros(size, np.float32)
    out = np.empty((len(x), size), np.float32)
    for t, pre in enumerate(x @ w_ih + bias):
        pre += w_hh @ h
        gates = 1 / (1 + np.exp(-pre))  # g's is not used: fewer calls cost less
        c = gates[size : 2 * size] * c + gates[:size] * np.tanh(pre[2 * size : 3 * size])
        h = gates[3 * size :] * np.tanh(c)
        out[t] = h
    return out, h, c


WORKLOADS = {function.__name__: function for function in (session, network, dense)}


def address_of_kernels():
    """Where the first page of the extension module was loaded; 0 if it was not."""
    maps = Path("/proc/self/maps").read_text(encoding="ascii")
    found = re.search(r"^(\w+)-\w+ \S+ 0+ .*/_kernel\.abi3\.so$", maps, re.M)
    return int(found[1], 16) if found else 0


def main():
    """Run a workload."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("workload", choices=WORKLOADS)
    options.add_argument("model", type=Path, help="a model file; its input is beside it, .npy")
    options.add_argument("calls", type=int)
    options = options.parse_args()
    x = np.load(options.model.with_suffix(".npy"))
    call = WORKLOADS[options.workload](options.model, x)
    for _ in range(options.calls):
        call()
    print(address_of_kernels())


if __name__ == "__main__":
    main()
