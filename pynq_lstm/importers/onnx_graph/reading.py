"""An ONNX file or model, its constants and its inputs; whatever it holds may be hostile."""

import os
from typing import NamedTuple, Tuple

import numpy as np

from pynq_lstm.errors import NetworkError
from pynq_lstm.onnx_extra import onnx

# what parsers and NumPy raise on damaged or oversized data, beside those of protobuf
DAMAGED = (ArithmeticError, AttributeError, LookupError, MemoryError, OSError, TypeError)
DAMAGED += (ValueError, RuntimeError)
LARGEST = 2**28  # elements in all of what is computed while reading: 2 GiB
MOST_NODES = 100_000


class GraphInput(NamedTuple):
    """An input of the graph; `axes` holds sizes, and texts where they are open."""

    name: str
    axes: Tuple
    floating: bool

    @property
    def open(self):
        """Whether the graph leaves a size open."""
        return any(isinstance(size, str) for size in self.axes)

    def shape(self, sizes, known):
        """Sizes, open ones of the first two axes from `sizes`.

        Parameters
        ----------
        sizes : pair of int
        known : dict of str to int
            Those of names that were met; more are added.
        """
        for n, size in enumerate(self.axes):
            if isinstance(size, str) and n < 2:
                known.setdefault(size, sizes[n])
        shape = tuple(known.get(size, size) for size in self.axes)
        unknown = [n for n, size in enumerate(shape) if isinstance(size, str)]
        if unknown:
            raise NetworkError(
                f"graph input {self.name!r}, axis {unknown[0]}",
                "open",
                "the number of values of a step is not stated",
                "export with a fixed input size; only batch and time may be open",
            )
        return shape


def load(model):
    """A path or a ModelProto to a ModelProto with one graph in it."""
    package = onnx()
    if not isinstance(model, package.ModelProto):
        try:
            path = os.fspath(model)
        except TypeError:
            raise NetworkError(
                "path_or_model",
                type(model).__name__,
                "neither a path nor an onnx.ModelProto",
                "pass the file that was exported",
            ) from None
        model = _read(package, path)
    if not model.graph.node:
        raise NetworkError("graph", "empty", "no nodes in it", "export a model that has an LSTM")
    if len(model.graph.node) > MOST_NODES:
        raise NetworkError(
            "graph", f"{len(model.graph.node)} nodes", "too many", "export LSTMs and a head only"
        )
    return model


def _read(package, path):
    from google.protobuf.message import DecodeError  # what onnx itself parses with

    try:
        return package.load(path)
    except (*DAMAGED, DecodeError, package.checker.ValidationError) as error:
        raise NetworkError(
            "path",
            str(path),
            f"cannot be read as ONNX ({error})",
            "export it again, and keep files of external data beside it",
        ) from None


def graph_inputs(model):
    """The inputs that a user gives, a list of `GraphInput`."""
    constants = {tensor.name for tensor in model.graph.initializer}
    floats = [getattr(onnx().TensorProto, n) for n in ("FLOAT", "DOUBLE", "FLOAT16", "BFLOAT16")]
    found = []
    for given in model.graph.input:
        if given.name in constants:
            continue
        tensor = given.type.tensor_type
        if not given.type.HasField("tensor_type") or not tensor.HasField("shape"):
            raise NetworkError(
                f"graph input {given.name!r}",
                given.type.WhichOneof("value"),
                "not a tensor whose axes are stated",
                "run onnx.shape_inference.infer_shapes on the model, or export it again",
            )
        axes = tuple(
            d.dim_value if d.dim_value > 0 else str(d.dim_param or f"axis {n}")
            for n, d in enumerate(tensor.shape.dim)
        )
        found.append(GraphInput(given.name, axes, tensor.elem_type in floats))
    return found


def array(tensor, what):
    """A TensorProto as an array; bfloat16, which NumPy lacks, becomes float32."""
    try:
        if tensor.data_location == onnx().TensorProto.EXTERNAL:
            raise ValueError("its data are in a file that was not read")
        value = onnx().numpy_helper.to_array(tensor)
        if tensor.data_type == onnx().TensorProto.BFLOAT16:
            value = value.astype(np.float32)
        return value
    except DAMAGED as error:
        raise NetworkError(
            what,
            tensor.name,
            f"cannot be read ({error})",
            "load the model by path, or export again",
        ) from None


def attributes(node):
    """Attributes of a node by name."""
    return {a.name: onnx().helper.get_attribute_value(a) for a in node.attribute}


def title(node):
    """What errors call a node."""
    return f"node {node.name or next(filter(None, node.output), '')!r}"
