"""One node on arrays, by ONNX's reference evaluator, within a budget of memory."""

import numpy as np

from pynq_lstm.errors import NetworkError
from pynq_lstm.importers.onnx_graph.reading import DAMAGED, LARGEST, attributes, title
from pynq_lstm.onnx_extra import onnx

# fmt: off
_BROADCAST = {
    "Add", "And", "Div", "Equal", "Expand", "Greater", "Less", "Max", "Min", "Mod", "Mul", "Not",
    "Or", "Pow", "Sub", "Where",
}
# operators on constants: shapes that are computed, weights that are joined, cut or turned
CONSTANT = _BROADCAST | {
    "Abs", "Cast", "Ceil", "Concat", "Constant", "ConstantOfShape", "Flatten", "Floor", "Gather",
    "Identity", "Neg", "ReduceProd", "Reshape", "Shape", "Size", "Slice", "Split", "Sqrt",
    "Squeeze", "Tile", "Transpose",
    "Unsqueeze",
}
# fmt: on


class Budget:
    """Elements that may still be computed."""

    def __init__(self):
        self.left = LARGEST

    def take(self, what, count):
        """Refuse what is larger than what is left."""
        self.left -= int(count)
        if self.left < 0:
            raise NetworkError(
                what,
                f"{int(count)} elements",
                f"more than the {LARGEST} that reading a graph may take",
                "export with open or smaller batch and time",
            )


def run(node, arrays, opsets, budget):
    """The outputs of a node.

    Parameters
    ----------
    node : NodeProto
    arrays : list of ndarray or None
        One for each of its inputs; None where it is left out.
    opsets : list of OperatorSetIdProto
        Of the model.
    budget : Budget

    Returns
    -------
    list of ndarray
    """
    helper, proto = onnx().helper, onnx().TensorProto
    try:
        budget.take(title(node), max(_largest(node, arrays), 1) * max(len(node.output), 1))
        feeds = {name: a for name, a in zip(node.input, arrays) if a is not None}
        outputs = [name for name in node.output if name]
        graph = helper.make_graph(
            [node],
            "node",
            [helper.make_tensor_value_info(name, proto.UNDEFINED, None) for name in feeds],
            [helper.make_tensor_value_info(name, proto.UNDEFINED, None) for name in outputs],
        )
        single = helper.make_model(graph, opset_imports=opsets)
        return dict(zip(outputs, onnx().reference.ReferenceEvaluator(single).run(None, feeds)))
    except NetworkError:
        raise
    except (*DAMAGED, ImportError, AssertionError) as error:
        raise NetworkError(
            title(node),
            node.op_type,
            f"cannot be computed ({error})",
            "check the model with onnx.checker.check_model, or export it again",
        ) from None


def _largest(node, arrays):
    """Elements of the result, or more."""
    given = [a for a in arrays if a is not None]
    sizes, kind = [a.size for a in given], node.op_type
    if kind == "Concat":
        return sum(sizes)
    if kind == "ConstantOfShape":
        return product(given[0])
    if kind == "Expand":
        return product(np.broadcast_shapes(given[0].shape, tuple(given[1].tolist())))
    if kind in _BROADCAST:
        return product(np.broadcast_shapes(*(a.shape for a in given)))
    if kind == "Tile":
        return sizes[0] * product(np.abs(given[1]))
    if kind == "Gather":
        axis = attributes(node).get("axis", 0)
        return sizes[0] // max(given[0].shape[axis], 1) * sizes[1]
    return max(sizes, default=0)


def product(sizes):
    """Of sizes."""
    count = 1  # of Python's integers: NumPy's overflow
    for size in sizes:
        count *= int(size)
    return count
