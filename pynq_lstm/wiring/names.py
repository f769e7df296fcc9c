"""Names in a wiring: of models, and of external inputs, which are x0, x1 and so on."""

import re

from pynq_lstm.errors import NetworkError

LAST, HEAD = "last", "head"  # words of the notation, so no names of models
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_EXTERNAL = re.compile(r"x(?:0|[1-9][0-9]{0,8})")


def external(j):
    """The name of external input j."""
    return f"x{j}"


def external_index(name):
    """The number of an external input, None for other names."""
    return int(name[1:]) if _EXTERNAL.fullmatch(name) else None


def is_model(name):
    """Whether a model may have this name."""
    return (
        isinstance(name, str)
        and _NAME.fullmatch(name) is not None
        and name not in (LAST, HEAD)
        and not re.fullmatch(r"x[0-9]+", name)
    )


def default(models):
    """m0, m1 and so on."""
    return tuple(f"m{j}" for j in range(models))


def check(names):
    """Refuse names of models that cannot stand in a wiring, or that two models have.

    Raises
    ------
    NetworkError
    """
    seen = set()
    for name in names:
        if not is_model(name):
            raise NetworkError(
                "name of a model",
                name,
                "not a name",
                "use letters, digits and _, but not last, head or x with a number",
            )
        if name in seen:
            raise NetworkError("name of a model", name, "two models have it", "rename one")
        seen.add(name)
