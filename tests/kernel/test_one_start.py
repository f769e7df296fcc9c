"""Stacks in one start of the kernel: the bits of the passes, layers of one group in one model."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from designs import TINY, TINY_WIDE
from example_matrices import random_layer
from kernel_runs import load, run
from random_waves import random_waves

import pynq_lstm as pl
from pynq_lstm.accelerator import stacks
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.errors import CompressionError, PlanError
from pynq_lstm.parts import list_places
from pynq_lstm.passes import lstms as lstms_of
from pynq_lstm.runtime.one_start_codec import OneStartCodec

pytestmark = pytest.mark.filterwarnings("ignore::pynq_lstm.errors.SaturationWarning")


@pytest.mark.parametrize("design", [TINY, TINY_WIDE], ids=lambda d: d.name)
def test_one_start_gives_the_bits_of_the_passes(kernels, design):
    rng, kernel, seen, done = np.random.default_rng(0), kernels(design), Counter(), 0
    while done < 12:
        net, sizes = random_waves(rng)
        x = [rng.uniform(-1, 1, (2, 5, size)).astype(np.float32) for size in sizes]
        given = {"activation_bits": design.activation_bits, "p_bits": design.p_bits}
        given.update(calibration=[0.8 * a for a in x] if len(x) > 1 else 0.8 * x[0])
        given.update(refinements=2, share=str(rng.choice(["network", "all", "none"])))
        if net.wiring.side_by_side and sum(stack.cells for stack in net.stacks) == len(sizes):
            continue  # a model, not a network
        try:
            network = pl.compress(net, progress=False, **given)
            plan, flat = stacks.of_network(network)
            image = pack(plan, design)
        except (CompressionError, PlanError):
            continue
        done += 1
        load(kernel, image)
        lengths, asked = np.array([5, int(rng.integers(1, 5))]), int(rng.integers(1, 3))
        with pl.load(network, "reference") as session:
            given = x if len(x) > 1 else x[0]
            answer = session.infer(given, lengths=lengths)
            state = [net.sequences.state(answer[1], 2, True), None][int(rng.random() < 0.5)]
            answer = session.infer(given, state and answer[1], lengths, asked)
            told = session.last_run.saturated
        codec = OneStartCodec(network, plan, flat)
        h, c = state or net.sequences.state(None, 2, True)
        *codes, clipped = codec.to_codes(x, h, c, lengths)
        found = run(kernel, image, *codes, lengths, stacks.refinements(network, asked))[0]
        out, h, c = codec.from_codes(found)
        pack_state = net.sequences.pack_state
        ours = net.sequences.pack_out(out, True), (pack_state(h, True), pack_state(c, True))
        for mine, naive in zip(arrays(ours), arrays(answer), strict=True):
            np.testing.assert_array_equal(mine, naive)
        counts = codec.saturated(clipped, found)
        assert {kind: int(np.sum(count)) for kind, count in counts.items()} == told
        seen.update(kinds(plan))
    assert min(seen[kind] for kind in ("finer", "added", "joined", "two layers")) > 0, seen


def arrays(answer):
    out, (h, c) = answer
    return [np.asarray(a) for side in (out, h, c) for a in side]


def kinds(plan):
    """What there is of routes and lanes."""
    for pair in plan.pairs:
        if pair.members[1] is not None and pair.lags[0] != pair.lags[1]:
            yield "two layers"  # in the lanes of one pair
        for route in pair.routes:
            hidden = [s for s in route if s.source is not None]
            yield from ("finer" for s in hidden if s.shift < 0)
            if len({s.offset for s in hidden}) < len(hidden):
                yield "added"
            if hidden and len(hidden) < len(route):
                yield "joined"


def test_what_layers_share_is_on_the_chip_once():
    rng = np.random.default_rng(1)
    net = pl.Network([random_layer(rng, 8, 8) for _ in range(2)], stacks=[pl.Stack(2)])
    given = {"input_range": (-1, 1), "refinements": 2, "progress": False}
    images = {}
    for share in ("none", "network"):
        network = pl.compress(net, share=share, **given)
        assert lstms_of.sources(network.lstms, network.wiring) == [set(), {0}]
        plan, flat = stacks.of_network(network)
        images[share] = pack(plan, TINY)
        assert flat == (0, 1)
    assert [len(i.plan.pairs) for i in images.values()] == [2, 1]
    assert images["network"].plan.pairs[0].lags == (0, 1)


def test_what_needs_passes_is_refused_by_name():
    rng = np.random.default_rng(2)

    def network(sizes, kinds, wiring=None):
        net = pl.Network([random_layer(rng, *size) for size in sizes], None, kinds, wiring)
        return pl.compress(net, input_range=(-1, 1), refinements=1, progress=False)

    for made, text in (
        (network([(3, 4), (3, 4)], [pl.Stack(1, True)]), "m0 layer 0, reverse = 'x0': not forward"),
        (network([(3, 4), (4, 4)], [pl.Stack()] * 2, ["x0", "m0 / 2"]), "m1 layer 0 = 'm0 / 2'"),
        (network([(3, 4), (4, 4)], [pl.Stack()] * 2, ["x0", "last(m0)"]), "m1 layer 0 = 'last"),
        (network([(3, 4), (4, 4)], None, ["x0", "m0 + x1"]), "m1 layer 0 = 'm0 .*rounded after"),
        (network([(3, 4), (7, 4)], None, ["x0", "m0, x0"]), "m1 layer 0 = 'm0, x0': .*is coarser"),
        (network([(3, 4), (4, 4), (8, 4)], None, ["x0", "m0", "m0, m1"]), "m2 .*different lengths"),
    ):
        with pytest.raises(PlanError, match=text.replace("(", r"\(").replace("+", r"\+")):
            stacks.of_network(made)


def test_all_components_of_a_group_run_where_its_passes_have_fewer(kernels):
    rng, kernel = np.random.default_rng(4), kernels(TINY)
    net = pl.Network([random_layer(rng, 6, 6) for _ in range(2)], stacks=[pl.Stack(2)])
    given = {"input_range": (-1, 1), "p_bits": 9, "share": "network", "progress": False}
    whole = pl.compress(net, solver="bcd", refinements=2, sweeps=2, **given)
    (group,) = whole.groups
    parts = {side: without_one(getattr(group, side)) for side in ("input", "hidden")}
    network = replace(whole, groups=(replace(group, **parts),))
    (most,) = {model.max_refinements for model in network.passes}
    assert (most, network.served()) == (group.max_refinements - 1,) * 2
    plan, flat = stacks.of_network(network)
    asked = stacks.refinements(network, network.served())
    assert asked == group.max_refinements
    x, zero = rng.uniform(-1, 1, (2, 4, 6)).astype(np.float32), [np.zeros((2, 6), np.float32)] * 2
    codec, image = OneStartCodec(network, plan, flat), pack(plan, TINY)
    load(kernel, image)
    lengths = np.array([4, 4])
    *codes, _ = codec.to_codes([x], zero, zero, lengths)
    with pl.load(network, "reference") as session:
        expected = session.infer(x)[0]
    out = codec.from_codes(run(kernel, image, *codes, lengths, asked)[0])[0][0]
    np.testing.assert_array_equal(out, expected)
    assert not np.array_equal(
        codec.from_codes(run(kernel, image, *codes, lengths, most)[0])[0][0], expected
    )


def without_one(part):
    """The first component of each gate is not of LSTM 0, the second not of LSTM 1."""
    s, (place, _) = part.s.copy(), list_places(part.counts)
    s[place == 0, 0] = s[place == 1, 1] = 0
    return replace(part, s=s)
