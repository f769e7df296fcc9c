"""What makes a compressed network consistent; every violation names its field."""

import math
from types import SimpleNamespace

from pynq_lstm import network_checks
from pynq_lstm.errors import NetworkError
from pynq_lstm.field_checks import integer, refuse
from pynq_lstm.model import CompressedModel
from pynq_lstm.passes import lstms as lstms_of
from pynq_lstm.passes import order
from pynq_lstm.sequences import Sequences
from pynq_lstm.wiring import Wiring

MAX_PASSES = 64
MAX_LSTMS = 1024
MAX_WIRING = 1 << 16  # characters of all names and expressions together
ALIKE = ("method", "activation_bits", "weight_bits", "p_bits", "gate_bits", "cell_bits")


def wiring_length(wiring):
    """Characters of all names and expressions together."""
    return sum(len(name) + len(text) for name, text in wiring.to_dict().items())


def groups(value):
    """Models of one method and of the same bits, without heads, as a tuple."""
    listed = isinstance(value, (tuple, list))
    if not listed or not value or not all(isinstance(m, CompressedModel) for m in value):
        refuse("groups", value, "not a list of CompressedModel")
    for p, model in enumerate(value):
        if model.head is not None:
            refuse(f"groups[{p}].head", model.head.weight.shape, "the head is the network's")
        for name in ALIKE:
            found, first = getattr(model, name), getattr(value[0], name)
            if found != first:
                refuse(f"groups[{p}].{name}", found, f"not {first} as in the first group")
    return tuple(value)


def structure(network):
    """Check that the passes are the LSTMs of stacks and wiring.

    Returns
    -------
    dict
        "stacks" and "head", checked, and what follows from all: "sequences" and "lstms".
    """
    if not isinstance(network.wiring, Wiring):
        refuse("wiring", type(network.wiring).__name__, "not a Wiring", "use Wiring.of")
    integer("wiring, characters", wiring_length(network.wiring), 0, MAX_WIRING)
    try:
        count = sum(map(len, network.members))
        stacks = network_checks.stacks(network.stacks, count)
        if len(stacks) != len(network.wiring.names):
            refuse("stacks", len(stacks), f"not {len(network.wiring.names)} models of the wiring")
        lstms = lstms_of.of(stacks)
        shape = _shapes(network, lstms)
        order.check(network.members, lstms, network.wiring)
        firsts = _firsts(network.wiring, stacks, shape)
        sequences = Sequences.of(network.wiring, stacks, *zip(*firsts))
        head = network.head
        if head is not None:
            head = network_checks.head(head, sequences.head_sizes)
    except NetworkError as error:
        problem = error.field, error.value, error.problem, error.remedy
    else:
        _scales(network, lstms)
        return {"stacks": stacks, "head": head, "sequences": sequences, "lstms": lstms}
    return refuse(*problem)


def _shapes(network, lstms):
    """(inputs, hidden) of each LSTM, by flat index."""
    found = {}
    for model, own in zip(network.passes, network.members):
        found.update(zip(own, zip(model.input_sizes, model.hidden_sizes)))
    if sorted(found) != list(range(len(lstms))):
        refuse("members", network.members, f"not each of {len(lstms)} LSTMs once")
    return [found[k] for k in range(len(lstms))]


def _firsts(wiring, stacks, shape):
    """Shapes of the models' first LSTMs, when the others stand on them."""
    firsts, at = [], 0
    for name, stack in zip(wiring.names, stacks):
        own = shape[at : at + stack.cells]
        at += stack.cells
        stack.check(name, [SimpleNamespace(input_size=i, hidden_size=h) for i, h in own])
        firsts.append(own[0])
    return firsts


def _scales(network, lstms):
    """What reads h reads it on a grid that is a power of two away from it."""
    for p, (model, own) in enumerate(zip(network.passes, network.members)):
        for j, (k, scale) in enumerate(zip(own, model.x_inverse_scale)):
            hidden = lstms_of.reads_hidden(lstms[k], network.wiring)
            if hidden and math.frexp(scale)[0] != 0.5:
                refuse(
                    f"passes[{p}].x_inverse_scale[{j}]",
                    scale,
                    f"{lstms[k].name(network.wiring)} reads h: not a power of two",
                )
