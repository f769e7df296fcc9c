"""Graphs around LSTM nodes: what becomes of them, against a naive run, and what is refused."""

import numpy as np
import pytest
from onnx_graphs import INT32, Graph, run

import pynq_lstm as pl

RNG = np.random.default_rng(0)
X = RNG.standard_normal((3, 12, 4)).astype(np.float32)  # batch, time, input


def one(number):
    return np.array([number], np.int64)


def f32(*shape):
    return RNG.standard_normal(shape).astype(np.float32)


def time_first(a):
    return np.ascontiguousarray(a.swapaxes(0, 1))


def begin(inputs=4, name="x"):
    g = Graph()
    return g, g.input(name, ["time", "batch", inputs])


def steps(g, y):
    """Y of one direction as (time, batch, hidden)."""
    return g.node("Squeeze", y, one(1))


def check_logits(model, wiring, every_step=False):
    net = pl.Network.from_onnx(model)
    assert net.wiring.to_dict() == wiring
    (theirs,) = run(model, x=time_first(X))
    ours = net.infer_logits(X, every_step=every_step)
    if every_step:
        theirs = theirs.swapaxes(0, 1)
    np.testing.assert_allclose(ours, theirs.reshape(ours.shape), atol=1e-5, rtol=0)
    return net


def test_gemm_with_factors_on_the_last_h():
    g, x = begin()
    _, h, _ = g.lstm(x, 4, 5)
    h = g.node("Squeeze", h, one(0))
    y = g.node("Gemm", h, f32(2, 5), f32(2), alpha=0.5, beta=2.0, transB=1)
    check_logits(g.model(y), {"m0": "x0"})


def test_matmul_and_bias_on_every_step_in_either_order():
    for turned in (False, True):
        g, x = begin()
        y = g.node("MatMul", steps(g, g.lstm(x, 4, 5)[0]), f32(5, 2))
        y = g.node("Add", *([f32(2), y] if turned else [y, f32(2)]))
        check_logits(g.model(y), {"m0": "x0"}, every_step=True)


def test_both_directions_in_the_form_of_tf2onnx():
    """Y_h to (batch, direction * hidden) by Transpose and Reshape."""
    g, x = begin()
    _, h, _ = g.lstm(x, 4, 5, directions=2)
    h = g.node("Reshape", g.node("Transpose", h, perm=[1, 0, 2]), np.array([0, -1]))
    check_logits(g.model(g.node("MatMul", h, f32(10, 2))), {"m0": "x0"})


def test_both_directions_split_and_joined_by_steps():
    """Keras: the forward half at the last step, the reverse half at the first, joined."""
    g, x = begin()
    y, _, _ = g.lstm(x, 4, 5, directions=2)
    forward, back = g.node("Split", y, outputs=2, axis=1)
    forward = g.node("Gather", g.node("Squeeze", forward, one(1)), np.array(-1))
    back = g.node("Gather", g.node("Squeeze", back, one(1)), np.array(0))
    h = g.node("Concat", forward, back, axis=-1)
    model = g.model(g.node("MatMul", h, f32(10, 2)), opset=13)
    check_logits(model, {"m0": "x0"})


def test_both_directions_added():
    """Not in the notation: it goes into the weights of what reads it."""
    g, x = begin()
    y, h, _ = g.lstm(x, 4, 5, directions=2)
    halves = [g.node("Squeeze", a, one(1)) for a in g.node("Split", y, outputs=2, axis=1)]
    _, upper, _ = g.lstm(g.node("Add", *halves), 5, 3)
    h = g.node("Add", *g.node("Split", h, outputs=2, axis=0))
    h = g.node("Concat", g.node("Squeeze", upper, one(0)), g.node("Squeeze", h, one(0)), axis=1)
    net = check_logits(
        g.model(g.node("MatMul", h, f32(8, 2)), opset=13),
        {"m0": "x0", "m1": "m0", "head": "m0, m1"},
    )
    assert net.models[1][0].input_size == 10


def test_a_model_that_the_head_reads_twice():
    g, x = begin()
    h = g.node("Squeeze", g.lstm(x, 4, 5)[1], one(0))
    model = g.model(g.node("MatMul", g.node("Concat", h, h, axis=1), f32(10, 2)))
    assert check_logits(model, {"m0": "x0"}).head.weight.shape == (2, 5)


def test_slices_and_other_orders_go_into_the_weights():
    g, x = begin()
    left = g.node("Slice", x, np.array([2]), np.array([4]), np.array([2]))
    y, _, _ = g.lstm(left, 2, 5)
    upper = g.node("Gather", steps(g, y), np.array([4, 0, 1, 2]), axis=2)
    _, h, _ = g.lstm(upper, 4, 3)
    net = check_logits(
        g.model(g.node("MatMul", g.node("Squeeze", h, one(0)), f32(3, 2))),
        {"m0": "x0", "m1": "m0"},
    )
    assert not net.layers[0].w_ih[:, :2].any() and not net.layers[1].w_ih[:, 3].any()


def test_sum_of_two_and_concatenation_with_the_input():
    g, x = begin()
    a, b = (steps(g, g.lstm(x, 4, 5)[0]) for _ in range(2))
    c, _, _ = g.lstm(g.node("Concat", x, g.node("Add", a, b), axis=2), 9, 3)
    check_logits(
        g.model(g.node("MatMul", steps(g, c), f32(3, 2))),
        {"m0": "x0", "m1": "x0", "m2": "x0, m0 + m1"},
        every_step=True,
    )


def test_tiled_zeros_as_a_state():
    g, x = begin()
    batch = g.node("Slice", g.node("Shape", x), one(1), one(2))
    times = g.node("Concat", one(1), batch, one(1), axis=0)
    zero = g.node("Tile", np.zeros((1, 1, 5), np.float32), times)
    y, _, _ = g.lstm(x, 4, 5, more=["", zero, zero])
    assert str(pl.Network.from_onnx(g.model(y)).wiring) == "m0 = x0"


def test_last_h_as_a_sequence_of_one_step():
    g, x = begin()
    _, h, _ = g.lstm(x, 4, 5)  # (direction, batch, hidden) is (time, batch, hidden) of one step
    low = g.node("Gather", x, one(-1))
    _, h, _ = g.lstm(g.node("Concat", h, low, axis=2), 9, 3)
    check_logits(
        g.model(g.node("MatMul", g.node("Squeeze", h, one(0)), f32(3, 2))),
        {"m0": "x0", "m1": "last(m0), last(x0)"},
    )


def test_slower_models():
    g, x = begin()
    y = steps(g, g.lstm(x, 4, 5)[0])
    slow = g.node("Slice", y, one(3), one(2**31 - 1), one(0), one(4))
    _, h, _ = g.lstm(slow, 5, 3)
    check_logits(
        g.model(g.node("MatMul", g.node("Squeeze", h, one(0)), f32(3, 2))),
        {"m0": "x0", "m1": "m0 / 4"},
    )


def test_layers_whose_h_is_read_are_models_of_their_own():
    g, x = begin()
    y, low, _ = g.lstm(x, 4, 5)
    _, high, _ = g.lstm(steps(g, y), 5, 5)
    h = g.node("Concat", *(g.node("Squeeze", a, one(0)) for a in (high, low)), axis=1)
    net = check_logits(
        g.model(g.node("MatMul", h, f32(10, 2))), {"m0": "x0", "m1": "m0", "head": "m1, m0"}
    )
    assert len(net.stacks) == 2


def test_stacks_need_one_size_and_one_direction():
    for hidden, both, models in ((5, 1, 1), (6, 1, 2), (5, 2, 2)):
        g, x = begin()
        y, _, _ = g.lstm(x, 4, 5)
        y, _, _ = g.lstm(steps(g, y), 5, hidden, directions=both)
        assert len(pl.Network.from_onnx(g.model(y)).stacks) == models


def test_side_by_side_with_inputs_in_the_order_of_the_graph():
    g = Graph()
    first, second = (g.input(name, ["time", "batch", n]) for name, n in (("a", 2), ("b", 3)))
    g.input("unused", ["time", "batch", 7])
    h = [g.node("Squeeze", g.lstm(x, n, 4)[1], one(0)) for x, n in ((first, 2), (second, 3))]
    model = g.model(g.node("MatMul", g.node("Concat", *h, axis=1), f32(8, 2)))
    net = pl.Network.from_onnx(model)
    assert net.is_side_by_side
    assert net.sequences.input_sizes == (2, 3)
    x = [f32(3, 6, n) for n in (2, 3)]
    (theirs,) = run(model, a=time_first(x[0]), b=time_first(x[1]), unused=f32(6, 3, 7))
    np.testing.assert_allclose(net.infer_logits(x), theirs, atol=1e-5)


def test_a_sequence_without_batch():
    g = Graph()
    x = g.node("Unsqueeze", g.input("x", ["time", 4]), one(1))
    y = g.node("Squeeze", g.lstm(x, 4, 5)[0], np.array([1, 2]))
    model = g.model(y)
    (theirs,) = run(model, x=X[0])
    np.testing.assert_allclose(pl.Network.from_onnx(model).infer(X[0])[0], theirs, atol=1e-5)


def test_casts_and_dropout_are_passed():
    g, x = begin()
    y = g.node("Dropout", g.node("Cast", x, to=1), np.float32(0.5))
    y, _, _ = g.lstm(y, 4, 5)
    assert str(pl.Network.from_onnx(g.model(y)).wiring) == "m0 = x0"


def test_names_of_open_axes_go_before_their_places():
    g = Graph()
    g.input("h0", [1, "batch", 5])
    g.input("c0", [1, "batch", 5])
    a, b = g.input("a", ["batch", "time", 4]), g.input("b", ["time", "batch", 2])
    x = g.node("Concat", g.node("Transpose", a, perm=[1, 0, 2]), b, axis=2)
    y, _, _ = g.lstm(x, 6, 5, more=["", "h0", "c0"])
    net = pl.Network.from_onnx(g.model(y))
    assert net.wiring.to_dict() == {"m0": "x0:4, x1:2"}


@pytest.mark.parametrize("opset", (7, 9, 12))
def test_older_operator_sets(opset):
    """Of which axes are attributes."""
    g, x = begin()
    if opset < 10:
        x = g.node("Slice", x, axes=[0], starts=[1], ends=[2**31 - 1])
        x = g.node("Concat", g.node("Slice", "x", axes=[0], starts=[0], ends=[1]), x, axis=0)
    y, h, _ = g.lstm(x, 4, 5)
    _, upper, _ = g.lstm(g.node("Squeeze", y, axes=[1]), 5, 3, directions=2)
    h = g.node("Unsqueeze", g.node("Squeeze", h, axes=[0]), axes=[0])
    halves = g.node("Split", upper, outputs=2, axis=0, split=[1, 1])
    h = g.node("Concat", *(g.node("Squeeze", a, axes=[0]) for a in (*halves, h)), axis=-1)
    h = g.node("Dropout", h, **({"ratio": 0.5} if opset < 12 else {}))
    model = g.model(g.node("Gemm", h, f32(2, 11), f32(2), transB=1), opset=opset)
    check_logits(model, {"m0": "x0", "m1": "m0", "head": "m1, m0"})


def linear(g, a, inputs, classes=2):
    return g.node("MatMul", a, f32(inputs, classes))


def padded(g, reads):
    lengths = g.input("lengths", ["batch"], INT32)
    y, _, _ = g.lstm("x", 4, 5, more=[lengths])
    if reads == "last step":
        return linear(g, g.node("Gather", steps(g, y), np.array(-1)), 5)
    other = {"none": "", "two": g.input("others", ["batch"], INT32)}.get(reads, lengths)
    if reads == "slow":
        y = g.node("Slice", y, one(1), one(99), one(0), one(2))
    return g.lstm(steps(g, y), 5, 5, more=[other])[0]


@pytest.mark.parametrize(
    "build, text",
    [
        (
            lambda g: g.node("Softmax", linear(g, steps(g, g.lstm("x", 4, 5)[0]), 5)),
            "node 'Softmax3' = 'Softmax': not supported here; keep LSTMs, .*extract_model",
        ),
        (
            lambda g: g.node("Relu", g.lstm("x", 4, 5)[0]),
            "node 'Relu1' = 'Relu': not supported here",
        ),
        (
            lambda g: g.lstm(linear(g, "x", 4, 3), 3, 5),
            r"node 'LSTM1': X = .*the linear layer's matmul0_0.*: .*let the linear layer be last",
        ),
        (
            lambda g: (g.lstm("x", 4, 5), linear(g, "x", 4))[1],
            r"node 'MatMul1': input = \['input 0'\]: not the last h, or all steps, of LSTMs",
        ),
        (
            lambda g: linear(g, linear(g, steps(g, g.lstm("x", 4, 5)[0]), 5), 2),
            "node 'MatMul3' = 'MatMul': a second linear layer, after node 'MatMul2'",
        ),
        (
            lambda g: g.node(
                "Gemm", g.node("Squeeze", g.lstm("x", 4, 5)[1], one(0)), f32(5, 3), f32(3, 1)
            ),
            "node 'Gemm2' = .*not the one bias of a linear layer",
        ),
        (
            lambda g: g.node("Mul", g.lstm("x", 4, 5)[0], np.float32(2)),
            "node 'Mul1' = 'Mul': not supported",
        ),
        (
            lambda g: g.node("Add", g.lstm("x", 4, 5)[0], np.float32(2)),
            "node 'Add1' = 'Add': not a sum of what LSTMs give or read",
        ),
        (
            lambda g: g.node("Concat", g.lstm("x", 4, 5)[0], f32(1, 1, 1, 5), axis=0),
            "node 'Concat1' = 'Concat': mixes constants and data",
        ),
        (
            lambda g: g.lstm(g.lstm("x", 4, 5)[2], 5, 5),
            "node 'LSTM1': X = 'the cell state lstm0_2': .*read h: the outputs Y or Y_h",
        ),
        (
            lambda g: g.lstm(steps(g, g.node("Gather", g.lstm("x", 4, 5)[0], one(3))), 5, 5),
            r"node 'LSTM3': X = 'steps \[3\] of lstm0_0': .*read every step, the last one, or",
        ),
        (
            lambda g: g.lstm(g.node("Slice", "x", one(0), one(7)), 4, 5),
            r"node 'LSTM1': X = 'steps \[0, 1, 2\] of x': .*read every step",
        ),
        (
            lambda g: g.lstm(g.node("Slice", "x", one(-1), one(-99), one(0), one(-1)), 4, 5),
            r"node 'LSTM1': X = 'steps \[\d+, \d+, \d+\] of x'",
        ),
        (
            lambda g: g.lstm(g.node("Slice", "x", one(0), one(1), one(1)), 4, 5),
            "node 'LSTM1': X = 'x with batch and time mixed'",
        ),
        (
            lambda g: g.lstm(g.node("Slice", "x", one(39), one(99)), 4, 5),
            r"node 'LSTM1': X = \(0, .*\): no steps",
        ),
        (
            lambda g: g.lstm(g.node("Reshape", "x", np.array([-1, 1, 4])), 4, 5),
            "node 'LSTM1': X = 'x with .* mixed'",
        ),
        (
            lambda g: g.node("Cast", g.lstm("x", 4, 5)[0], to=10),
            "node 'Cast1' = 'Cast': changes the values",
        ),
        (
            lambda g: g.node("Gather", g.lstm("x", 4, 5)[0], g.input("which", [1], INT32)),
            "node 'Gather1' = 'Gather': mixes constants and data, or data and places",
        ),
        (
            lambda g: g.node("Dropout", "x", np.float32(0.5), np.array(True)),
            "node 'Dropout0' = 'Dropout': is training",
        ),
        (lambda g: g.node("Identity", "x"), "graph = 'no LSTM': nothing to import"),
        (
            lambda g: g.lstm(g.input("w", ["time", "batch", "values"]), 4, 5),
            "graph input 'w', axis 2 = 'open': the number of values of a step is not stated",
        ),
        (
            lambda g: padded(g, "last step"),
            "node 'MatMul3': input = 'the last step of lstm0_0, which is padded': .*read Y_h",
        ),
        (lambda g: padded(g, "none"), "node 'LSTM2': sequence_lens = None: the lengths of others"),
        (lambda g: padded(g, "two"), r"sequence_lens = 'lengths': the lengths of others are \['l"),
        (lambda g: padded(g, "slow"), "node 'LSTM3': sequence_lens = 'lengths': the lengths of"),
    ],
)
def test_refused_by_name(build, text):
    g, _ = begin()
    found = build(g)
    with pytest.raises(pl.NetworkError, match=text):
        pl.Network.from_onnx(g.model(found if isinstance(found, str) else found[0]))


def test_operators_of_others_are_refused():
    g, x = begin()
    model = g.model(*g.lstm(x, 4, 5))
    model.graph.node[0].domain = "com.microsoft"
    with pytest.raises(pl.NetworkError, match="node 'LSTM0' = 'com.microsoft.LSTM': not an oper"):
        pl.Network.from_onnx(model)
