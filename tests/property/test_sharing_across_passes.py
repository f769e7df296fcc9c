"""Random groups of LSTMs that share components, whatever passes they run in."""

import pickle
from types import SimpleNamespace

import compressed_networks as networks
import numpy as np
import pytest
from model_files import assert_same

import pynq_lstm as pl
from pynq_lstm import network_file
from pynq_lstm.budgets import costs
from pynq_lstm.compression.weights import dense_weights
from pynq_lstm.errors import CompressionError
from pynq_lstm.model_size import multiplications, parameters, stored_bytes
from pynq_lstm.network_file.schema import describe
from pynq_lstm.passes import order

pytestmark = pytest.mark.filterwarnings("ignore::pynq_lstm.errors.SaturationWarning")
CASES = 8


def partition(rng, count):
    """LSTMs in random groups."""
    owner = rng.integers(0, max(1, count // 2) + 1, count)
    groups = [[int(k) for k in np.flatnonzero(owner == g)] for g in set(owner.tolist())]
    return [list(rng.permutation(group)) for group in groups]


def random_shared(rng, **options):
    """A float network, what it compresses to in random groups, some x and lengths.

    Drawn until some group has LSTMs of several passes.
    """
    while True:
        net = networks.random_float_network(rng, most=3)
        share = partition(rng, len(net.layers))
        place = order.places(order.members(net.wiring, net.stacks))
        if not any(len({place[k] for k in group}) > 1 for group in share):
            continue
        x, lengths = networks.random_x(rng, net)
        given = {"activation_bits": int(rng.choice([8, 16])), "sweeps": 4, **options}
        try:
            made = pl.compress(net, calibration=x, share=share, progress=False, **given)
        except CompressionError as error:
            assert error.field == "v_tile" or "too few for LSTMs" in error.problem
            continue
        return net, made, x, lengths


def uncut(network):
    """Groups in place of passes, for `networks.naive`: every LSTM with all of its group."""
    same = ("stacks", "wiring", "activation_bits")
    fields = {name: getattr(network, name) for name in same}
    return SimpleNamespace(passes=network.groups, members=network.held, **fields)


def listed(network, values):
    return [values] if network.models == 1 else list(values)


@pytest.mark.parametrize("seed", range(CASES))
def test_passes_give_the_bits_of_whole_groups(seed):
    rng = np.random.default_rng(seed)
    solver = str(rng.choice(["greedy", "bcd"]))
    net, network, x, lengths = random_shared(rng, solver=solver)
    refinements = int(rng.integers(1, 4)) if solver == "greedy" else None
    with pl.load(network, "reference") as slow, pl.load(network, "cpu") as fast:
        out, (h, c) = slow.infer(x, lengths=lengths, refinements=refinements)
        again, state = fast.infer(x, lengths=lengths, refinements=refinements)
    zero = [np.zeros(s, np.float32) for s in _sizes(network)]
    for b, length in enumerate(lengths):
        one = [a[b, :length] for a in networks.listed(net, x)]
        expected, h_end, c_end = networks.naive(uncut(network), one, [zero, zero], refinements)
        for ours, rows in zip(listed(network, out), expected, strict=True):
            np.testing.assert_array_equal(ours[b, : len(rows)], rows)
        for ours, ends in ((h, h_end), (c, c_end)):
            flat = [lstm for model in listed(network, ours) for lstm in model]
            for a, end in zip(flat, ends, strict=True):
                np.testing.assert_array_equal(a[b], end)
    for ours, theirs in zip(listed(network, out), listed(network, again), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    for ours, theirs in zip((h, c), state):
        for a, b in zip(listed(network, ours), listed(network, theirs), strict=True):
            np.testing.assert_array_equal(a, b)


def _sizes(network):
    """Hidden units of each LSTM by flat index."""
    found = {}
    for model, own in zip(network.groups, network.held):
        found.update(zip(own, model.hidden_sizes))
    return [found[k] for k in range(len(found))]


@pytest.mark.parametrize("seed", range(CASES))
def test_files_hold_what_is_shared_once(seed, tmp_path):
    rng = np.random.default_rng(100 + seed)
    v_tile = int(rng.integers(1, 3)) if seed % 2 else None
    net, network, x, _ = random_shared(rng, v_tile=v_tile)
    network.save(tmp_path / "a")
    again = pl.CompressedNetwork.load(tmp_path / "a")
    assert_same(network, again)
    assert again.shares == network.shares is not None and again.members == network.members
    assert network_file.to_bytes(again) == (tmp_path / "a").read_bytes()
    assert pickle.loads(pickle.dumps(network)).content_hash == again.content_hash
    of_head = 0 if net.head is None else net.head.weight.nbytes + net.head.bias.nbytes
    found = costs.of(network)
    assert found["bytes"] == sum(map(stored_bytes, network.groups)) + of_head
    assert found["words"] == sum(map(parameters, network.groups))
    assert found["words"] < sum(map(parameters, network.passes))
    assert found["multiplications"] == sum(map(multiplications, network.passes))
    whole = pl.compress(net, calibration=x, v_tile=v_tile, progress=False)
    assert found["words"] <= costs.of(whole)["words"]


@pytest.mark.parametrize("seed", range(CASES))
def test_passes_are_cut_by_the_rule_and_stand_for_the_same_weights(seed):
    rng = np.random.default_rng(200 + seed)
    solver = str(rng.choice(["greedy", "bcd"]))
    net, network, _, _ = random_shared(rng, solver=solver)
    order.check(network.members, network.lstms, net.wiring)
    place = order.places(order.members(net.wiring, net.stacks))
    owner = {k: g for g, own in enumerate(network.held) for k in own}
    keys = [{(place[k], owner[k]) for k in own} for own in network.members]
    assert all(len(key) == 1 for key in keys) and len(set.union(*keys)) == len(keys)
    layers = network.float_network().layers
    for model, own in zip(network.groups, network.held):
        for j, k in enumerate(own):
            w_ih, w_hh = dense_weights(model, j)
            np.testing.assert_array_equal(layers[k].w_ih, w_ih.astype(np.float32))
            np.testing.assert_array_equal(layers[k].w_hh, w_hh.astype(np.float32))
    for p, own in enumerate(network.members):
        model = network.passes[p]
        for name in ("input", "hidden"):
            part = getattr(model, name)
            sizes = getattr(model, f"{name}_sizes")
            assert part.u.shape[1] == max(sizes) and part.v.shape[2] == max(model.hidden_sizes)
            if solver == "bcd" and len(part.s) > 1:
                assert part.s.any(axis=1).all()  # what none of them uses is not computed
        assert model.models == len(own)


def test_groups_of_one_pass_are_a_file_of_the_first_schema():
    rng = np.random.default_rng(300)
    net, network, x, _ = random_shared(rng)
    given = {"calibration": x, "activation_bits": network.activation_bits, "progress": False}
    whole = pl.compress(net, **given)
    named = pl.compress(net, share=[list(own) for own in whole.members], **given)
    assert named.shares is None and named.members == whole.members
    assert [m.input.u.tobytes() for m in named.groups] == [
        m.input.u.tobytes() for m in whole.passes
    ]
    assert [describe(one)["schema"] for one in (whole, named, network)] == [1, 1, 2]
