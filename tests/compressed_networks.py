"""Random compressed networks, and their passes run by hand: integers alone wherever h is all.

The naive run takes one sequence at a time, without padding, follows the text of the wiring, and
knows nothing of passes but which integers an LSTM has.
"""

import re
from fractions import Fraction

import numpy as np
import random_wirings

import pynq_lstm as pl
from pynq_lstm import reference

OPTIONS = {
    "dense": {},
    "svd": {},
    "block_diagonal": {"block_rank": 2, "gate_bits": 9},
}


def random_float_network(rng, most=5):
    """A network with second directions, reverse models and, where it can have one, a head."""
    while True:
        net, _ = random_wirings.random_network(rng, most)
        stacks = [
            pl.Stack(s.num_layers, reverse=True)
            if not s.bidirectional and rng.random() < 0.2
            else s
            for s in net.stacks
        ]
        head = None
        if rng.random() < 0.5:
            columns = sum(
                s.directions * own[0].hidden_size
                for name, s, own in zip(net.wiring.names, stacks, net.models)
                if name in net.wiring.head
            )
            head = pl.Head(
                rng.standard_normal((3, columns)).astype(np.float32),
                rng.standard_normal(3).astype(np.float32),
            )
        net = pl.Network(net.layers, head, stacks, net.wiring)
        if not net.is_side_by_side:
            return net


def random_x(rng, net, batch=3, spread=1.0):
    """x, shaped for `net`, and valid lengths of its sequences."""
    slowest = net.sequences.slowest
    steps = slowest + int(rng.integers(5))
    x = [
        (spread * rng.standard_normal((batch, steps, size))).astype(np.float32)
        for size in net.sequences.input_sizes
    ]
    return (x if len(x) > 1 else x[0]), rng.integers(slowest, steps + 1, batch)


def random_compressed(rng, method=None, suitable=lambda net: True, **options):
    """A float network, what it compresses to, and typical inputs with lengths.

    Networks are drawn until one is ``suitable``, before the longer work of compressing it.
    """
    net = random_float_network(rng)
    while not suitable(net):
        net = random_float_network(rng)
    x, lengths = random_x(rng, net)
    method = method or str(rng.choice(list(OPTIONS)))
    options = {**OPTIONS[method], "activation_bits": int(rng.choice([8, 16])), **options}
    return net, pl.compress(net, method, calibration=x, progress=False, **options), x, lengths


def listed(net, x):
    """x as a list over external inputs."""
    return x if len(net.sequences.input_sizes) > 1 else [x]


def naive(network, x, state, refinements=None):
    """One sequence through a `CompressedNetwork`.

    Parameters
    ----------
    x : list of ndarray, (time, input), float32
    state : pair of lists over LSTMs of ndarray, (hidden,), float32

    Returns
    -------
    out, h, c : list of ndarray, float64
        `out` over models, h and c over LSTMs; all are exact.
    """
    found = {f"x{j}": (a, a[-1]) for j, a in enumerate(x)}
    places = {k: (p, j) for p, own in enumerate(network.members) for j, k in enumerate(own)}
    answer, k, outs = ([], []), 0, []
    for (name, text), stack in zip(_texts(network), network.stacks):
        data = _gathered(text, found)
        for _ in range(stack.num_layers):
            given, ends = [], []
            for d in range(stack.directions):
                back = d == 1 or stack.reverse
                model, j = network.passes[places[k][0]], places[k][1]
                start = state[0][k], state[1][k]
                out, end = _lstm(model, j, data[::-1] if back else data, start, refinements)
                given.append(out[::-1] if back else out)
                ends.append(end)
                k += 1
            data = np.concatenate(given, axis=1)
            answer[0].extend(h for h, _ in ends)
            answer[1].extend(c for _, c in ends)
        found[name] = data, np.concatenate([h for h, _ in ends])
        outs.append(data)
    grid = 2.0 ** (1 - network.activation_bits)
    fractions = [
        network.passes[places[k][0]].cell_fraction_bits[places[k][1]] for k in range(len(places))
    ]
    cells = [c * 2.0**-f for c, f in zip(answer[1], fractions)]
    return [a * grid for a in outs], [a * grid for a in answer[0]], cells


def _texts(network):
    """Name and expression of every model; models come after what they read."""
    return [(n, str(s)) for n, s in zip(network.wiring.names, network.wiring.sources)]


def _gathered(text, found):
    """Columns of an input: sums of float32 numbers and of codes of h, not yet put together."""
    parts = [
        [_source(term, found) for term in part.split("+")] for part in text.split(",")
    ]  # fmt: skip
    if all(a.dtype.kind == "i" for part in parts for a in part):
        return np.concatenate([sum(part) for part in parts], axis=1)
    return _Mixed(parts)


class _Mixed:
    """An input with external ones in it: float32 when the grid of h is known."""

    def __init__(self, parts, step=1):
        self.parts, self.step = parts, step

    def __getitem__(self, turned):
        return _Mixed(self.parts, -self.step)

    def values(self, grid):
        columns = []
        for part in self.parts:
            total = None
            for a in part:
                a = a if a.dtype.kind == "f" else (a * grid).astype(np.float32)
                total = a if total is None else total + a
            columns.append(total)
        return np.concatenate(columns, axis=1)[:: self.step]


def _source(text, found):
    last, name, every = re.fullmatch(
        r"\s*(last\()?(\w+)(?::\d+)?\)?(?: / (\d+))?\s*", text
    ).groups()
    steps, end = found[name]
    if last:
        return end[None]
    return np.array([row for t, row in enumerate(steps, 1) if t % int(every or 1) == 0])


def _lstm(model, j, data, start, refinements):
    """One LSTM of a pass: codes of h (time, hidden), and of the last h and c."""
    bits, scale = model.activation_bits, model.x_inverse_scale[j]
    low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    if isinstance(data, _Mixed):
        codes = np.rint(data.values(2.0 ** (1 - bits)) * np.float32(scale)).astype(np.int64)
    else:  # round() of a fraction takes halves to even
        ratio = Fraction(scale) / 2 ** (bits - 1)
        codes = np.array([[round(int(v) * ratio) for v in row] for row in data], np.int64)
    codes = np.clip(codes, low, high)
    x = [np.zeros((1, len(codes), size), np.int64) for size in model.input_sizes]
    h, c = ([np.zeros((1, size), np.int64) for size in model.hidden_sizes] for _ in range(2))
    x[j] = codes[None]
    h[j] = np.clip(np.rint(start[0] * 2.0 ** (bits - 1)), low, high).astype(np.int64)[None]
    c[j] = np.clip(np.rint(start[1] * 2.0 ** model.cell_fraction_bits[j]), -32768, 32767)
    c[j] = c[j].astype(np.int64)[None]
    prefix = model.max_refinements if refinements is None else refinements
    result = reference.run(model, x, h, c, np.array([len(codes)]), prefix)
    return result.out[j][0], (result.h[j][0], result.c[j][0])
