"""Groups of LSTMs that share components, and the passes that they run in."""

from pynq_lstm.errors import ModelFormatError
from pynq_lstm.field_checks import MAX_MODELS, integers, refuse
from pynq_lstm.passes.checks import MAX_LSTMS, MAX_PASSES
from pynq_lstm.passes.cut import cut


def passes(groups, members, shares):
    """What runs of the groups of a network.

    Parameters
    ----------
    groups : tuple of CompressedModel
    members : tuple of tuple of int
        Flat indices of the LSTMs of each pass, unchecked.
    shares : tuple of tuple of int or None
        Those of each group, unchecked; None: every group is a pass.

    Returns
    -------
    dict
        "passes", "members" and "shares", which is None where every group is a pass.

    Raises
    ------
    ModelFormatError
        Not lists of numbers; a pass with LSTMs that no group or several have, or one of them
        twice; LSTMs in several passes whose method shares nothing.
    """
    if shares is None:
        return {"passes": groups, "members": _of_models("members", members, groups), "shares": None}
    shares = _of_models("shares", shares, groups)
    members = _lists(members)
    found = {"members": members, "shares": shares}
    if members == shares:
        return {**found, "passes": groups, "shares": None}
    place = {k: (g, j) for g, own in enumerate(shares) for j, k in enumerate(own)}
    if len(place) != sum(map(len, shares)):
        refuse("shares", shares, "an LSTM twice")
    run = [k for own in members for k in own]
    if sorted(run) != sorted(place):
        refuse("members", members, "not each LSTM of the groups once")
    return {**found, "passes": tuple(_pass(p, own, groups, place) for p, own in enumerate(members))}


def _pass(p, own, groups, place):
    (first, _), chosen = place[own[0]], [place[k][1] for k in own]
    if any(place[k][0] != first for k in own):
        refuse(f"members[{p}]", own, "LSTMs of several groups, which share no components")
    try:
        return cut(groups[first], chosen)
    except ModelFormatError as error:
        problem = f"groups[{first}]: {error.field}", error.value, error.problem, error.remedy
    return refuse(*problem)


def _of_models(name, value, models):
    """Flat indices of the LSTMs of each model, as tuples of int."""
    listed = isinstance(value, (tuple, list))
    if not listed or len(value) != len(models) or not 1 <= len(value) <= MAX_PASSES:
        what = "passes" if name == "members" else "groups"
        refuse(name, value, f"not one entry for each of 1 to {MAX_PASSES} {what}")
    return tuple(
        tuple(integers(f"{name}[{p}]", own, 0, MAX_LSTMS - 1, model.models))
        for p, (own, model) in enumerate(zip(value, models))
    )


def _lists(value):
    """Flat indices of the LSTMs of each pass, as tuples of int."""
    if not isinstance(value, (tuple, list)) or not 1 <= len(value) <= MAX_PASSES:
        refuse("members", value, f"not one entry for each of 1 to {MAX_PASSES} passes")
    found = []
    for p, own in enumerate(value):
        found.append(tuple(integers(f"members[{p}]", own, 0, MAX_LSTMS - 1)))
        if not 1 <= len(own) <= MAX_MODELS:
            refuse(f"members[{p}]", own, f"not 1 to {MAX_MODELS} LSTMs")
    return tuple(found)
