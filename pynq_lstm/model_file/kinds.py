"""What a file holds of each compression method: one module a kind of part.

A kind has FIELDS, WEIGHT_BITS, ``describe``, ``check``, ``table``, ``held_bytes``, ``pack`` and
``unpack``, and HELD and SMALLER for the error that its arrays are too large.
"""

from pynq_lstm.field_checks import refuse
from pynq_lstm.model_file import block_diagonal_part, dense_part, svd_part
from pynq_lstm.model_file.strict_json import DAMAGED

_KINDS = {"svd": svd_part, "dense": dense_part, "block_diagonal": block_diagonal_part}
METHOD_SCHEMA = 2  # from this one on the metadata name the method; before, it is "svd"
BITS_SCHEMA = 3  # from this one on they have the bits of gates and c; before, all are 16
_SCHEMAS = {"svd": 1, "dense": METHOD_SCHEMA, "block_diagonal": BITS_SCHEMA}
NEWEST = max(_SCHEMAS.values())
STATE_FIELDS = ("gate_bits", "cell_bits")
ALL_BITS = 16


def header(model):
    """The metadata that say which kind a model is of: the first schema that can say it."""
    bits = {name: int(getattr(model, name)) for name in STATE_FIELDS}
    schema = _needed(model.method, bits)
    found = {"schema": schema, "method": model.method, **bits}
    return {name: found[name] for name in header_fields(schema)}


def header_fields(schema):
    """Names of what `header` returns."""
    fields = ("schema",)
    fields += ("method",) if schema >= METHOD_SCHEMA else ()
    return fields + (STATE_FIELDS if schema >= BITS_SCHEMA else ())


def of(metadata):
    """The kind of the parts that metadata with a checked schema and state fields describe."""
    method, schema = metadata.get("method", "svd"), metadata["schema"]
    known = [name for name, first in _SCHEMAS.items() if schema in (first, BITS_SCHEMA)]
    if not isinstance(method, str) or method not in known:
        refuse("metadata.method", method, f"not one of {known}, known here", "upgrade pynq_lstm")
    if schema != _needed(method, metadata):
        problem = f"more than method {method!r} needs where gates and c have {ALL_BITS} bits"
        refuse("metadata.schema", schema, problem, DAMAGED)
    return _KINDS[method]


def _needed(method, fields):
    """The one schema of a method's models with these bits of gates and c."""
    narrow = any(fields.get(name, ALL_BITS) != ALL_BITS for name in STATE_FIELDS)
    return BITS_SCHEMA if narrow else _SCHEMAS[method]
