"""The tensors of a model file: their table, and a model to and from them (docs/model_file.md)."""

import numpy as np

from pynq_lstm.field_checks import refuse
from pynq_lstm.head import Head
from pynq_lstm.model import PARTS, CompressedModel
from pynq_lstm.model_file import kinds
from pynq_lstm.model_file.encoding import DTYPES, Tensor

MAX_DENSE = 256 << 20  # bytes of codes and masks in memory
DENSE_RATIO, DENSE_FREE = 256, 16 << 20  # dense bytes <= ratio * buffer + free


def table(metadata):
    """Every tensor that a file with this metadata holds, in the order of its buffer."""
    sizes, kind = metadata["hidden_sizes"], kinds.of(metadata)
    found = [Tensor(f"bias.{j}", "I32", (4 * size,)) for j, size in enumerate(sizes)]
    if metadata["classes"] is not None:
        found.append(Tensor("head.weight", "F32", (metadata["classes"], sum(sizes))))
        found.append(Tensor("head.bias", "F32", (metadata["classes"],)))
    for name in PARTS:
        found += kind.table(name, metadata)
    return sorted(found, key=lambda tensor: (list(DTYPES).index(tensor.dtype), tensor.name))


def check_dense(metadata, buffer_bytes):
    """Refuse arrays that are large in memory, or out of proportion to what backs them."""
    check_dense_bytes(dense_bytes(metadata), metadata, buffer_bytes)


def dense_bytes(metadata):
    """Bytes of codes and masks in memory."""
    return sum(kinds.of(metadata).held_bytes(name, metadata) for name in PARTS)


def check_dense_bytes(dense, metadata, buffer_bytes):
    """`check_dense` of so many bytes, of one model or of several like it."""
    kind = kinds.of(metadata)
    limit = min(MAX_DENSE, DENSE_RATIO * buffer_bytes + DENSE_FREE)
    if dense > limit:
        refuse(
            "dense size",
            dense,
            f"oversized: above {limit} bytes of {kind.HELD} in memory "
            f"for {buffer_bytes} bytes of tensors",
            kind.SMALLER,
        )


def pack(model, metadata):
    """The arrays of a file, by name, in the order of its buffer."""
    arrays = {f"bias.{j}": bias for j, bias in enumerate(model.bias)}
    if model.head is not None:
        arrays.update({"head.weight": model.head.weight, "head.bias": model.head.bias})
    kind = kinds.of(metadata)
    for name in PARTS:
        arrays.update(kind.pack(name, getattr(model, name), model.weight_bits))
    return {tensor.name: np.ascontiguousarray(arrays[tensor.name]) for tensor in table(metadata)}


def unpack(metadata, arrays):
    """The model of a file; `arrays` have the dtypes and shapes of the table."""
    fields = {name: metadata[name] for name in ("activation_bits", "weight_bits", "p_bits")}
    fields.update({name: metadata[name] for name in kinds.STATE_FIELDS if name in metadata})
    for name in (
        "input_sizes",
        "hidden_sizes",
        "x_inverse_scale",
        "cell_fraction_bits",
        "pre_shift",
    ):
        fields[name] = tuple(metadata[name])
    kind = kinds.of(metadata)
    for name in PARTS:
        fields[name] = kind.unpack(name, metadata, arrays)
    if metadata["classes"] is not None:
        fields["head"] = Head(arrays["head.weight"], arrays["head.bias"])
    if metadata["prefixes"] is not None:
        fields["prefixes"] = tuple(metadata["prefixes"])
    return CompressedModel(
        bias=tuple(arrays[f"bias.{j}"] for j in range(len(fields["pre_shift"]))),
        provenance=metadata["provenance"],
        **fields,
    )
