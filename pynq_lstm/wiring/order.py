"""Who runs before whom in a wiring, and at what rate."""

from heapq import heappop, heappush

from pynq_lstm.errors import NetworkError
from pynq_lstm.wiring import names


def check_names(wiring):
    """Refuse names that no model has, and external inputs that are left out."""
    inputs, known = set(), set(wiring.names)
    for name, source in zip(wiring.names, wiring.sources):
        for term in source.terms:
            j = names.external_index(term.source)
            if j is not None:
                inputs.add(j)
            elif term.source not in known:
                raise NetworkError(
                    _field(name),
                    str(source),
                    f"there is no model {term.source!r}",
                    f"choose from {list(wiring.names)}, or x0, x1, ... for external inputs",
                )
    absent = next((j for j in range(len(inputs)) if j not in inputs), None)
    if absent is not None:
        raise NetworkError(
            "wiring",
            f"x{max(inputs)}",
            f"no model reads x{absent}",
            "number the external inputs from x0, without gaps",
        )


def topological(wiring):
    """Indices of the models, each after those that it reads, else in their order."""
    index = {name: j for j, name in enumerate(wiring.names)}
    reads = [{index[t.source] for t in s.terms if t.source in index} for s in wiring.sources]
    read_by = [[] for _ in reads]
    for j, sources in enumerate(reads):
        for k in sources:
            read_by[k].append(j)
    missing = [len(sources) for sources in reads]
    done, ready = [], [j for j, number in enumerate(missing) if not number]
    while ready:
        done.append(heappop(ready))
        for j in read_by[done[-1]]:
            missing[j] -= 1
            if not missing[j]:
                heappush(ready, j)
    if len(done) < len(reads):
        raise _cycle(wiring, reads, set(range(len(reads))) - set(done))
    return tuple(done)


def _cycle(wiring, reads, waiting):
    """The error that shows a cycle among models of which each waits for another."""
    path, seen = [min(waiting)], set()
    while path[-1] not in seen:
        seen.add(path[-1])
        path.append(min(reads[path[-1]] & waiting))
    cycle = path[path.index(path[-1]) :][::-1]  # as the data go
    return NetworkError(
        "wiring",
        " -> ".join(wiring.names[j] for j in cycle),
        "a cycle",
        "let no LSTM read what reads it; its own past is in its h",
    )


def rates(wiring):
    """Of each model: every how many steps it runs, None for once."""
    index, found = {name: j for j, name in enumerate(wiring.names)}, {}
    for j in wiring.order:
        name, source = wiring.names[j], wiring.sources[j]
        of_terms = {
            t: _rate(name, source, t, found.get(index.get(t.source), 1)) for t in source.terms
        }
        if len(set(of_terms.values())) > 1:
            told = ", ".join(f"{term} has {_words(rate)}" for term, rate in of_terms.items())
            raise NetworkError(
                _field(name),
                str(source),
                f"the rates clash: {told}",
                "bring its sources to one rate, with / or with last()",
            )
        found[j] = of_terms[source.terms[0]]
    return tuple(found[j] for j in range(len(found)))


def _rate(name, source, term, of_source):
    if term.last:
        return None
    if of_source is None and term.every > 1:
        raise NetworkError(
            _field(name),
            str(source),
            f"{term.source} runs once a sequence",
            f"read it as {term.source}",
        )
    return None if of_source is None else of_source * term.every


def _words(rate):
    if rate is None:
        return "a single step"
    return "every step" if rate == 1 else f"one step in {rate}"


def _field(name):
    return f"wiring[{name!r}]"
