"""The metadata of a model file: what it holds, and its check (docs/model_file.md).

The check looks at the metadata alone and allocates nothing: it runs before the
tensors of a file are read, and before a model is written.
"""

from pynq_lstm import provenance
from pynq_lstm.field_checks import (
    MAX_CLASSES,
    MAX_MODELS,
    MAX_SIZE,
    ends,
    integer,
    integers,
    refuse,
)
from pynq_lstm.model import PARTS
from pynq_lstm.model_file import kinds, strict_json
from pynq_lstm.model_file.strict_json import keys
from pynq_lstm.numerics import CELL_FRACTIONS, PRE_SHIFTS, STATE_BITS

FIELDS = (
    "activation_bits",
    "cell_fraction_bits",
    "classes",
    "hidden",
    "hidden_sizes",
    "input",
    "input_sizes",
    "p_bits",
    "pre_shift",
    "prefixes",
    "provenance",
    "weight_bits",
    "x_inverse_scale",
)


def describe(model):
    """The metadata of a model, checked; without the hash."""

    def ints(values):
        return [int(value) for value in values]

    metadata = {
        **kinds.header(model),
        "activation_bits": int(model.activation_bits),
        "weight_bits": int(model.weight_bits),
        "p_bits": int(model.p_bits),
        "input_sizes": ints(model.input_sizes),
        "hidden_sizes": ints(model.hidden_sizes),
        "x_inverse_scale": [float(scale) for scale in model.x_inverse_scale],
        "cell_fraction_bits": ints(model.cell_fraction_bits),
        "pre_shift": ints(model.pre_shift),
        "classes": None if model.head is None else len(model.head.bias),
        "prefixes": None if model.prefixes is None else ints(model.prefixes),
        "provenance": dict(model.provenance),
    }
    kind = kinds.of(metadata)
    for name in PARTS:
        metadata[name] = kind.describe(getattr(model, name))
    check(metadata)
    return metadata


def read(text):
    """Parse and check the metadata of a file.

    Returns
    -------
    metadata : dict
        Without the hash.
    sha256 : str
        The hash that the file states.
    """
    metadata, sha256 = strict_json.metadata(
        text, kinds.NEWEST, lambda schema: kinds.header_fields(schema) + FIELDS
    )
    check(metadata)
    return metadata, sha256


def check(metadata):
    """Check types and lengths, and whatever a size depends on.

    The constructor of `CompressedModel` checks the rest.
    """
    models = len(integers("hidden_sizes", metadata["hidden_sizes"], 1, MAX_SIZE))
    integer("models", models, 1, MAX_MODELS)
    integers("input_sizes", metadata["input_sizes"], 1, MAX_SIZE, models)
    for name in ("activation_bits", "p_bits"):
        integer(name, metadata[name], 4, 16)
    for name in set(kinds.STATE_FIELDS) & set(metadata):
        integer(name, metadata[name], *ends(STATE_BITS))
    integers("cell_fraction_bits", metadata["cell_fraction_bits"], *ends(CELL_FRACTIONS), models)
    integers("pre_shift", metadata["pre_shift"], *ends(PRE_SHIFTS), models)
    scales = metadata["x_inverse_scale"]
    if not isinstance(scales, list) or any(type(scale) is not float for scale in scales):
        refuse("x_inverse_scale", scales, "not a list of floats")
    if metadata["prefixes"] is not None:
        integers("prefixes", metadata["prefixes"], 1, MAX_SIZE)
    if metadata["classes"] is not None:
        integer("classes", metadata["classes"], 1, MAX_CLASSES)
    kind = kinds.of(metadata)
    if integer("weight_bits", metadata["weight_bits"], 1, 16) not in kind.WEIGHT_BITS:
        refuse("weight_bits", metadata["weight_bits"], f"not one of {kind.WEIGHT_BITS}")
    for name in PARTS:
        part = metadata[name]
        keys(f"metadata.{name}", part, kind.FIELDS)
        kind.check(name, part, metadata)
    provenance.checked(metadata["provenance"])
