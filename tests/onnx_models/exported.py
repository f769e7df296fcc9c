"""Random networks for export, and the comparison of an ONNX model's outputs with theirs."""

import numpy as np
import random_wirings

import pynq_lstm as pl

SEEDS = range(16)
HEAD_SEEDS = range(0, 16, 2)


def case(seed):
    """A network, inputs (batch, time, input) for it, and lengths that it takes."""
    rng = np.random.default_rng(seed)
    network, sizes = random_wirings.random_network(rng)
    if seed in HEAD_SEEDS:
        joined = sum(network.sequences.head_sizes)
        head = pl.Head(rng.standard_normal((3, joined)).astype("f4"), rng.random(3, np.float32))
        network = pl.Network(network.layers, head, network.stacks, network.wiring)
    slowest = max(rate or 1 for rate in network.wiring.rates)
    lengths = rng.integers(slowest, slowest + 6, 3)
    x = [rng.standard_normal((3, slowest + 6, size)).astype(np.float32) for size in sizes]
    return network, x if len(x) > 1 else x[0], lengths


def check(network, model, x, lengths, run):
    """Whether ``run(model, **inputs)`` gives what the network gives."""
    count = network.wiring.inputs
    given = {f"x{j}": a for j, a in enumerate([x] if count == 1 else x)}
    if lengths is not None:
        given["lengths"] = lengths.astype(np.int32)
    found = dict(zip((output.name for output in model.graph.output), run(model, **given)))
    out, ends = network.infer(x, lengths=lengths)
    if len(network.stacks) == 1:
        out, ends = [out], [[side] for side in ends]
    for j, name in enumerate(network.wiring.names):
        for kind, expected in zip(("out", "h", "c"), (out[j], ends[0][j], ends[1][j])):
            np.testing.assert_allclose(found[f"{name}_{kind}"], expected, atol=1e-5, rtol=0)
    if network.head is not None:
        expected = network.infer_logits(x, lengths=lengths)
        np.testing.assert_allclose(found["logits"], expected, atol=1e-5, rtol=0)
