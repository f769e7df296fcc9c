"""The linear layer on what the LSTMs give: MatMul or Gemm, and a bias that is added."""

from dataclasses import dataclass

import numpy as np

from pynq_lstm.errors import NetworkError
from pynq_lstm.importers.onnx_graph.reading import attributes, title
from pynq_lstm.importers.onnx_graph.symbols import Symbol


@dataclass
class HeadNode:
    """A linear layer.

    Attributes
    ----------
    title : str
        For errors.
    x : Symbol
        (..., size): what it reads.
    weight : ndarray, (classes, size)
    bias : ndarray, (classes,), or None
    """

    title: str
    x: Symbol
    weight: np.ndarray
    bias: np.ndarray = None


def read(node, given):
    """A Gemm or MatMul as a `HeadNode`.

    Raises
    ------
    NetworkError
        Not a constant matrix on its right.
    """
    name, found = title(node), attributes(node)
    x, weight = given[0], given[1]
    alike = isinstance(x, Symbol) and isinstance(weight, np.ndarray)
    if not alike or weight.ndim != 2 or weight.dtype.kind != "f" or found.get("transA"):
        raise NetworkError(
            name,
            node.op_type,
            "not a product of hidden states and a constant matrix",
            "let a linear layer be MatMul(h, W), or Gemm(h, W, bias)",
        )
    weight = weight if found.get("transB") else weight.T
    if len(x.shape) not in (2, 3) or x.shape[-1] != weight.shape[1]:
        raise NetworkError(
            name, x.shape, f"its matrix takes {weight.shape[1]} values", "export it again"
        )
    head = HeadNode(name, x, weight * np.asarray(found.get("alpha", 1.0), weight.dtype))
    if len(given) > 2 and given[2] is not None:
        if not isinstance(given[2], np.ndarray):
            raise NetworkError(name, "C", "not a constant", "let the bias be a constant")
        add_bias(head, name, given[2] * found.get("beta", 1.0))
    return head


def add_bias(head, name, value):
    """Set the bias of a head that has none yet."""
    classes = len(head.weight)
    one_vector = value.size == 1 or value.shape[-1:] == (classes,) == (value.size,)
    if value.dtype.kind != "f" or not one_vector or head.bias is not None:
        raise NetworkError(
            name,
            value.shape,
            "not the one bias of a linear layer",
            f"add one vector of {classes} values to it",
        )
    head.bias = np.broadcast_to(value.reshape(-1), (classes,))
