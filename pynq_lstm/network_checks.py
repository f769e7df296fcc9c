"""Checks of a float network's fields, before anything is done with them."""

from pynq_lstm.errors import NetworkError
from pynq_lstm.head import Head
from pynq_lstm.layer import Layer, finite_float32
from pynq_lstm.stack import Stack


def layers(value):
    """A list of `Layer`, as a tuple."""
    listed = isinstance(value, (list, tuple))
    if not listed or not value or not all(isinstance(layer, Layer) for layer in value):
        value = tuple(value) if listed else value
        raise NetworkError("layers", value, "not a list of Layer", "pass at least one")
    return tuple(value)


def stacks(value, count):
    """A list of `Stack` that take `count` layers together, as a tuple; None: one layer each."""
    if value is None:
        return (Stack(),) * count
    if not isinstance(value, (list, tuple)) or not all(isinstance(s, Stack) for s in value):
        raise NetworkError("stacks", value, "not a list of Stack", "pass one for each model")
    taken = sum(stack.cells for stack in value)
    if taken != count:
        raise NetworkError(
            "stacks",
            value,
            f"they take {taken} layers of {count}",
            "pass one for each model, of its num_layers and directions",
        )
    return tuple(value)


def head(value, joined):
    """A `Head` of finite float32 on the values of `joined`, a tuple of sizes."""
    if not isinstance(value, Head):
        raise NetworkError(
            "head", type(value).__name__, "not a Head", "make one with Head(weight, bias)"
        )
    weight, columns = value.weight, sum(joined)
    if weight.ndim != 2 or not weight.shape[0] or weight.shape[1] != columns:
        raise NetworkError(
            "head.weight.shape",
            weight.shape,
            f"hidden sizes {joined} join to {columns} columns",
            f"give the head {columns} inputs, or leave out the LSTMs that it does not see, "
            "or name those that it reads as the wiring's 'head'",
        )
    return Head(
        finite_float32("head.weight", weight, weight.shape),
        finite_float32("head.bias", value.bias, weight.shape[:1]),
    )
