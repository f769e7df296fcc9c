"""LSTMs whose only direction is the reverse one, which nn.LSTM does not have."""

import numpy as np
import pytest
from example_matrices import random_layer

import pynq_lstm as pl
from pynq_lstm.importers import state_dict

RNG = np.random.default_rng(0)
LAYERS = random_layer(RNG, 3, 4), random_layer(RNG, 4, 4)
NETWORK = pl.Network(LAYERS, stacks=[pl.Stack(2, reverse=True)])
X, LENGTHS = RNG.standard_normal((3, 6, 3)).astype(np.float32), np.array([6, 1, 4])


def test_is_the_forward_one_on_the_sequence_turned_round():
    forward = pl.Network(LAYERS, stacks=[pl.Stack(2)])
    out, (h, c) = NETWORK.infer(X, lengths=LENGTHS)
    for n, length in enumerate(LENGTHS):
        there, ends = forward.infer(X[n : n + 1, :length][:, ::-1])
        np.testing.assert_allclose(out[n, :length], there[0, ::-1], atol=1e-6)
        for ours, theirs in zip((h, c), ends):
            np.testing.assert_allclose(ours[:, n], theirs[:, 0], atol=1e-6)
        assert not out[n, length:].any()


def test_last_h_is_that_of_the_first_step():
    both = pl.Network(
        [*LAYERS, random_layer(RNG, 4, 2)],
        stacks=[pl.Stack(2, reverse=True), pl.Stack()],
        wiring=["x0", "last(m0)"],
    )
    head = pl.Network([both.layers[2]])
    h = both.infer(X)[1][0][0][-1]
    np.testing.assert_allclose(both.infer(X)[0][1], head.infer(h[:, None])[0], atol=1e-6)


def test_file_comes_back(tmp_path):
    state_dict.save(NETWORK, tmp_path / "net.safetensors")
    loaded = pl.Network.load(tmp_path / "net.safetensors")
    assert loaded.stacks == NETWORK.stacks
    assert np.array_equal(loaded.infer(X)[0], NETWORK.infer(X)[0])


def test_refused_by_name():
    with pytest.raises(pl.NetworkError, match="reverse = True: bidirectional has both"):
        pl.Stack(1, True, True)
    with pytest.raises(pl.NetworkError, match="reverse = 2: not a bool"):
        pl.Stack(reverse=2)


def test_compressed_is_the_plain_one_on_the_sequence_turned():
    one, plain = pl.Network(LAYERS[:1], stacks=[pl.Stack(reverse=True)]), pl.Network(LAYERS[:1])
    turned = np.ascontiguousarray(X[:, ::-1])
    made = pl.compress(one, calibration=X, refinements=2, progress=False)
    model = pl.compress(plain, calibration=turned, refinements=2, progress=False)
    assert made.passes[0].content_hash == model.content_hash
    with pl.load(made, "cpu") as session, pl.load(model, "cpu") as other:
        (out, state), (expected, its) = session.infer(X), other.infer(turned)
    assert np.array_equal(out, expected[:, ::-1]) and np.array_equal(state, its)


def test_picture_has_the_arrow_back():
    pytest.importorskip("matplotlib")
    shown = {text.get_text() for text in NETWORK.plot().texts}
    assert "\N{LEFTWARDS ARROW} 4" in shown and "\N{RIGHTWARDS ARROW} 4" not in shown
