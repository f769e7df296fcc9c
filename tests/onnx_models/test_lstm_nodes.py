"""One LSTM node: its forms against a naive run, and what is refused by name."""

import numpy as np
import onnx
import pytest
from onnx_graphs import INT32, Graph, run

import pynq_lstm as pl

RNG = np.random.default_rng(0)
X = RNG.standard_normal((3, 7, 4)).astype(np.float32)  # batch, time, input
LENGTHS = np.array([7, 2, 5], np.int32)


def close(ours, theirs):
    np.testing.assert_allclose(ours, theirs, atol=1e-5, rtol=0)


@pytest.mark.parametrize("padded", (False, True), ids=("whole", "lengths"))
@pytest.mark.parametrize("bias", (False, True), ids=("plain", "bias"))
@pytest.mark.parametrize("layout", (0, 1))
@pytest.mark.parametrize("direction", ("forward", "reverse", "bidirectional"))
def test_every_form(direction, layout, bias, padded):
    g = Graph()
    axes = ["batch", "time", 4] if layout else ["time", "batch", 4]
    x, more = g.input("x", axes), []
    if padded:
        more = [g.input("lengths", ["batch"], INT32)]
    both = direction == "bidirectional"
    outputs = g.lstm(
        x, 4, 5, more=more, directions=1 + both, bias=bias, direction=direction, layout=layout
    )
    model = g.model(*outputs)
    net = pl.Network.from_onnx(model)
    assert net.stacks == (pl.Stack(1, both, direction == "reverse"),)
    given = {"x": X if layout else X.swapaxes(0, 1)}
    if padded:
        given["lengths"] = LENGTHS
    y, y_h, y_c = run(model, **given)
    out, (h, c) = net.infer(X, lengths=LENGTHS if padded else None)
    if layout:
        y_h, y_c = y_h.swapaxes(0, 1), y_c.swapaxes(0, 1)
    y = (y if layout else y.transpose(2, 0, 1, 3)).reshape(out.shape)
    close(out, y)
    close(h, y_h)
    close(c, y_c)


def test_lengths_that_are_all_of_the_time():
    """As tf2onnx writes them: computed from the shape of x."""
    g = Graph()
    x = g.input("x", ["time", "batch", 4])
    shape = g.node("Shape", x)
    time, batch = (g.node("Slice", shape, np.array([n]), np.array([n + 1])) for n in (0, 1))
    lengths = g.node("Cast", g.node("Expand", time, batch), to=INT32)
    model = g.model(*g.lstm(x, 4, 5, more=[lengths]))
    close(
        pl.Network.from_onnx(model).infer(X)[0],
        run(model, x=X.swapaxes(0, 1))[0][:, 0].swapaxes(0, 1),
    )


def test_weights_that_are_put_together_by_nodes():
    g = Graph()
    x = g.input("x", ["time", "batch", 4])
    halves = RNG.standard_normal((2, 4, 10)).astype(np.float32)  # transposed halves of W
    w = g.node("Unsqueeze", g.node("Transpose", g.node("Concat", *halves, axis=1)), np.array([0]))
    r = g.node("Identity", RNG.standard_normal((1, 20, 5)).astype(np.float32))
    model = g.model(g.node("LSTM", x, w, r, hidden_size=5))
    (y,) = run(model, x=X.swapaxes(0, 1))
    close(pl.Network.from_onnx(model).infer(X)[0], y[:, 0].swapaxes(0, 1))


def test_peepholes_of_zeros_and_stated_activations_are_taken():
    g = Graph()
    more = ["", "", "", np.zeros((1, 15), np.float32)]
    y = g.lstm(g.input("x", [7, 3, 4]), 4, 5, more=more, activations=["Sigmoid", "tanh", "Tanh"])
    assert pl.Network.from_onnx(g.model(y[0])).layers[0].hidden_size == 5


ONES = np.ones((1, 3, 5), np.float32)


def states_from_another(g):
    y, h, c = g.lstm("x", 4, 5)
    return g.lstm("x", 4, 5, more=["", h, c])


@pytest.mark.parametrize(
    "build, text",
    [
        (lambda g: g.lstm("x", 4, 5, clip=1.0), "node 'LSTM0': clip = 1.0: not supported; train"),
        (lambda g: g.lstm("x", 4, 5, clip=0.0), "node 'LSTM0': clip = 0.0: not supported"),
        (lambda g: g.lstm("x", 4, 5, input_forget=1), "node 'LSTM0': input_forget = 1: not supp"),
        (
            lambda g: g.lstm("x", 4, 5, activations=["Sigmoid", "Tanh", "Relu"]),
            r"node 'LSTM0': activations = \['Sigmoid', 'Tanh', 'Relu'\]: not Sigmoid, Tanh, Tanh",
        ),
        (
            lambda g: g.lstm("x", 4, 5, activation_alpha=[0.5]),
            r"node 'LSTM0': activation_alpha = \[0.5\]: not supported",
        ),
        (
            lambda g: g.lstm("x", 4, 5, activation_beta=[0.5]),
            r"node 'LSTM0': activation_beta = \[0.5\]: not supported",
        ),
        (lambda g: g.lstm("x", 4, 5, direction="up"), "node 'LSTM0': direction = 'up': unknown"),
        (lambda g: g.lstm("x", 4, 5, layout=2), "node 'LSTM0': layout = 2: unknown; use 0 or 1"),
        (
            lambda g: g.lstm("x", 4, 5, hidden_size=6),
            "node 'LSTM0': hidden_size = 6: R has 5 hidden units",
        ),
        (
            lambda g: g.lstm("x", 4, 5, direction="bidirectional"),
            r"node 'LSTM0': W.shape = \(1, 20, 4\): not 3 axes, the first of 2 directions",
        ),
        (
            lambda g: g.lstm("x", 3, 5),
            r"node 'LSTM0': X = \(.*\): W takes 3 values",
        ),
        (
            lambda g: g.lstm("x", 4, 5, more=["", "", "", np.ones((1, 15), np.float32)]),
            "node 'LSTM0': P = 'present': peepholes; train an LSTM without them",
        ),
        (
            lambda g: g.lstm("x", 4, 5, more=["", ONES, ONES]),
            "(?s)node 'LSTM0': initial_h = array.*: an initial state that is a constant other than "
            "zero; export without it, and pass it as state= to infer",
        ),
        (
            states_from_another,
            "node 'LSTM1': initial_h = 'computed in the graph': the state of an LSTM may not come",
        ),
        (
            lambda g: g.lstm("x", 4, 5, more=[LENGTHS]),
            r"node 'LSTM0': sequence_lens = .*: constant lengths; make them an input",
        ),
        (
            lambda g: g.node("LSTM", "x", g.node("Identity", "x"), ONES, hidden_size=5),
            "node 'LSTM1': W = 'computed from an input': not a constant",
        ),
        (
            lambda g: g.node("LSTM", "x", np.ones((1, 20, 4), np.float32), ONES),
            r"node 'LSTM0': R.shape = \(1, 3, 5\): not \(1, 20, 5\)",
        ),
        (
            lambda g: g.node(
                "LSTM", "x", np.full((1, 20, 4), np.nan), np.ones((1, 20, 5)), hidden_size=5
            ),
            "node 'LSTM0': w_ih = .*nan.*: not finite",
        ),
        (lambda g: g.node("GRU", "x", ONES, ONES), "node 'GRU0' = 'GRU': not supported here; keep"),
    ],
)
def test_refused_by_name(build, text):
    g = Graph()
    g.input("x", ["time", "batch", 4])
    found = build(g)
    with pytest.raises(pl.NetworkError, match=text):
        pl.Network.from_onnx(g.model(found if isinstance(found, str) else found[0]))


def test_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "onnx", None)
    with pytest.raises(
        pl.MissingExtraError, match=r"onnx = None: not installed; pip install '.*\[onnx\]'"
    ):
        pl.Network.from_onnx("net.onnx")


def test_file_and_model_give_the_same(tmp_path):
    g = Graph()
    model = g.model(*g.lstm(g.input("x", ["time", "batch", 4]), 4, 5))
    expected = pl.Network.from_onnx(model).infer(X)[0]
    onnx.save(model, tmp_path / "net.onnx")
    onnx.save(
        model, tmp_path / "split.onnx", save_as_external_data=True, location="w", size_threshold=0
    )
    for name in ("net.onnx", "split.onnx"):
        assert np.array_equal(pl.Network.from_onnx(tmp_path / name).infer(X)[0], expected)
