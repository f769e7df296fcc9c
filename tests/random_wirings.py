"""Random networks whose models read one another, and the same run naively.

The naive run takes one sequence at a time, without padding and in float64, and follows the
notation by splitting its text: nothing of the package but the weights is in it.
"""

import re

import numpy as np
from example_matrices import random_layer

import pynq_lstm as pl


def random_network(rng, most=6):
    """A network of 1 to `most` models, and the sizes of its external inputs."""
    externals = [int(n) for n in rng.integers(1, 5, rng.integers(1, 4))]
    known = {f"x{j}": (size, 1) for j, size in enumerate(externals)}  # size and rate; 0 is once
    layers, stacks, texts = [], [], {}
    models = int(rng.integers(len(externals), most + 1))
    for j in range(models):
        must = f"x{j}" if j < len(externals) else None  # every external input is read
        parts = [_part(rng, known, must)]
        while rng.random() < 0.4:
            parts.append(_part(rng, known, None, rate=parts[0][2]))
        text = ", ".join(text for text, _, _ in parts)
        size, hidden = sum(size for _, size, _ in parts), int(rng.integers(1, 5))
        stack = pl.Stack(int(rng.integers(1, 4)), bool(rng.random() < 0.4))
        for n in range(stack.cells):
            inputs = size if n < stack.directions else stack.directions * hidden
            layers.append(random_layer(rng, inputs, hidden, gain=2))
        stacks.append(stack)
        known[f"m{j}"] = (stack.directions * hidden, parts[0][2])
        texts[f"m{j}"] = text
    return pl.Network(layers, stacks=stacks, wiring=texts), externals


def _part(rng, known, must, rate=None):
    """The text of a sum of one or two terms, its size and its rate."""
    options = [_term(rng, name, *known[name]) for name in ([must] if must else known)]
    options = [option for option in options if rate is None or option[2] == rate]
    if not options:  # the only term that always is at hand at this rate
        name = next(iter(known))
        options = [(f"last({name}:{known[name][0]})", known[name][0], 0)]
        if rate:
            options = [(f"x0:{known['x0'][0]} / {rate}", known["x0"][0], rate)]
    text, size, rate = options[rng.integers(len(options))]
    alike = [o for o in (_term(rng, n, *known[n]) for n in known) if o[1:] == (size, rate)]
    if alike and rng.random() < 0.4:
        text += " + " + alike[rng.integers(len(alike))][0]
    return text, size, rate


def _term(rng, name, size, rate):
    stated = f"{name}:{size}" if name.startswith("x") or rng.random() < 0.2 else name
    if rng.random() < 0.2:
        return f"last({stated})", size, 0
    every = int(rng.choice([1, 1, 2, 3])) if 0 < rate < 4 else 1
    return (f"{stated} / {every}" if every > 1 else stated), size, rate * every


def run(network, x):
    """One sequence, x a list of (time, input); gives lists over models of out and of h, c."""
    found = {f"x{j}": (a.astype(np.float64), a[-1]) for j, a in enumerate(x)}
    answers = {}
    layers = iter(network.layers)
    stacks = {
        name: [[next(layers) for _ in range(s.directions)] for _ in range(s.num_layers)]
        for name, s in zip(network.wiring.names, network.stacks)
    }
    for name, text in network.wiring.to_dict().items():  # models come after what they read
        data = np.concatenate(
            [sum(_source(t, found) for t in part.split("+")) for part in text.split(",")], axis=1
        )
        ends = []
        for directions in stacks[name]:
            outs = []
            for d, layer in enumerate(directions):
                out, end = _lstm(layer, data[::-1] if d else data)
                outs.append(out[::-1] if d else out)
                ends.append(end)
            data = np.concatenate(outs, axis=1)
        h, c = (np.stack(side) for side in zip(*ends))
        answers[name] = data, h, c
        found[name] = data, np.concatenate(h[-len(directions) :])
    return [list(side) for side in zip(*(answers[n] for n in network.wiring.names))]


def _source(text, found):
    last, name, every = re.fullmatch(
        r"\s*(last\()?(\w+)(?::\d+)?\)?(?: / (\d+))?\s*", text
    ).groups()
    steps, end = found[name]
    if last:
        return end[None]
    return np.array([row for t, row in enumerate(steps, 1) if t % int(every or 1) == 0])


def _lstm(layer, x):
    h = c = np.zeros(layer.hidden_size)
    out = []
    for step in x:
        i, f, g, o = np.split(layer.w_ih @ step + layer.w_hh @ h + layer.bias, 4)
        c = c / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
        h = np.tanh(c) / (1 + np.exp(-o))
        out.append(h)
    return np.array(out), (h, c)
