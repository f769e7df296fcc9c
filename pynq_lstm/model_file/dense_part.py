"""A part of dense matrices in a model file: its metadata and its tensors."""

from pynq_lstm.field_checks import ends, integers
from pynq_lstm.model_file.encoding import Tensor, code_dtype, restored, stored, stored_length
from pynq_lstm.numerics import S_SHIFTS
from pynq_lstm.parts import DensePart

FIELDS = ("s_shift",)
WEIGHT_BITS = DensePart.weight_bits
HELD = "w"
SMALLER = 'compress its LSTMs apart, or with method="svd"'


def describe(part):
    """The metadata of a part."""
    return {"s_shift": [int(shift) for shift in part.s_shift]}


def check(name, part, metadata):
    """Check the metadata that is this kind's own."""
    models = len(metadata["hidden_sizes"])
    integers(f"{name}.s_shift", part["s_shift"], *ends(S_SHIFTS), models)


def table(name, metadata):
    """The tensors of a part, in any order."""
    bits, found = metadata["weight_bits"], []
    for j, (rows, inputs) in enumerate(_shapes(name, metadata)):
        length = stored_length(rows * inputs, bits)
        found.append(Tensor(f"{name}.s.{j}", "I16", (rows,)))
        found.append(Tensor(f"{name}.w.{j}", code_dtype(bits), (length,)))
    return found


def held_bytes(name, metadata):
    """Bytes in memory of what `HELD` names."""
    return sum(rows * inputs for rows, inputs in _shapes(name, metadata))


def pack(name, part, bits):
    """The arrays of a part, by the name of their tensor."""
    arrays = {f"{name}.s.{j}": s for j, s in enumerate(part.s)}
    arrays.update({f"{name}.w.{j}": stored(w.reshape(-1), bits) for j, w in enumerate(part.w)})
    return arrays


def unpack(name, metadata, arrays):
    """The `DensePart` of arrays that have the dtypes and shapes of the table."""
    w, bits = [], metadata["weight_bits"]
    shapes = _shapes(name, metadata)
    for j, (rows, inputs) in enumerate(shapes):
        field = f"{name}.w.{j}"
        codes = restored(field, arrays[field], bits, rows * inputs)
        w.append(codes.reshape(rows, inputs))
    s = tuple(arrays[f"{name}.s.{j}"] for j in range(len(shapes)))
    return DensePart(tuple(w), s, tuple(metadata[name]["s_shift"]))


def _shapes(name, metadata):
    """Rows and inputs of each model's matrix."""
    sizes = zip(metadata["hidden_sizes"], metadata[f"{name}_sizes"])
    return [(4 * hidden, inputs) for hidden, inputs in sizes]
