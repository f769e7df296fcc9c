"""The LSTMs and the head of a graph that was walked, as a `Network`."""

from dataclasses import replace

import numpy as np

from pynq_lstm.errors import NetworkError
from pynq_lstm.head import Head
from pynq_lstm.importers.onnx_graph import reads, states
from pynq_lstm.importers.onnx_graph.reads import Origin
from pynq_lstm.network import Network
from pynq_lstm.stack import Stack
from pynq_lstm.wiring import Expression, Term, Wiring, names


def network(walk):
    """A `Network` of a `Walk`.

    Raises
    ------
    NetworkError
    """
    if not walk.lstms:
        raise NetworkError("graph", "no LSTM", "nothing to import", "export a model that has one")
    parts, layers = zip(*(_model(walk, j) for j in range(len(walk.lstms))))
    head, read = _head(walk)
    groups = _stacks(walk, parts, read)
    model_of = {node: names.default(len(groups))[j] for j, g in enumerate(groups) for node in g}
    used = sorted({o.index for p in parts for part in p for o in part if o.kind == "input"})
    states.check(walk, (node for group in groups for node in group), used)
    known = {("input", n): names.external(j) for j, n in enumerate(used)}
    known.update({("model", node): name for node, name in model_of.items()})
    sources = [_expression(walk, known, parts[group[0]]) for group in groups]
    wiring = Wiring(
        names.default(len(groups)), sources, None if head is None else [model_of[n] for n in read]
    )
    made = Network(
        [layer for group in groups for node in group for layer in layers[node]],
        head,
        [_stack(walk, group) for group in groups],
        wiring,
    )
    _check_lengths(walk, groups, made)
    return made


def _model(walk, j):
    """What LSTM j reads, and its layers, with what the notation cannot say in their weights."""
    lstm = walk.lstms[j]
    where = f"{lstm.title}: X"
    parts, matrix = reads.joined(
        walk, [reads.read(walk, ids, where) for ids in lstm.x.addends], where
    )
    if matrix is None:
        return parts, lstm.layers
    return parts, tuple(replace(layer, w_ih=layer.w_ih @ matrix.T) for layer in lstm.layers)


def _head(walk):
    """The head, and the nodes that it reads."""
    if walk.head is None:
        return None, ()
    node = walk.head
    where, x = f"{node.title}: input", node.x
    error = None
    views = [lambda a: a[None]] if len(x.shape) == 2 else [np.asarray, lambda a: a.swapaxes(0, 1)]
    for view in views:  # time first or batch first
        try:
            found = [reads.read(walk, view(ids), where) for ids in x.addends]
            break
        except NetworkError as refused:
            error = error or refused
    else:
        raise error
    origins = {origin for columns in found for origin in columns.origins}
    if {(o.kind, o.every) for o in origins} != {("model", 1)} or len({o.last for o in origins}) > 1:
        raise NetworkError(
            where,
            [f"{o.kind} {o.index}" for o in sorted(origins)],
            "not the last h, or all steps, of LSTMs",
            "let the linear layer read LSTMs only",
        )
    parts, matrix = reads.joined(walk, found, where)
    weight = np.asarray(node.weight, np.float32)
    read = [part[0] for part in parts]
    if matrix is not None or len(set(read)) < sum(map(len, parts)):  # no word for sums here
        parts, matrix = reads.folded(walk, found)
        read, weight = [part[0] for part in parts], weight @ matrix.T
    bias = np.zeros(len(weight), np.float32) if node.bias is None else node.bias
    return Head(weight, np.asarray(bias, np.float32)), tuple(o.index for o in read)


def _stacks(walk, parts, read):
    """Nodes by model: an LSTM on another, which nothing else reads, makes a stack with it."""
    shown = {s.model for s in walk.outputs if s.kind == "steps"}
    readers = {}
    for j, own in enumerate(parts):
        for origin in (o for part in own for o in part if o.kind == "model"):
            readers.setdefault(origin.index, []).append(j)
    groups = []
    for j, own in enumerate(parts):
        below = own[0][0]
        alone = [[Origin("model", below.index, 1, False)]] == own
        if alone and readers[below.index] == [j] and below.index not in {*read, *shown}:
            lower, upper = walk.lstms[below.index], walk.lstms[j]
            same_size = lower.layers[0].hidden_size == upper.layers[0].hidden_size
            whole = upper.layers[0].input_size == len(lower.layers) * lower.layers[0].hidden_size
            if same_size and whole and lower.backward == upper.backward:
                next(group for group in groups if group[-1] == below.index).append(j)
                continue
        groups.append([j])
    return groups


def _stack(walk, group):
    backward = walk.lstms[group[0]].backward
    return Stack(len(group), len(backward) == 2, backward == (True,))


def _expression(walk, known, parts):
    """Sizes of inputs are stated where several make one model's input."""
    several = sum(o.kind == "input" for part in parts for o in part) > 1
    return Expression(
        [
            [
                Term(
                    known[o.kind, o.index],
                    o.every,
                    o.last,
                    reads.size(walk, o) if several and o.kind == "input" else None,
                )
                for o in part
            ]
            for part in parts
        ]
    )


def _check_lengths(walk, groups, made):
    """All LSTMs have the lengths, and run at the rate to which these belong, or none has."""
    given = {lstm.lengths for lstm in walk.lstms} - {None}
    for group, rate in zip(groups, made.wiring.rates) if given else ():
        for node in group:
            lstm = walk.lstms[node]
            once = rate is None and lstm.lengths is None
            if len(given) > 1 or not once and (rate != 1 or lstm.lengths is None):
                raise NetworkError(
                    f"{lstm.title}: sequence_lens",
                    lstm.lengths,
                    f"the lengths of others are {sorted(given)}",
                    "give every LSTM that runs at every step the same input",
                )
