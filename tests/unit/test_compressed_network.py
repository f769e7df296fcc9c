"""Compressing networks: who shares a pass, grids, provenance, refinements, what is refused."""

import dataclasses
import re

import numpy as np
import pytest
from example_matrices import random_layer

import pynq_lstm as pl

pytestmark = pytest.mark.filterwarnings("ignore::pynq_lstm.errors.SaturationWarning")
RANGE = (-1, 1)


def network(sizes, stacks, wiring, classes=0, columns=0):
    """LSTMs of `sizes`, pairs (inputs, hidden) by flat index."""
    rng = np.random.default_rng(3)
    head = None
    if classes:
        weight = rng.standard_normal((classes, columns)).astype(np.float32)
        head = pl.Head(weight, np.zeros(classes, np.float32))
    return pl.Network([random_layer(rng, *size) for size in sizes], head, stacks, wiring)


def hierarchy(classes=2):
    """audio: 2 layers; video: both directions; fused reads both, slow one step in 2, topic last."""
    sizes = [(3, 4), (4, 4), (5, 4), (5, 4), (12, 6), (6, 4), (12, 5)]
    names = ("audio", "video", "fused", "slow", "topic")
    stacks = [pl.Stack(2), pl.Stack(1, True), pl.Stack(), pl.Stack(), pl.Stack()]
    texts = ("x0", "x1", "audio, video", "fused / 2", "last(slow), last(video)")
    return network(sizes, stacks, pl.Wiring(names, texts), classes, 5)


def compressed(net, method="dense", **options):
    return pl.compress(net, method, input_range=RANGE, progress=False, **options)


CASES = {  # sizes, stacks, wiring, members
    "layers": ([(4, 4)] * 3, [pl.Stack(3)], None, ((0,), (1,), (2,))),
    "directions of a layer share a pass": (
        [(4, 4)] * 2 + [(8, 4)] * 2,
        [pl.Stack(2, True)],
        None,
        ((0, 1), (2, 3)),
    ),
    "models of one depth share a pass": (
        [(4, 4), (3, 5), (9, 2), (4, 4), (4, 4)],
        [pl.Stack(), pl.Stack(), pl.Stack(), pl.Stack(2)],
        ["x0", "x1", "m0, m1", "x0"],
        ((0, 1, 3), (2, 4)),
    ),
    "rates do not": (
        [(4, 4), (4, 4), (4, 4)],
        None,
        ["x0", "x0 / 2", "last(x0)"],
        ((0,), (1,), (2,)),
    ),
    "what waits for two is as deep as the longer way": (
        [(4, 4), (4, 4), (8, 4)],
        None,
        ["x0", "m0", "m0, m1"],
        ((0,), (1,), (2,)),
    ),
    "a shared input": ([(4, 4)] * 2, None, ["x0", "x0"], ((0, 1),)),
    "a head of one": ([(4, 4)] * 2, None, {"head": "m1"}, ((0, 1),)),
    "a reverse LSTM": ([(4, 4)], [pl.Stack(1, reverse=True)], None, ((0,),)),
}


@pytest.mark.parametrize("case", CASES)
def test_which_lstms_share_a_pass(case):
    sizes, stacks, wiring, members = CASES[case]
    made = compressed(network(sizes, stacks, wiring))
    assert type(made) is pl.CompressedNetwork and made.members == members
    assert [model.models for model in made.passes] == [len(own) for own in members]


def test_more_lstms_than_a_model_holds_are_cut():
    net = network([(1, 1)] * 130, None, ["x0"] * 130)
    assert [len(own) for own in compressed(net).members] == [64, 64, 2]


def test_side_by_side_stays_a_model():
    layers = network([(4, 4), (3, 5)], None, None).layers
    named = pl.Network(layers, wiring=pl.Wiring(("a", "b"), ("x0", "x1")))
    first, second = (compressed(net) for net in (named, pl.Network(layers)))
    assert type(first) is pl.CompressedModel and first.content_hash == second.content_hash


def test_grids_of_x():
    """h enters as it is; what is added to it has a power of two; the rest any scale."""
    sizes = [(4, 4), (4, 4), (4, 4), (8, 4)]
    wiring = ["x0", "m0", "m0 + m1", "m2, x0"]
    made = pl.compress(
        network(sizes, None, wiring), "dense", input_range=(-3, 2), progress=False
    )  # noise reaches nearly 3, and the range widens x to it
    scales = [scale for model in made.passes for scale in model.x_inverse_scale]
    assert scales[0] == np.float32(127 / 3) and scales[1] == 128
    assert scales[2] in (64, 128, 256, 512) and scales[3] == 32  # 127 / 3 is 42.3
    wide = compressed(network(sizes, None, wiring), activation_bits=16)
    assert wide.passes[1].x_inverse_scale == (2.0**15,)
    joined = pl.compress(
        network([(4, 4), (4, 4)], None, ["x0", "m0 + x0"]), "dense", input_range=(-3, 3)
    )
    assert joined.passes[1].x_inverse_scale == (16.0,)  # 127 / (3 + 1) is 31.75


def test_the_largest_of_the_calibration_fits():
    x = np.full((1, 4, 4), 2.5, np.float32)
    net = network([(4, 4), (8, 4)], None, ["x0", "m0, x0"])
    made = pl.compress(net, "dense", calibration=x, progress=False)
    assert made.passes[1].x_inverse_scale == (32.0,)  # 127 / 2.5 is 50.8
    with pl.load(made, "reference") as session:
        session.infer(x)
        assert session.last_run.saturated["x"] == 0


def test_properties_and_provenance():
    net = hierarchy()
    made = compressed(net, "svd", refinements=2)
    assert (made.method, made.activation_bits, made.models) == ("svd", 8, 5)
    assert made.input_sizes == (3, 5) and made.hidden_sizes == (4, 4, 6, 4, 5)
    assert made.max_refinements == 2 and made.prefixes is None and made.served() == 2
    told = made.provenance
    assert told["method"] == "svd" and told["calibration"] == "noise"
    lost = energy = count = 0
    kept = made.float_network().layers
    for layer, found in zip(net.layers, kept):
        for name in ("w_ih", "w_hh"):
            a, b = getattr(layer, name).astype(float), getattr(found, name)
            lost, energy, count = lost + ((a - b) ** 2).sum(), energy + (a**2).sum(), count + a.size
    assert told["weight mse"] == pytest.approx(lost / count, rel=1e-4)
    assert told["relative weight error"] == pytest.approx(lost / energy, rel=1e-4)
    for model in made.passes:
        assert {"method", "calibration", "solver", "weight mse"} <= set(model.provenance)
        assert model.head is None
    np.testing.assert_array_equal(made.head.weight, net.head.weight)
    other = made.with_provenance({"by": "hand"})
    assert dict(other.provenance) == {"by": "hand"} and other.content_hash != made.content_hash
    assert compressed(net, "svd", refinements=2).content_hash == made.content_hash


def test_refinements_of_passes_of_different_length():
    made = compressed(hierarchy(), "svd", refinements=4)
    some = compressed(hierarchy(), "svd")
    assert len({model.max_refinements for model in some.passes}) > 1
    assert some.served_by_passes(5) == [min(5, m.max_refinements) for m in some.passes]
    assert some.served(99) == some.max_refinements
    with pl.load(some, "cpu") as all_of_them, pl.load(made, "cpu") as four:
        x = [np.ones((1, 6, size), np.float32) for size in some.input_sizes]
        out, _ = all_of_them.infer(x, refinements=4)
        assert all_of_them.last_run.refinements == 4
        for ours, theirs in zip(out, four.infer(x)[0]):
            np.testing.assert_allclose(ours, theirs, atol=0.05)  # p have other grids
    for wrong in (0, -1, 1.5, True, "a"):
        with pytest.raises(pl.InputError, match="refinements"):
            some.served(wrong)


def test_components_fitted_together_serve_the_whole():
    made = compressed(hierarchy(), "svd", solver="bcd", sweeps=2)
    most = made.max_refinements
    assert made.prefixes == (most,) and made.served_by_passes() == [
        model.max_refinements for model in made.passes
    ]
    with pytest.raises(pl.InputError, match=rf"does not serve; choose from \[{most}\]"):
        made.served(most - 1)


def test_what_does_not_fit_names_the_pass():
    with pytest.raises(
        pl.CompressionError,
        match=r"^pass 1 \(audio layer 1\): refinements = 6: outside 1 to 4 for the input part",
    ):
        compressed(hierarchy(), "svd", refinements=6)
    net = hierarchy()
    dead = dataclasses.replace(net.layers[3], w_hh=np.zeros((16, 4), np.float32))
    layers = [*net.layers[:3], dead, *net.layers[4:]]
    text = "pass 0 (audio layer 0; video layer 0; video layer 0, reverse): layers[2].w_hh = 0.0"
    with pytest.raises(pl.CompressionError, match=re.escape(text)):
        compressed(pl.Network(layers, stacks=net.stacks, wiring=net.wiring), "svd")


def test_calibration_that_is_too_short():
    net = network([(4, 4), (4, 4)], None, ["x0", "x0 / 5"])
    with pytest.raises(pl.CalibrationError, match="calibration: lengths = 4: no step for a model"):
        pl.compress(net, "dense", calibration=np.ones((1, 4, 4), np.float32))
    made = compressed(network([(4, 4), (4, 4)], None, ["x0", "x0 / 40"]))  # noise is longer then
    assert made.members == ((0,), (1,))
    with pytest.raises(pl.CalibrationError, match="one step in 4000: too few of noise"):
        compressed(network([(4, 4), (4, 4)], None, ["x0", "x0 / 4000"]))


def test_long_names():
    layers = network([(1, 1)] * 2, None, None).layers
    net = pl.Network(layers, wiring=pl.Wiring(("a" * 70_000, "b"), ("x0", "x0")))
    with pytest.raises(pl.CompressionError, match="more than 65536 characters of wiring"):
        compressed(net)


def test_too_many_passes():
    net = network([(1, 1)] * 65, [pl.Stack(65)], None)
    with pytest.raises(pl.CompressionError, match="network = 65: more than 64 passes; compress it"):
        compressed(net)


def test_compare_finds_every_lstm_close():
    net = hierarchy()
    made = compressed(net, "dense", activation_bits=16)
    rng = np.random.default_rng(0)
    x = [rng.uniform(-1, 1, (3, 8, size)).astype(np.float32) for size in made.input_sizes]
    found = pl.compare(net, made, x)
    assert len(found.layers) == 7
    for layer in found.layers:
        assert layer.out.max < 0.02 and layer.c.max < 0.04
        assert all(gate.rms < 0.05 for gate in layer.gates.values())
    other = network([(4, 4)] * 2, [pl.Stack(2)], None)
    with pytest.raises(pl.InputError, match="another structure than the network's"):
        pl.compare(other, made, x)
    alone = compressed(pl.Network(other.layers))
    with pytest.raises(pl.InputError, match="pass the CompressedNetwork that compress"):
        pl.compare(other, alone, x)


def wrong(made, **changes):
    return dataclasses.replace(made, **changes)


def test_networks_that_are_none():
    made = compressed(hierarchy())
    first, *others = made.passes
    odd = dataclasses.replace(others[0], x_inverse_scale=(100.0,))
    coarse = dataclasses.replace(others[0], gate_bits=9)
    headed = dataclasses.replace(others[0], head=pl.Head(np.ones((2, 4), "f4"), np.ones(2, "f4")))
    swapped = (made.members[1], made.members[0], *made.members[2:])
    cases = {
        "groups = \\(\\): not a list of CompressedModel": {"groups": ()},
        r"groups\[1\].head = .*the head is the network's": {"groups": (first, headed, *others[1:])},
        r"groups\[1\].gate_bits = 9: not 16 as in": {"groups": (first, coarse, *others[1:])},
        r"passes\[1\].x_inverse_scale\[0\] = 100.0: audio layer 1 reads h: not a power of two": {
            "groups": (first, odd, *others[1:])
        },
        r"members\[0\] = \(1,\): 1 entries, not 3": {"members": swapped},
        "members = .*not each of 7 LSTMs once": {
            "members": (made.members[0], (0,), *made.members[2:])
        },
        r"members\[1\]\[0\] = 5000: outside": {"members": (made.members[0], (5000,), *swapped[2:])},
        "they take 6 layers of 7": {"stacks": (pl.Stack(), *made.stacks[1:])},
        "wiring = 'dict': not a Wiring": {"wiring": {}},
        "head.weight.shape = .* columns": {"head": pl.Head(np.ones((2, 6)), np.ones(2))},
        "provenance": {"provenance": {"a": None}},
    }
    for text, changes in cases.items():
        with pytest.raises(pl.ModelFormatError, match=text):
            wrong(made, **changes)
    late = made.passes[2], made.passes[1], *made.passes[3:]
    with pytest.raises(pl.ModelFormatError, match=r"members\[1\] = 4: reads what no earlier pass"):
        wrong(
            made,
            groups=(first, *late),
            members=(made.members[0], made.members[2], made.members[1], *made.members[3:]),
        )
    assert wrong(made).content_hash == made.content_hash


def test_a_pass_has_one_rate():
    made = compressed(network([(4, 4)] * 2, None, ["x0", "x0 / 2"]))
    both = compressed(pl.Network(made.float_network().layers))
    with pytest.raises(pl.ModelFormatError, match=r"members\[0\] = .*: not LSTMs of one rate"):
        wrong(made, groups=(both,), members=((0, 1),))


@pytest.mark.filterwarnings("default::pynq_lstm.errors.SaturationWarning")
def test_a_warning_of_saturation_names_the_pass():
    net = compressed(network([(3, 4), (4, 4)], [pl.Stack(2)], None))
    x = np.full((1, 5, 3), 4, np.float32)  # beyond RANGE
    with pl.load(net, "cpu") as session, pytest.warns(pl.SaturationWarning) as caught:
        session.infer(x)
    assert str(caught[0].message).startswith("pass 0 (m0 layer 0): 100.00% of x left its range")
