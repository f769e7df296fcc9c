"""What a file holds of each compression method: one module a kind of part.

A kind has FIELDS, ``describe``, ``check``, ``table``, ``held_bytes``, ``pack`` and ``unpack``,
and HELD and SMALLER for the error that its arrays are too large.
"""

from pynq_lstm.field_checks import refuse
from pynq_lstm.model_file import dense_part, svd_part

_KINDS = {"svd": svd_part, "dense": dense_part}
METHOD_SCHEMA = 2  # from this one on the metadata name the method; before, it is "svd"
_SCHEMAS = {"svd": 1, "dense": METHOD_SCHEMA}
NEWEST = max(_SCHEMAS.values())


def header(model):
    """The metadata that say which kind a model is of."""
    schema = _SCHEMAS[model.method]
    return {"schema": schema, **({"method": model.method} if schema >= METHOD_SCHEMA else {})}


def header_fields(schema):
    """Names of what `header` returns."""
    return ("schema",) + (("method",) if schema >= METHOD_SCHEMA else ())


def of(metadata):
    """The kind of the parts that metadata with a checked schema describe."""
    method = metadata.get("method", "svd")
    if not isinstance(method, str) or _SCHEMAS.get(method) != metadata["schema"]:
        known = [name for name, schema in _SCHEMAS.items() if schema == metadata["schema"]]
        refuse("metadata.method", method, f"not one of {known}, known here", "upgrade pynq_lstm")
    return _KINDS[method]
