"""ONNX graphs for tests, made by hand with onnx.helper."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from onnx.reference.op_run import OpRun

FLOAT, INT32 = TensorProto.FLOAT, TensorProto.INT32


class Graph:
    """A graph that grows: `node` returns the names of what it gives."""

    def __init__(self, seed=0):
        self.rng = np.random.default_rng(seed)
        self.nodes, self.constants, self.inputs = [], [], []

    def input(self, name, axes, kind=FLOAT):
        self.inputs.append(helper.make_tensor_value_info(name, kind, axes))
        return name

    def constant(self, value):
        name = f"constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def node(self, op, *given, outputs=1, **attributes):
        given = [v if isinstance(v, str) else self.constant(v) for v in given]
        n = len(self.nodes)
        names = [f"{op.lower()}{n}_{k}" for k in range(outputs)]
        self.nodes.append(helper.make_node(op, given, names, name=f"{op}{n}", **attributes))
        return names[0] if outputs == 1 else names

    def lstm(self, x, inputs, hidden, *, more=(), directions=1, bias=True, **attributes):
        """An LSTM node of random weights; `more` holds sequence_lens and what follows."""

        def weights(*shape):
            return self.rng.uniform(-1, 1, (directions, *shape)).astype(np.float32)

        given = [x, weights(4 * hidden, inputs), weights(4 * hidden, hidden)]
        given += [weights(8 * hidden) if bias else "", *more]
        if directions == 2:
            attributes["direction"] = "bidirectional"
        attributes.setdefault("hidden_size", hidden)
        return self.node("LSTM", *given, outputs=3, **attributes)

    def model(self, *outputs, opset=17):
        outputs = [helper.make_empty_tensor_value_info(name) for name in outputs]
        graph = helper.make_graph(self.nodes, "graph", self.inputs, outputs, self.constants)
        return helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8
        )


def constants_of(model, data, kept=("X",)):
    """A model of one LSTM node whose inputs, but those of `kept` places, become constants."""
    node = model.graph.node[0]
    places = ["X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c", "P"]
    place_of = dict(zip(node.input, places))
    made = onnx.ModelProto()
    made.CopyFrom(model)
    del made.graph.input[:]
    for given, array in zip(model.graph.input, data):
        if place_of[given.name] in kept:
            made.graph.input.append(given)
        else:
            made.graph.initializer.append(numpy_helper.from_array(array, given.name))
    return made


class LSTM(OpRun):
    """The operator, naively, in float64: gates i, o, f, c as ONNX's text of it says."""

    def _run(
        self, x, w, r, b=None, lengths=None, h0=None, c0=None, p=None, *,
        activations=None, activation_alpha=None, activation_beta=None, clip=None,
        direction=None, hidden_size=None, input_forget=None, layout=None,
    ):  # fmt: skip
        if layout:
            x = x.swapaxes(0, 1)
        time, batch = x.shape[:2]
        size, directions = r.shape[2], len(w)
        out = np.zeros((time, directions, batch, size))
        h, c = (_start(s, layout, (directions, batch, size)) for s in (h0, c0))
        for d in range(directions):
            for n in range(batch):
                steps = range(time if lengths is None else lengths[n])
                if direction == "reverse" or d:
                    steps = steps[::-1]
                for t in steps:
                    pre = w[d] @ x[t, n].astype(float) + r[d] @ h[d, n]
                    if b is not None and b.size:
                        pre += b[d, : 4 * size] + b[d, 4 * size :]
                    i, o, f, g = pre.reshape(4, size)
                    c[d, n] = c[d, n] / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
                    out[t, d, n] = h[d, n] = np.tanh(c[d, n]) / (1 + np.exp(-o))
        found = out, h, c
        if layout:
            found = out.transpose(2, 0, 1, 3), h.swapaxes(0, 1), c.swapaxes(0, 1)
        return tuple(a.astype(np.float32) for a in found)


def _start(state, layout, shape):
    """An initial state as (direction, batch, units), float64, zeros by default."""
    if state is None or not state.size:
        return np.zeros(shape)
    return np.array(state.swapaxes(0, 1) if layout else state, float)


def run(model, **given):
    """The outputs of a model, with the LSTM above."""
    return ReferenceEvaluator(model, new_ops=[LSTM]).run(None, given)
