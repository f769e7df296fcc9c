"""JSON with one text for each value: what a model file's header and metadata are read with."""

import json
import math
import re

from pynq_lstm.field_checks import integer, refuse

MAX_DEPTH = 3  # objects and lists within one another
MAX_DIGITS = 40
FOREIGN = "give a file that CompressedModel.save wrote"
DAMAGED = "copy the file again, or save the model again"


def canonical(value):
    """The one text of `value`: keys sorted, no spaces, ASCII, finite numbers."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def parse(field, text):
    """Parse JSON without duplicate keys, numbers out of range or deep nesting.

    Parameters
    ----------
    field : str
        Name for the errors.
    text : str or bytes
        Bytes are UTF-8.

    Raises
    ------
    ModelFormatError
    """

    def pairs(items):
        value = {}
        for name, item in items:
            if name in value:
                refuse(field, name, "a duplicate key", DAMAGED)
            value[name] = item
        return value

    def number(convert):
        def bounded(digits):
            if len(digits) > MAX_DIGITS or math.isinf(float(digits)):
                refuse(field, digits[:80], "a number out of range", DAMAGED)
            return convert(digits)

        return bounded

    def constant(name):
        refuse(field, name, "not a finite number", DAMAGED)

    try:
        text = text if isinstance(text, str) else text.decode("utf-8")
        value = json.loads(
            text,
            object_pairs_hook=pairs,
            parse_int=number(int),
            parse_float=number(float),
            parse_constant=constant,
        )
        problem = None if _shallow(value, MAX_DEPTH) else "nested too deeply"
    except RecursionError:
        problem = "nested too deeply"
    except (json.JSONDecodeError, UnicodeDecodeError):
        problem = "not JSON"
    if problem:
        refuse(field, text[:80], problem, FOREIGN)
    return value


def _shallow(value, depth):
    if not isinstance(value, (dict, list)):
        return True
    items = value.values() if isinstance(value, dict) else value
    return depth > 0 and all(_shallow(item, depth - 1) for item in items)


def keys(field, value, names):
    """Check that `value` is an object of exactly the keys `names`."""
    if not isinstance(value, dict):
        refuse(field, value, "not an object", FOREIGN)
    for name in names:
        if name not in value:
            refuse(f"{field}.{name}", None, "missing", FOREIGN)
    for name in value:
        if name not in names:
            refuse(f"{field}.{name}", value[name], "unknown", DAMAGED)


def metadata(text, newest, names):
    """Parse the metadata of a file: its schema, its fields, its form and the hash that it states.

    Parameters
    ----------
    text : str
    newest : int
        The newest schema that is known.
    names : callable
        From the schema to the fields that it has, without the hash.

    Returns
    -------
    metadata : dict
        Without the hash; what the fields hold is not checked.
    sha256 : str

    Raises
    ------
    ModelFormatError
    """
    found = parse("metadata", text)
    if not isinstance(found, dict) or "schema" not in found:
        refuse("metadata.schema", None, "missing", FOREIGN)
    schema = integer("metadata.schema", found["schema"], 1, 1 << 31)
    if schema > newest:
        refuse(
            "metadata.schema",
            schema,
            f"newer than {newest}, the newest known here",
            "upgrade pynq_lstm",
        )
    keys("metadata", found, (*names(schema), "sha256"))
    if canonical(found) != text:
        refuse("metadata", text[:80], "not in canonical form", DAMAGED)
    sha256 = found.pop("sha256")
    if not isinstance(sha256, str) or not re.fullmatch("[0-9a-f]{64}", sha256):
        refuse("metadata.sha256", sha256, "not 64 lower-case hexadecimal digits", DAMAGED)
    return found, sha256
