"""The forms in which a user gives a wiring."""

from pynq_lstm.errors import NetworkError
from pynq_lstm.wiring import names
from pynq_lstm.wiring.expression import Expression

_REMEDY = "pass a list with one expression for each model, or a dict of them by name"


def wiring(kind, value, models):
    """`value` as a `kind`, which is `Wiring`; see `Wiring.of`."""
    texts, head = _texts(value, models), None
    if names.HEAD in texts:
        head = _head(texts.pop(names.HEAD))
    for name in texts:
        if name not in models:
            raise NetworkError("wiring", name, "no model", f"choose from {list(models)}")
    sources = [
        Expression.parse(texts.get(name, names.external(j)), f"wiring[{name!r}]")
        for j, name in enumerate(models)
    ]
    return kind(models, tuple(sources), head)


def _texts(value, models):
    if value is None:
        return {}
    if isinstance(value, str):
        value = [value]
    if isinstance(value, dict):
        return dict(value)
    if not isinstance(value, (list, tuple)):
        raise NetworkError("wiring", value, "neither a list nor a dict", _REMEDY)
    if len(value) != len(models):
        raise NetworkError("wiring", value, f"not one entry for each of {len(models)}", _REMEDY)
    return dict(zip(models, value))


def _head(text):
    """Names of models, from a text like "m1, m2"."""
    field = f"wiring[{names.HEAD!r}]"
    parts = Expression.parse(text, field).parts
    if any(len(part) > 1 or str(part[0]) != part[0].source for part in parts):
        raise NetworkError(
            field, text, "the head reads the h of whole models", 'write names, as in "m0, m1"'
        )
    return tuple(part[0].source for part in parts)
