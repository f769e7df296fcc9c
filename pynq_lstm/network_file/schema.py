"""The metadata of a network's file: its structure, and the check of it (docs/model_file.md).

The check looks at the metadata alone; that the passes are what it says `CompressedNetwork` checks.
"""

from pynq_lstm import provenance
from pynq_lstm.errors import NetworkError
from pynq_lstm.field_checks import MAX_CLASSES, MAX_MODELS, integer, integers, refuse
from pynq_lstm.model_file import strict_json
from pynq_lstm.model_file.strict_json import DAMAGED, keys
from pynq_lstm.passes.checks import MAX_LSTMS, MAX_PASSES, MAX_WIRING
from pynq_lstm.stack import Stack
from pynq_lstm.wiring import Wiring

SHARES_SCHEMA = 2  # from this one on LSTMs of several passes may share components
NEWEST = SHARES_SCHEMA
FIELDS = ("schema", "names", "wiring", "stacks", "members", "classes", "provenance")
STACK_FIELDS = ("num_layers", "bidirectional", "reverse")


def describe(network):
    """The metadata of a network, of the first schema that can say it; without the hash."""
    if network.shares is None:
        shares = {"schema": 1}
    else:
        shares = {"schema": SHARES_SCHEMA, "shares": [list(own) for own in network.shares]}
    return {
        **shares,
        "names": list(network.wiring.names),
        "wiring": network.wiring.to_dict(),
        "stacks": [{name: getattr(s, name) for name in STACK_FIELDS} for s in network.stacks],
        "members": [list(own) for own in network.members],
        "classes": None if network.head is None else len(network.head.bias),
        "provenance": dict(network.provenance),
    }


def read(text):
    """Parse and check the metadata of a file.

    Returns
    -------
    metadata : dict
        Without the hash.
    sha256 : str
        The hash that the file states.
    """
    metadata, sha256 = strict_json.metadata(text, NEWEST, _fields)
    _check(metadata)
    return metadata, sha256


def _fields(schema):
    return FIELDS + (("shares",) if schema >= SHARES_SCHEMA else ())


def groups(metadata):
    """Names of the tensors that hold the models, and how often each is in memory, a dict.

    Once, and once more for every pass that takes other LSTMs of it than all in their order:
    `passes.cut` makes those.
    """
    if "shares" not in metadata:
        return {f"pass.{p}": 1 for p in range(len(metadata["members"]))}
    members, shares = metadata["members"], metadata["shares"]
    owner = {k: g for g, own in enumerate(shares) for k in own}
    copied = [owner[own[0]] for own in members if own != shares[owner[own[0]]]]
    return {f"group.{g}": 1 + copied.count(g) for g in range(len(shares))}


def _check(metadata):
    for name in ("members", "shares"):
        if name in metadata:
            _check_lstms(name, metadata[name])
    if "shares" in metadata:
        members, shares = metadata["members"], metadata["shares"]
        if members == shares:
            refuse("metadata.schema", SHARES_SCHEMA, "more than groups of one pass need", DAMAGED)
        listed = [sorted(k for own in lists for k in own) for lists in (members, shares)]
        if listed[0] != listed[1]:
            refuse("shares", shares, "not the LSTMs of members")
    stacks = _listed("stacks", metadata["stacks"], 1, MAX_LSTMS)
    for j, stack in enumerate(stacks):
        keys(f"stacks[{j}]", stack, STACK_FIELDS)
        integer(f"stacks[{j}].num_layers", stack["num_layers"], 1, MAX_LSTMS)
        for name in STACK_FIELDS[1:]:
            if type(stack[name]) is not bool:
                refuse(f"stacks[{j}].{name}", stack[name], "not true or false")
    names = _listed("names", metadata["names"], len(stacks), len(stacks))
    wiring = metadata["wiring"]
    if not isinstance(wiring, dict) or not all(type(v) is str for v in wiring.values()):
        refuse("wiring", wiring, "not an object of texts")
    characters = sum(len(name) + len(text) for name, text in wiring.items())
    integer("wiring, characters", characters, 0, MAX_WIRING)
    if not all(type(name) is str and name in wiring for name in names):
        refuse("names", names, "not those of the wiring")
    if metadata["classes"] is not None:
        integer("classes", metadata["classes"], 1, MAX_CLASSES)
    provenance.checked(metadata["provenance"])


def _check_lstms(name, value):
    for p, own in enumerate(_listed(name, value, 1, MAX_PASSES)):
        integers(f"{name}[{p}]", own, 0, MAX_LSTMS - 1)
        integer(f"{name}[{p}], LSTMs", len(own), 1, MAX_MODELS)


def structure(metadata):
    """Stacks, wiring, members and shares of checked metadata, by name.

    Raises
    ------
    ModelFormatError
        The wiring cannot run, or is not in the form that `Wiring.to_dict` gives.
    """
    try:
        stacks = tuple(Stack(**fields) for fields in metadata["stacks"])
        wiring = Wiring.of(metadata["wiring"], metadata["names"])
    except NetworkError as error:
        problem = error.field, error.value, error.problem, error.remedy
    else:
        if wiring.to_dict() != metadata["wiring"]:
            refuse("wiring", metadata["wiring"], "not in canonical form", DAMAGED)
        found = {name: metadata.get(name) for name in ("members", "shares")}
        return {"stacks": stacks, "wiring": wiring, **found}
    return refuse(*problem)


def _listed(field, value, least, most):
    if not isinstance(value, list):
        refuse(field, value, "not a list")
    integer(f"{field}, entries", len(value), least, most)
    return value
