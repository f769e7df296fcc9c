"""Who shares components where a user says so: the groups, and what each of them gets."""

from dataclasses import fields

from pynq_lstm.compression import groups
from pynq_lstm.compression.equal_words import EqualWords
from pynq_lstm.errors import CompressionError


def found(network, options, share, progress=None):
    """Groups of LSTMs, at the words of all LSTMs of a pass together.

    Parameters
    ----------
    network : Network
    options : SvdOptions
        Of all together.
    share : str or sequence of sequence of int
        As `compress` takes it.
    progress : bool, optional
        Of the search for groups.

    Returns
    -------
    shares : tuple of tuple of int
    each : dict of SvdOptions
        By group.
    told : dict
        What the provenance says of groups that were found.

    Raises
    ------
    CompressionError
        Not each LSTM once, a group of more than a model holds, or one without a component.
    """
    told = {}
    if isinstance(share, str) and share == "auto":
        from pynq_lstm.compression.grouping import grouping  # which compresses

        given = {f.name: getattr(options, f.name) for f in fields(options)}
        best = grouping(network, progress, **given)
        share, told = best.groups, best.told
    shares = groups.checked(network, share)
    each = EqualWords(network, options).options_of(shares)
    for own in shares:
        if each[own] is None:
            raise CompressionError(
                "refinements",
                options.refinements,
                f"too few for LSTMs {list(own)} to have a component of their own at equal words",
                "pass more, or share among more LSTMs",
            )
    return shares, each, told
