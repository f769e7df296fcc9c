"""A `Network` as an ONNX model: its operator LSTM, and what brings its inputs together."""

import io
import os

import numpy as np

from pynq_lstm import whole_file
from pynq_lstm.errors import NetworkError
from pynq_lstm.importers.gate_orders import ORDERS, OWN, reordered
from pynq_lstm.onnx_extra import onnx
from pynq_lstm.wiring import names

OPSET, IR_VERSION = 13, 7  # both of 2020: all that is used here is there
_TO_END = 2**31 - 1


def save(network, path, lengths=False, every_step=False):
    """Write a network as ONNX, a file that appears whole or not at all; arguments as `model`.

    An existing file is replaced; where writing fails it stays as it was. Names that end in a text
    format of onnx, such as ``.textproto`` or ``.json``, get that format.

    Raises
    ------
    NetworkError
        `path` is none, or nothing can be written there; else as `model`.
    """
    try:
        path = os.fsdecode(path)
    except TypeError:
        problem, remedy = "not a path", "pass the name of the file to be written"
        raise NetworkError("path", type(path).__name__, problem, remedy) from None
    made = model(network, lengths, every_step)
    try:
        whole_file.replace(path, _serialised(made, path))
    except (OSError, ValueError) as error:
        problem, remedy = f"cannot be written ({error})", "name a file in a folder that is there"
        raise NetworkError("path", path, problem, remedy) from None


def _serialised(made, path):
    """The bytes of a model, in the format that onnx reads from a file of this name."""
    raw, (_, ending) = io.BytesIO(), os.path.splitext(path)
    registry = onnx().serialization.registry
    onnx().save_model(made, raw, registry.get_format_from_file_extension(ending))
    return raw.getvalue()


def model(network, lengths=False, every_step=False):
    """A network as an ONNX model in float32.

    Parameters
    ----------
    network : Network
    lengths : bool
        Give the graph an input ``lengths`` (batch,), int32: valid steps of each sequence.
    every_step : bool
        Logits of every step, not of the last h.

    Returns
    -------
    onnx.ModelProto
        Inputs x0, x1, ... (batch, time, input); outputs of each model ``NAME_out`` (batch, time,
        D * hidden), ``NAME_h`` and ``NAME_c`` (layers * D, batch, hidden), and of a head
        ``logits`` (batch, classes) or (batch, time, classes). Batch and time are open.

    Raises
    ------
    NetworkError
        `every_step` without a head, or where it reads models of different rates.
    MissingExtraError
        onnx is not installed.
    """
    graph = _Graph(network, lengths)
    for j in network.wiring.order:
        graph.add_model(j)
    outputs = {}
    for name, stack, own, rate in zip(
        network.wiring.names, network.stacks, network.models, network.wiring.rates
    ):
        size = own[0].hidden_size
        outputs[f"{name}_out"] = "batch", _time(rate), stack.directions * size
        outputs[f"{name}_h"] = outputs[f"{name}_c"] = stack.cells, "batch", size
    if network.head is not None:
        graph.add_head(every_step)
        steps = _time(network.wiring.rates[network.wiring.names.index(network.wiring.head[0])])
        shape = ("batch", steps) if every_step else ("batch",)
        outputs["logits"] = *shape, len(network.head.bias)
    elif every_step:
        raise NetworkError(
            "every_step", True, "this network has no head", "leave it out: NAME_out has all steps"
        )
    return graph.proto(outputs)


class _Graph:
    """A graph that grows; inside it sequences are (time, batch, size)."""

    def __init__(self, network, lengths):
        self.network, self.lengths = network, "lengths" if lengths else ""
        self.nodes, self.constants = [], []
        self.steps, self.last = {}, {}  # of external inputs and models, by name
        for j in range(network.wiring.inputs):
            name = names.external(j)
            self.steps[name] = self.node("Transpose", name, perm=[1, 0, 2])

    def node(self, op, *given, to=None, **attributes):
        """Add a node of one output; inputs that are arrays become constants."""
        (name,) = self.nodes_of(op, given, [to or f"{op.lower()}.{len(self.nodes)}"], attributes)
        return name

    def nodes_of(self, op, given, to, attributes):
        given = [v if isinstance(v, str) else self.constant(v) for v in given]
        name = f"{op}.{len(self.nodes)}"
        self.nodes.append(onnx().helper.make_node(op, given, to, name=name, **attributes))
        return to

    def constant(self, value):
        """An initialiser: floats as float32, integers as int64."""
        value = np.asarray(value)
        value = value.astype(np.float32 if value.dtype.kind == "f" else np.int64)
        name = f"constant.{len(self.constants)}"
        self.constants.append(onnx().numpy_helper.from_array(value, name))
        return name

    def add_model(self, j):
        """All layers of model j."""
        network = self.network
        name, stack, layers = network.wiring.names[j], network.stacks[j], network.models[j]
        x, lengths = self._read(network.wiring.sources[j]), self._lengths(j)
        direction = "bidirectional" if stack.bidirectional else "forward"
        attributes = {
            "direction": "reverse" if stack.reverse else direction,
            "hidden_size": layers[0].hidden_size,
        }
        ends = []
        for start in range(0, stack.cells, stack.directions):
            own = layers[start : start + stack.directions]
            base = f"{name}.{len(ends)}"
            to = [f"{base}.{kind}" for kind in ("Y", "Y_h", "Y_c")]
            given = [x, *_weights(own), lengths]
            self.nodes_of("LSTM", given if lengths else given[:-1], to, attributes)
            ends.append(to[1:])
            x = self.node("Transpose", to[0], perm=[0, 2, 1, 3])
            x = self.node("Reshape", x, [0, 0, -1])
        self.steps[name] = x
        turned = self.node("Transpose", ends[-1][0], perm=[1, 0, 2])
        self.last[name] = self.node("Reshape", turned, [0, -1])
        self.node("Transpose", x, perm=[1, 0, 2], to=f"{name}_out")
        for kind, tensors in zip("hc", zip(*ends)):
            self.node("Concat", *tensors, axis=0, to=f"{name}_{kind}")

    def add_head(self, every_step):
        """Logits."""
        network = self.network
        read = network.wiring.head
        network.sequences.check_every_step(every_step)
        found = [f"{name}_out" if every_step else self.last[name] for name in read]
        h = found[0] if len(found) == 1 else self.node("Concat", *found, axis=-1)
        product = self.node("MatMul", h, network.head.weight.T)
        self.node("Add", product, network.head.bias, to="logits")

    def _read(self, expression):
        """What a model reads."""
        parts = []
        for part in expression.parts:
            first, *others = (self._term(term) for term in part)
            for other in others:
                first = self.node("Add", first, other)
            parts.append(first)
        return parts[0] if len(parts) == 1 else self.node("Concat", *parts, axis=2)

    def _term(self, term):
        x = self.steps[term.source]
        if term.last and term.source in self.last:
            return self.node("Unsqueeze", self.last[term.source], [0])
        if term.last and self.lengths:  # the last valid step comes first
            lengths = f"lengths.{len(self.nodes)}"
            kind = {"to": onnx().TensorProto.INT64}
            self.nodes_of("Cast", [self.lengths], [lengths], kind)
            x = self.node("ReverseSequence", x, lengths, time_axis=0, batch_axis=1)
            return self.node("Slice", x, [0], [1], [0])
        if term.last:
            return self.node("Slice", x, [-1], [_TO_END], [0])
        if term.every > 1:
            return self.node("Slice", x, [term.every - 1], [_TO_END], [0], [term.every])
        return x

    def _lengths(self, j):
        """Valid steps of what model j reads; none for a model that runs once."""
        rate = self.network.wiring.rates[j]
        if not self.lengths or rate is None or rate == 1:
            return self.lengths if rate else ""
        every = onnx().numpy_helper.from_array(np.array(rate, np.int32), f"rate.{j}")
        self.constants.append(every)
        return self.node("Div", self.lengths, every.name)

    def proto(self, outputs):
        """The whole; `outputs` has the axes of each, by name."""
        helper, kinds = onnx().helper, onnx().TensorProto
        sizes = self.network.sequences.input_sizes
        inputs = [
            helper.make_tensor_value_info(names.external(j), kinds.FLOAT, ["batch", "time", size])
            for j, size in enumerate(sizes)
        ]
        if self.lengths:
            inputs.append(helper.make_tensor_value_info("lengths", kinds.INT32, ["batch"]))
        given = [helper.make_tensor_value_info(n, kinds.FLOAT, outputs[n]) for n in outputs]
        graph = helper.make_graph(self.nodes, "pynq_lstm", inputs, given, self.constants)
        return helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name="pynq_lstm",
        )


def _time(rate):
    """The name, or the size, of the axis of a model's steps."""
    return 1 if rate is None else "time" if rate == 1 else f"time_{rate}"


def _weights(layers):
    """W, R and B of the directions of a layer, in ONNX's order of gates."""

    def turned(array):
        return reordered(array, OWN, ORDERS["onnx"])

    return (
        np.stack([turned(layer.w_ih) for layer in layers]),
        np.stack([turned(layer.w_hh) for layer in layers]),
        np.stack([np.concatenate([turned(layer.bias), 0 * layer.bias]) for layer in layers]),
    )
