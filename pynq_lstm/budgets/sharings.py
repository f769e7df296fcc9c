"""Which LSTMs share components: the ways that a search tries, one dimension of it."""

import contextlib
from dataclasses import fields

from pynq_lstm.compression import groups
from pynq_lstm.compression.grouping import grouping
from pynq_lstm.compression.options import SvdOptions
from pynq_lstm.errors import CompressionError

SVD = "svd"  # the method that shares


def check(network, families, share):
    """Refuse a way that is none, or a search for ways where no set of options shares.

    Parameters
    ----------
    network : Network
    families : list of dict
        Sets of options, each with "method".
    share : str or sequence of sequence of int

    Raises
    ------
    CompressionError
    """
    found = isinstance(share, str) and share == "auto"
    shares = found or groups.checked(network, share) != groups.passes(network)
    if shares and not any(one["method"] == SVD for one in families):
        _refuse(share)


def of(network, share, fixed):
    """The ways to share that are tried with every set of options of SVDn.

    Parameters
    ----------
    network : Network
    share : str or sequence of sequence of int
        As `compress` takes it; "auto": all of a pass, none, all of the network, and the groups
        that `grouping` finds by the weight error of greedy components.
    fixed : dict
        Options that are not searched.

    Returns
    -------
    list of dict
        Empty, or with "share": what is added to the options. No two of the same groups.

    Raises
    ------
    CompressionError
        Not each LSTM once, or a group of more than a model holds.
    """
    whole = groups.passes(network)
    if not (isinstance(share, str) and share == "auto"):
        found = groups.checked(network, share)
        kept = share if isinstance(share, str) else found  # an array is no JSON
        return [{} if found == whole else {"share": kept}]
    ways = {whole: {}}
    for name in ("none", "network"):
        _add(ways, network, name)
    found = _found(network, fixed)
    if found is not None:
        _add(ways, network, found)
    return list(ways.values())


def _add(ways, network, share):
    with contextlib.suppress(CompressionError):  # more LSTMs than a model holds
        ways.setdefault(groups.checked(network, share), {"share": share})


def _found(network, fixed):
    """Groups by their weight error; None where the options let nothing be divided among them."""
    names = {f.name for f in fields(SvdOptions)} - {"solver"}
    given = {name: value for name, value in fixed.items() if name in names}
    try:
        return grouping(network, progress=False, **given).groups
    except CompressionError:
        return None


def with_families(families, ways):
    """Every set of options of SVDn with every way to share; others as they are.

    Raises
    ------
    CompressionError
        A way other than all of a pass, and no set of options that shares.
    """
    if {} not in ways:
        families = [one for one in families if one["method"] == SVD]
        if not families:
            _refuse(ways[0]["share"])
    return [
        {**one, **way}
        for one in families
        for way in (ways if one["method"] == SVD else [{}])
    ]  # fmt: skip


def _refuse(share):
    raise CompressionError("share", share, "of method 'svd' only", "use it with method 'svd'")
