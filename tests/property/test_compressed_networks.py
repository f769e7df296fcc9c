"""Random compressed networks: passes by hand, the C kernels, the float network, files, streams."""

import pickle

import compressed_networks as networks
import numpy as np
import pytest
from model_files import assert_same

import pynq_lstm as pl
from pynq_lstm import network_file
from pynq_lstm.passes import order

pytestmark = pytest.mark.filterwarnings("ignore::pynq_lstm.errors.SaturationWarning")
CASES = 16


def over_models(network, values):
    return [values] if network.models == 1 else list(values)


def over_lstms(network, values):
    return [lstm for model in over_models(network, values) for lstm in model]


def same(ours, theirs):
    (out, state), (expected, its_state) = ours, theirs
    for a, b in ((out, expected), *zip(state, its_state)):
        for left, right in zip(a, b, strict=True):
            np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize("seed", range(CASES))
def test_session_is_the_passes_by_hand(seed):
    rng = np.random.default_rng(seed)
    for _ in range(3):
        net, network, x, lengths = networks.random_compressed(rng)
        refinements = int(rng.integers(1, 5)) if network.method == "svd" else None
        with pl.load(network, "reference") as session:
            _, state = session.infer(x)
            state = None if rng.random() < 0.3 else state
            out, (h, c) = session.infer(x, state, lengths, refinements)
        out = over_models(network, out)
        h, c = over_lstms(network, h), over_lstms(network, c)
        sides = ([np.zeros_like(a) for a in h],) * 2
        if state is not None:
            sides = [over_lstms(network, side) for side in state]
        for b, length in enumerate(lengths):
            one = [a[b, :length] for a in networks.listed(net, x)]
            expected = networks.naive(network, one, [[a[b] for a in s] for s in sides], refinements)
            for ours, rows in zip(out, expected[0], strict=True):
                np.testing.assert_array_equal(ours[b, : len(rows)], rows)
                assert not ours[b, len(rows) :].any()
            for ours, theirs in ((h, expected[1]), (c, expected[2])):
                for a, row in zip(ours, theirs, strict=True):
                    np.testing.assert_array_equal(a[b], row)


@pytest.mark.parametrize("seed", range(CASES))
def test_kernels_equal_the_reference(seed):
    rng = np.random.default_rng(100 + seed)
    for _ in range(3):
        net, network, x, lengths = networks.random_compressed(rng)
        x, lengths = networks.random_x(rng, net, batch=4, spread=2.0)  # some of it saturates
        with pl.load(network, "cpu") as fast, pl.load(network, "reference") as naive:
            first = fast.infer(x, lengths=lengths)
            same(first, naive.infer(x, lengths=lengths))
            same(fast.infer(x, first[1]), naive.infer(x, first[1]))
            same(fast.infer(x, first[1]), naive.infer(x, first[1]))  # bound by now
            assert fast.last_run.saturated == naive.last_run.saturated
            assert fast.last_run.values == naive.last_run.values
            if net.head is not None:
                ours, theirs = (s.infer_logits(x, lengths=lengths) for s in (fast, naive))
                np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("seed", range(CASES))
def test_close_to_the_float_network(seed):
    """With 16 bits of x and h, on the calibration data, against the weights it stands for.

    Measured over these seeds: the root of the mean square is at most 0.014, of c in a model whose
    largest cells make its grid coarse; logits are within 0.01.
    """
    rng = np.random.default_rng(200 + seed)
    net, network, x, lengths = networks.random_compressed(rng, "dense", activation_bits=16)
    with pl.load(network, "cpu") as session:
        out, (h, c) = session.infer(x, lengths=lengths)
        logits = None if net.head is None else session.infer_logits(x, lengths=lengths)
    kept = network.float_network()
    assert (kept.stacks, kept.wiring) == (net.stacks, net.wiring)
    expected, (h_float, c_float) = kept.infer(x, lengths=lengths)
    for ours, theirs in ((out, expected), (h, h_float), (c, c_float)):
        for a, b in zip(ours, theirs):
            assert np.sqrt(((a - b) ** 2).mean()) < 0.02
    if logits is not None:
        np.testing.assert_allclose(logits, kept.infer_logits(x, lengths=lengths), rtol=0, atol=0.05)


@pytest.mark.parametrize("seed", range(CASES))
def test_file_round_trip(seed, tmp_path):
    rng = np.random.default_rng(300 + seed)
    _, network, _, _ = networks.random_compressed(rng)
    network.save(tmp_path / "a")
    again = pl.CompressedNetwork.load(tmp_path / "a")
    assert_same(network, again)
    assert network_file.to_bytes(again) == (tmp_path / "a").read_bytes()
    assert again.content_hash == network.content_hash
    assert pickle.loads(pickle.dumps(network)).content_hash == network.content_hash


@pytest.mark.parametrize("seed", range(CASES))
def test_every_lstm_runs_once_after_what_it_reads_and_as_early_as_it_can(seed):
    rng = np.random.default_rng(400 + seed)
    _, network, _, _ = networks.random_compressed(rng, "dense")
    order.check(network.members, network.lstms, network.wiring)
    assert len(network.members) <= len(network.lstms)
    assert network.members == order.members(network.wiring, network.stacks)


def can_stream(net):
    forward = not any(s.bidirectional or s.reverse for s in net.stacks)
    return forward and set(net.wiring.rates) == {1}


def test_streams_equal_whole_sequences():
    rng = np.random.default_rng(500)
    for _ in range(12):
        net, network, x, _ = networks.random_compressed(rng, suitable=can_stream)
        x = [a[0] for a in networks.listed(net, x)]
        whole = x if len(x) > 1 else x[0]
        for backend in ("cpu", "reference"):
            with pl.load(network, backend) as session, session.stream() as stream:
                out, state = session.infer(whole)
                steps = [[a[t] for a in x] for t in range(len(x[0]))]
                found = [stream.step(step if len(step) > 1 else step[0]) for step in steps]
                for ours, theirs in zip(stream.state, state):
                    for a, b in zip(ours, theirs, strict=True):
                        np.testing.assert_array_equal(a, b)
                found = [over_models(network, step) for step in found]
                for j, rows in enumerate(over_models(network, out)):
                    np.testing.assert_array_equal(np.stack([step[j] for step in found]), rows)


def test_the_networks_cover_what_there_is():
    rng = np.random.default_rng(0)
    made = [networks.random_compressed(rng)[1] for _ in range(60)]
    assert {network.method for network in made} == set(networks.OPTIONS)
    stacks = [stack for network in made for stack in network.stacks]
    assert any(s.reverse for s in stacks) and any(s.bidirectional for s in stacks)
    scales = {
        np.log2(scale) - network.activation_bits + 1
        for network in made
        for model, own in zip(network.passes, network.members)
        for scale, k in zip(model.x_inverse_scale, own)
        if network.lstms[k].layer == 0
    }
    assert 0 in scales and any(s < 0 and s % 1 == 0 for s in scales)  # finer and coarser than h
    assert any(len(own) > 2 for network in made for own in network.members)
    assert {1, None} < {rate for network in made for rate in network.wiring.rates}
