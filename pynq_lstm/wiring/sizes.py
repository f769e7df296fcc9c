"""How many values an external input has, from the sizes of the models that read it."""

from pynq_lstm.errors import NetworkError
from pynq_lstm.wiring import names


def external(wiring, input_sizes, output_sizes):
    """Sizes of the external inputs.

    Parameters
    ----------
    wiring : Wiring
    input_sizes, output_sizes : sequence of int
        Of each model: values that a step reads, and those of its h, both directions together.

    Returns
    -------
    tuple of int

    Raises
    ------
    NetworkError
        Sizes that do not fit together, or that nothing tells.
    """
    known = dict(zip(wiring.names, output_sizes))
    readers = list(zip(wiring.names, wiring.sources, input_sizes))
    for name, source, _ in readers:
        for term in source.terms:
            if term.size is not None:
                _set(known, name, source, term.source, term.size)
    before = -1
    while before < len(known):  # a size that is found may tell another
        before = len(known)
        for reader in readers:
            _infer(known, *reader)
    for name, source, size in readers:
        _check(known, name, source, size)
    return tuple(known[names.external(j)] for j in range(wiring.inputs))


def _infer(known, name, source, size):
    """Add to `known` what one model tells about its sources."""
    widths = []
    for part in source.parts:
        width = next((known[t.source] for t in part if t.source in known), None)
        if width is not None:
            for term in part:
                _set(known, name, source, term.source, width)
        widths.append(width)
    if widths.count(None) == 1:
        rest = size - sum(w for w in widths if w is not None)
        if rest < 1:
            raise _misfit(known, name, source, size)
        for term in source.parts[widths.index(None)]:
            _set(known, name, source, term.source, rest)


def _set(known, name, source, of, size):
    if known.setdefault(of, size) != size:
        raise NetworkError(
            f"wiring[{name!r}]",
            str(source),
            f"{of} has {known[of]} values, not {size}",
            "give what is added, and what is read twice, one size",
        )


def _check(known, name, source, size):
    unknown = [t.source for t in source.terms if t.source not in known]
    if unknown:
        raise NetworkError(
            f"wiring[{name!r}]",
            str(source),
            f"nothing tells how many values {unknown[0]} has",
            f"write {unknown[0]}:SIZE",
        )
    if sum(known[part[0].source] for part in source.parts) != size:
        raise _misfit(known, name, source, size)


def _misfit(known, name, source, size):
    widths = " + ".join(str(known.get(part[0].source, "?")) for part in source.parts)
    return NetworkError(
        f"wiring[{name!r}]",
        str(source),
        f"joins to {widths} values, and {name} reads {size}",
        "change its sources, or train it with another input size",
    )
