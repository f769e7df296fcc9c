"""Stacks in one start of the kernel: the bits of the passes, layers of one group in one model."""

import numpy as np
import pytest
from designs import TINY, TINY_WIDE
from example_matrices import random_layer
from kernel_runs import load, run

import pynq_lstm as pl
from pynq_lstm.accelerator import stacks
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.errors import CapacityError, CompressionError, PlanError
from pynq_lstm.passes import lstms as lstms_of

pytestmark = pytest.mark.filterwarnings("ignore::pynq_lstm.errors.SaturationWarning")


def random_stack(rng):
    """One or two stacks of two or three layers, or layers of unequal size one on the other."""
    layers, kinds, wiring = [], [], []
    for _ in range(int(rng.integers(1, 3))):
        inputs, hidden = rng.integers(2, 9, 2).tolist()
        if rng.random() < 0.5:
            own = [(inputs, hidden), *[(hidden, hidden)] * int(rng.integers(1, 3))]
            kinds.append(pl.Stack(len(own)))
            wiring.append(f"x{sum('x' in text for text in wiring)}")
        else:
            other = int(rng.integers(2, 9))
            own = [(inputs, hidden), (hidden, other)]
            kinds += [pl.Stack(), pl.Stack()]
            wiring += [f"x{sum('x' in text for text in wiring)}", f"m{len(wiring)}"]
        layers += [random_layer(rng, *size) for size in own]
    return pl.Network(layers, stacks=kinds, wiring=wiring)


@pytest.mark.parametrize("design", [TINY, TINY_WIDE], ids=lambda d: d.name)
def test_one_start_gives_the_bits_of_the_passes(kernels, design):
    rng, kernel, shared = np.random.default_rng(0), kernels(design), 0
    done = 0
    while done < 24:
        net = random_stack(rng)
        share = rng.choice(["network", "all", "none"])
        given = {"activation_bits": design.activation_bits, "p_bits": design.p_bits}
        given.update(input_range=(-1, 1), refinements=2, share=str(share), progress=False)
        try:
            network = pl.compress(net, **given)
            plan, flat = stacks.of_network(network)
            image = pack(plan, design)
        except (CompressionError, CapacityError) as error:
            assert isinstance(error, CapacityError) or "too few for LSTMs" in error.problem
            continue
        done += 1
        load(kernel, image)
        lengths = np.array([5, int(rng.integers(1, 5))])
        sizes = net.sequences.input_sizes
        x = [rng.uniform(-1, 1, (2, 5, size)).astype(np.float32) for size in sizes]
        with pl.load(network, "reference") as session:
            out, (h, c) = session.infer(x if len(x) > 1 else x[0], lengths=lengths)
        found = kernel_run(network, plan, flat, kernel, image, x, lengths)
        h, c = ([one for side in _listed(network, a) for one in side] for a in (h, c))
        tops = np.cumsum([stack.num_layers for stack in net.stacks]) - 1
        for n, k in enumerate(flat):
            unit = 2.0 ** (1 - network.activation_bits)
            np.testing.assert_array_equal(found.h[n] * unit, h[k])
            np.testing.assert_array_equal(found.c[n] * 2.0 ** -fraction(network, k), c[k])
            if k in tops:
                one = _listed(network, out)[list(tops).index(k)]
                np.testing.assert_array_equal(found.out[n] * unit, one)
        lanes = [pair.lags for pair in plan.pairs if pair.members[1] is not None]
        shared += any(a != b for a, b in lanes)
    assert shared > 2  # two layers in the lanes of one pair


def kernel_run(network, plan, flat, kernel, image, x, lengths):
    codes, bits = [], network.activation_bits
    limit = 1 << (bits - 1)
    for k, size in zip(flat, plan.external_sizes()):
        if not size:
            codes.append(None)
            continue
        lstm = network.lstms[k]
        source = x[int(network.wiring.sources[lstm.model].terms[0].source[1:])]
        scaled = np.rint(source * np.float32(scale(network, k)))
        codes.append(np.clip(scaled, -limit, limit - 1).astype(np.int64))
    zero = [np.zeros((len(lengths), size), np.int64) for size in plan.hidden_sizes()]
    most = max(model.max_refinements for model in network.groups)
    return run(kernel, image, codes, zero, zero, lengths, most)[0]


def _of(network, k, name):
    found = zip(network.groups, network.held)
    return next(getattr(model, name)[own.index(k)] for model, own in found if k in own)


def scale(network, k):
    return _of(network, k, "x_inverse_scale")


def fraction(network, k):
    return _of(network, k, "cell_fraction_bits")


def _listed(network, values):
    return [values] if network.models == 1 else list(values)


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
        (network([(3, 4), (7, 4)], [pl.Stack()] * 2, ["x0", "m0, x0"]), "m1 layer 0 = 'm0, x0'"),
        (network([(3, 4), (6, 4)], [pl.Stack()] * 2, ["x0", "x0, x1"]), "m1 layer 0 = 'x0, x1'"),
    ):
        with pytest.raises(PlanError, match=text.replace("(", r"\(")):
            stacks.of_network(made)
