"""Initial states of LSTM nodes: what `state=` stands for, and what it cannot."""

import numpy as np
import pytest
from onnx_graphs import INT32, Graph, run

import pynq_lstm as pl

RNG = np.random.default_rng(0)
X = RNG.standard_normal((3, 7, 4)).astype(np.float32)  # batch, time, input


def close(ours, theirs):
    np.testing.assert_allclose(ours, theirs, atol=1e-5, rtol=0)


def random_state(rows, hidden=5):
    return tuple(RNG.standard_normal((2, rows, 3, hidden)).astype(np.float32))


@pytest.mark.parametrize("which", ("zeros", "computed"))
def test_zeros(which):
    g = Graph()
    x = g.input("x", ["time", "batch", 4])
    states = [np.zeros((1, 3, 5), np.float32)] * 2
    if which == "computed":  # as TorchScript writes it
        size = g.node("Unsqueeze", g.node("Gather", g.node("Shape", x), np.array(1)), np.array([0]))
        shape = g.node("Concat", np.array([1]), size, np.array([5]), axis=0)
        states = [g.node("ConstantOfShape", shape)] * 2
    model = g.model(*g.lstm(x, 4, 5, more=["", *states]))
    out, (h, c) = pl.Network.from_onnx(model).infer(X)
    y, y_h, y_c = run(model, x=X.swapaxes(0, 1))
    for ours, theirs in zip((out, h, c), (y[:, 0].swapaxes(0, 1), y_h, y_c)):
        close(ours, theirs)


@pytest.mark.parametrize("direction", ("forward", "reverse", "bidirectional"))
@pytest.mark.parametrize("layout", (0, 1))
def test_inputs_of_the_graph(layout, direction):
    g = Graph()
    rows = 2 if direction == "bidirectional" else 1
    axes = ["batch", rows, 5] if layout else [rows, "batch", 5]
    x = g.input("x", ["batch", "time", 4] if layout else ["time", "batch", 4])
    more = ["", g.input("h0", axes), g.input("c0", axes)]
    outputs = g.lstm(x, 4, 5, more=more, directions=rows, direction=direction, layout=layout)
    model, state = g.model(*outputs), random_state(rows)
    h0, c0 = (side.swapaxes(0, 1) if layout else side for side in state)
    y, y_h, y_c = run(model, x=X if layout else X.swapaxes(0, 1), h0=h0, c0=c0)
    out, (h, c) = pl.Network.from_onnx(model).infer(X, state)
    close(out, (y if layout else y.transpose(2, 0, 1, 3)).reshape(out.shape))
    close(h, y_h.swapaxes(0, 1) if layout else y_h)
    close(c, y_c.swapaxes(0, 1) if layout else y_c)


def test_only_h():
    g = Graph()
    x, h0 = g.input("x", ["time", "batch", 4]), g.input("h0", ["batch", 5])
    model = g.model(
        g.lstm(x, 4, 5, more=["", g.node("Unsqueeze", h0, np.array([0])), ""])[0], opset=13
    )
    h, c = random_state(1)
    y = run(model, x=X.swapaxes(0, 1), h0=h[0])[0]
    close(pl.Network.from_onnx(model).infer(X, (h, 0 * c))[0], y[:, 0].swapaxes(0, 1))


def rows_of(g, name, start, stop):
    return g.node("Slice", name, np.array([start]), np.array([stop]), np.array([0]))


def layers(g, x, order, count=2):
    """Two layers, which read rows of h0 and c0 in an order."""
    sides = [g.input(name, [count, "batch", 4]) for name in ("h0", "c0")]
    for row in order:
        more = ["", *(rows_of(g, side, row, row + 1) for side in sides)]
        y, _, _ = g.lstm(x, 4, 4, more=more)
        x = g.node("Squeeze", y, np.array([1]))
    return x


def test_one_input_of_all_layers():
    g = Graph()
    model = g.model(layers(g, g.input("x", ["time", "batch", 4]), (0, 1)))
    state = random_state(2, hidden=4)
    y = run(model, x=X.swapaxes(0, 1), h0=state[0], c0=state[1])[0]
    net = pl.Network.from_onnx(model)
    assert net.stacks == (pl.Stack(2),)
    close(net.infer(X, state)[0], y.swapaxes(0, 1))


def first_step(g, x):
    return g.lstm(x, 4, 4, more=["", rows_of(g, x, 0, 1)])[0]


def whole_x(g, x):
    """A batch that is one step: h starts from what the LSTM reads."""
    return g.lstm(g.input("z", [1, "batch", 4]), 4, 4, more=["", "z"])[0]


def halves(g, x):
    z = g.input("z", [1, "batch", 10])
    return g.lstm(x, 4, 5, more=["", *g.node("Split", z, outputs=2, axis=2)])[0]


def one_input_of_both(g, x):
    z = g.input("z", [2, "batch", 5])
    return g.lstm(x, 4, 5, more=["", rows_of(g, z, 0, 1), rows_of(g, z, 1, 2)])[0]


def integers(g, x):
    return g.lstm(x, 4, 5, more=["", g.input("z", [1, "batch", 5], INT32)])[0]


def turned_batch(g, x):
    z = g.input("z", [1, 3, 5])
    back = [np.array([v]) for v in (-1, -4, 1, -1)]
    return g.lstm(x, 4, 5, more=["", g.node("Slice", z, *back)])[0]


NOT_WHOLE = "neither a whole float input nor the rows of its layers in their order; make it"


@pytest.mark.parametrize(
    "build, text",
    [
        (first_step, "node 'LSTM1': initial_h = 'x': an LSTM reads this input as X; make it"),
        (whole_x, "node 'LSTM0': initial_h = 'z': an LSTM reads this input as X; make it"),
        (halves, "node 'LSTM1': initial_h = 'z': " + NOT_WHOLE),
        (one_input_of_both, "node 'LSTM2': initial_c = 'z': " + NOT_WHOLE),
        (integers, "node 'LSTM0': initial_h = 'z': " + NOT_WHOLE),
        (turned_batch, "node 'LSTM1': initial_h = 'z': " + NOT_WHOLE),
        (lambda g, x: layers(g, x, (1, 0)), "node 'LSTM2': initial_h = 'h0': " + NOT_WHOLE),
        (lambda g, x: layers(g, x, (0, 0)), "node 'LSTM6': initial_h = 'h0': " + NOT_WHOLE),
        (lambda g, x: layers(g, x, (0, 1), 3), "node 'LSTM2': initial_h = 'h0': " + NOT_WHOLE),
    ],
    ids=["first_step", "whole_x", "halves", "both", "integers", "batch", "order", "twice", "part"],
)
def test_what_state_cannot_stand_for(build, text):
    """`infer` would start from zeros where the graph does not, or from others' rows."""
    g = Graph()
    y = build(g, g.input("x", ["time", "batch", 4]))
    with pytest.raises(pl.NetworkError, match=text):
        pl.Network.from_onnx(g.model(y))


def impossible(rows, width, **options):
    def build(g, x):
        return g.lstm(x, 4, 5, more=["", g.input("z", [rows, "batch", width])], **options)[0]

    return build


def batch_first(g, x):
    more = ["", g.input("z", ["batch", 2, 5])]
    return g.lstm(g.input("y", ["batch", "time", 4]), 4, 5, more=more, layout=1)[0]


def uneven_rows(g, x):
    """Two layers that read three rows in their order, but not one each."""
    z = g.input("z", [3, "batch", 4])
    for start, stop in ((0, 2), (2, 3)):
        y, _, _ = g.lstm(x, 4, 4, more=["", rows_of(g, z, start, stop)])
        x = g.node("Squeeze", y, np.array([1]))
    return x


@pytest.mark.parametrize(
    "build, found, wanted",
    [
        (impossible(2, 5), (2, 5), (1, 5)),
        (impossible(1, 7), (1, 7), (1, 5)),
        (impossible(1, 5, directions=2), (1, 5), (2, 5)),
        (batch_first, (2, 5), (1, 5)),
        (uneven_rows, (2, 4), (1, 4)),
    ],
    ids=["rows", "width", "directions", "batch_first", "uneven"],
)
def test_states_of_other_sizes_than_the_node(build, found, wanted):
    """No runtime takes such a graph, and `infer` would take states that it does not have."""
    (a, b), (c, d) = found, wanted
    g = Graph()
    y = build(g, g.input("x", ["time", "batch", 4]))
    text = f"initial_h = '{a} x batch x {b}': 'z' is not {c} x batch x {d} there, .*; export it"
    with pytest.raises(pl.NetworkError, match=text):
        pl.Network.from_onnx(g.model(y))


def test_the_batch_of_a_state_has_a_name_of_its_own():
    """As TorchScript names open axes; in layout 1 x has it first."""
    g = Graph()
    h0 = g.node("Transpose", g.input("h0", [1, "h0_axis_1", 5]), perm=[1, 0, 2])
    x = g.input("x", ["x_axis_0", "x_axis_1", 4])
    model = g.model(*g.lstm(x, 4, 5, more=["", h0], layout=1))
    h, c = random_state(1)
    y = run(model, x=X, h0=h)[0]
    close(pl.Network.from_onnx(model).infer(X, (h, 0 * c))[0], y[:, :, 0])
