"""The nodes of a graph, one after another: what is taken stands in `Walk.HANDLERS`."""

import numpy as np

from pynq_lstm.errors import NetworkError
from pynq_lstm.importers.onnx_graph import evaluate, head_node, lstm_node, reading
from pynq_lstm.importers.onnx_graph.reading import title
from pynq_lstm.importers.onnx_graph.symbols import NOTHING, Sources, Symbol
from pynq_lstm.onnx_extra import onnx

# operators that move elements: of how many of their inputs, None for all
MOVES = {
    "Cast": 1,
    "Concat": None,
    "Expand": 1,
    "Flatten": 1,
    "Gather": 1,
    "Identity": 1,
    "Reshape": 1,
    "Slice": 1,
    "Split": 1,
    "Squeeze": 1,
    "Transpose": 1,
    "Unsqueeze": 1,
}
_CUT = (
    "keep LSTMs, what moves their data, sums and one linear layer: cut the rest off with "
    "onnx.utils.extract_model"
)


class Walk:
    """A graph under concrete sizes of batch and time.

    Attributes
    ----------
    inputs : list of Source
        The graph's.
    lstms : list of Lstm
    head : HeadNode or None
    sources : Sources
    outputs : list of Source
        What the graph's outputs are made of.
    """

    def __init__(self, model, inputs, sizes):
        self.model, self.sources, self.budget = model, Sources(), evaluate.Budget()
        self.values, self.lstms, self.head = {}, [], None
        for tensor in model.graph.initializer:
            self.values[tensor.name] = reading.array(tensor, "initializer")
        known = {}
        for given in inputs:
            shape = given.shape(sizes, known)
            self.budget.take(f"graph input {given.name!r}", evaluate.product(shape))
            self.values[given.name] = self.sources.add(
                "input", given.name, shape, floating=given.floating
            )
        self.inputs = list(self.sources.found)

    def run(self):
        """Walk over all nodes."""
        for node in self.model.graph.node:
            try:
                self.values.update(self._step(node))
            except NetworkError:
                raise
            except reading.DAMAGED as error:  # attributes of other types, inputs left out
                raise NetworkError(
                    title(node),
                    node.op_type,
                    f"cannot be read ({error})",
                    "check the model with onnx.checker.check_model",
                ) from None
        results = [self.values.get(output.name) for output in self.model.graph.output]
        results = [value for value in results if isinstance(value, Symbol)]
        self.outputs = [source for value in results for source in self.sources.kinds(value)]

    def _step(self, node):
        """What a node gives, by name."""
        if node.domain not in ("", "ai.onnx"):
            raise NetworkError(
                title(node), f"{node.domain}.{node.op_type}", "not an operator of ONNX", _CUT
            )
        given = [self._value(node, name) if name else None for name in node.input]
        if node.op_type in evaluate.CONSTANT and not any(isinstance(v, Symbol) for v in given):
            found = evaluate.run(node, given, self.model.opset_import, self.budget)
        else:
            handler = self.HANDLERS.get(node.op_type)
            if handler is None or not given:
                raise NetworkError(title(node), node.op_type, "not supported here", _CUT)
            found = handler(self, node, given)
        return found

    def _value(self, node, name):
        if name not in self.values:
            raise NetworkError(
                title(node),
                name,
                "read before any node gives it: a cycle, or nodes out of order",
                "check the model with onnx.checker.check_model",
            )
        return self.values[name]

    def _move(self, node, given):
        """Run an operator on the numbers of the elements, once for each addend."""
        count = MOVES[node.op_type]
        count = len(given) if count is None else count
        data, others = given[:count], given[count:]
        if not all(isinstance(v, Symbol) for v in data) or any(
            isinstance(v, Symbol) for v in others
        ):
            raise NetworkError(
                title(node), node.op_type, "mixes constants and data, or data and places", _CUT
            )
        parts = []
        for n in range(max(len(v.addends) for v in data)):
            arrays = [v.addends[n] if n < len(v.addends) else _nothing(v) for v in data]
            parts.append(
                evaluate.run(node, [*arrays, *others], self.model.opset_import, self.budget)
            )
        return {name: Symbol([part[name] for part in parts]) for name in parts[0]}

    def _cast(self, node, given):
        proto = onnx().TensorProto
        to = reading.attributes(node).get("to")
        integers = to in (proto.INT32, proto.INT64)
        kinds = {source.floating for source in self.sources.kinds(given[0])}
        if kinds != {not integers} or not integers and to not in (proto.FLOAT, proto.DOUBLE):
            raise NetworkError(title(node), node.op_type, "changes the values", _CUT)
        return {node.output[0]: given[0]}

    def _shape(self, node, given):
        return evaluate.run(node, [given[0].addends[0]], self.model.opset_import, self.budget)

    def _dropout(self, node, given):
        training = given[2] if len(given) > 2 else None
        if training is not None and (isinstance(training, Symbol) or np.any(training)):
            raise NetworkError(title(node), node.op_type, "is training", "export it for inference")
        return {node.output[0]: given[0]}

    def _add(self, node, given):
        symbols = [v for v in given if isinstance(v, Symbol)]
        constants = [v for v in given if isinstance(v, np.ndarray) and np.any(v)]
        try:
            shape = np.broadcast_shapes(*(v.shape for v in given))
        except ValueError as error:
            raise NetworkError(
                title(node), node.op_type, str(error), "check the model with onnx.checker"
            ) from None
        addends = [ids for v in symbols for ids in v.addends]
        self.budget.take(title(node), evaluate.product(shape) * len(addends))
        logits = any(s.kind == "logits" for v in symbols for s in self.sources.kinds(v))
        if constants and logits and len(addends) == 1 and len(given) == 2:
            head_node.add_bias(self.head, title(node), constants[0])
        elif constants or logits and len(symbols) > 1:  # a bias of zeros changes nothing
            raise NetworkError(
                title(node), node.op_type, "not a sum of what LSTMs give or read", _CUT
            )
        return {node.output[0]: Symbol([np.broadcast_to(ids, shape) for ids in addends])}

    def _linear(self, node, given):
        if self.head is not None:
            raise NetworkError(
                title(node), node.op_type, f"a second linear layer, after {self.head.title}", _CUT
            )
        self.head = head_node.read(node, given)
        shape = (*self.head.x.shape[:-1], len(self.head.weight))
        self.budget.take(title(node), evaluate.product(shape))
        return {node.output[0]: self.sources.add("logits", node.output[0], shape)}

    def _lstm(self, node, given):
        lstm = lstm_node.read(node, given, self.sources)
        time, batch = lstm.x.shape[:2]
        directions, hidden = len(lstm.layers), lstm.layers[0].hidden_size
        self.budget.take(title(node), 2 * evaluate.product((time, directions, batch, hidden)))
        end = directions, batch, hidden
        shapes = {"steps": (time, *end), "h": end, "c": end}
        found = {}
        for name, (kind, shape) in zip(node.output, shapes.items()):
            if not name:
                continue
            more = {"model": len(self.lstms), "backward": lstm.backward}
            (ids,) = self.sources.add(kind, name, shape, **more).addends
            if lstm.batch_first:  # Y becomes (batch, time, direction, units)
                ids = ids.transpose((2, 0, 1, 3) if kind == "steps" else (1, 0, 2))
            found[name] = Symbol([ids])
        self.lstms.append(lstm)
        return found

    HANDLERS = {
        **dict.fromkeys(MOVES, _move),
        "Add": _add,
        "Cast": _cast,
        "Dropout": _dropout,
        "Gemm": _linear,
        "LSTM": _lstm,
        "MatMul": _linear,
        "Shape": _shape,
        "Size": _shape,
        "Sum": _add,
    }


def _nothing(symbol):
    return np.full(symbol.shape, NOTHING)
