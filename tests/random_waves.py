"""Random networks that one start of the kernel can run, most of them."""

from example_matrices import random_layer

import pynq_lstm as pl


def random_waves(rng, most=4):
    """Stacks, models on one another, inputs that several read, concatenations and sums.

    Every model reads h of one wave only; what is concatenated with it is from outside.
    """
    sizes = [int(n) for n in rng.integers(1, 6, rng.integers(1, 3))]
    layers, stacks, texts, gives = [], [], [], {}  # of a model: units and its last wave
    while len(texts) < int(rng.integers(1, most + 1)) or len(texts) < len(sizes):
        j = len(texts)
        own = f"x{j}" if j < len(sizes) else f"x{rng.integers(len(sizes))}"
        parts, wave = [own + _stated(own, sizes)], 0
        if j < len(sizes) and rng.random() < 0.3:
            other = f"x{rng.integers(len(sizes))}"
            alike = sizes[int(other[1:])] == sizes[j]
            parts = [f"{parts[0]} + {other}"] if alike else [*parts, other + _stated(other, sizes)]
        elif j >= len(sizes):
            first = rng.choice(list(gives))
            wave, found = gives[first][1] + 1, [n for n in gives if gives[n][1] == gives[first][1]]
            read = [str(rng.choice(found)) for _ in range(rng.integers(1, 3))]
            sums = [n for n in found if gives[n][0] == gives[read[0]][0]]
            if rng.random() < 0.5:
                read[0] += f" + {rng.choice(sums)}"
            parts = read + (parts if rng.random() < 0.4 else [])
        size = sum(_size(part, sizes, gives) for part in parts)
        hidden, deep = int(rng.integers(2, 8)), int(rng.choice([1, 1, 2, 3]))
        layers += [random_layer(rng, size, hidden)]
        layers += [random_layer(rng, hidden, hidden) for _ in range(deep - 1)]
        stacks.append(pl.Stack(deep))
        texts.append(", ".join(parts))
        gives[f"m{j}"] = hidden, wave + deep - 1
    return pl.Network(layers, stacks=stacks, wiring=texts), sizes


def _stated(name, sizes):
    return f":{sizes[int(name[1:])]}"


def _size(part, sizes, gives):
    name = part.split(" + ")[0].partition(":")[0]
    return sizes[int(name[1:])] if name.startswith("x") else gives[name][0]
