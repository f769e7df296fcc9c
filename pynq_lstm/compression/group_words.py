"""A budget of words over groups of LSTMs: the passes of a network, or others that share.

Every list of components of every group takes part in one division, by the squared error of the
gates that is expected of each (`gate_errors`), from the run of the whole float network: an LSTM
meets what those before it give.
"""

from dataclasses import replace

from pynq_lstm.compression import allotment, division, gates, networks
from pynq_lstm.compression.groups import balanced, passes
from pynq_lstm.compression.part_options import STACKED
from pynq_lstm.errors import CompressionError
from pynq_lstm.model import PARTS
from pynq_lstm.network import Network
from pynq_lstm.passes import lstms, naming, order


def options_of(network, options, shares, data, progress):
    """What each group is compressed with, so that all have at most the words together.

    Parameters
    ----------
    network : Network
    options : SvdOptions
        With ``words``.
    shares : tuple of tuple of int
        The LSTMs of each group.
    data : list of calibration.Steps
        External inputs.
    progress : bool, optional
        Of `progress.bar`.

    Returns
    -------
    each : dict of SvdOptions
        By group: ``refinements`` and a form of each part instead of words.
    told : dict
        For the provenance: the words, and the expected error of the choice, as a share.

    Raises
    ------
    CompressionError
        Fewer words than one component of each list takes; a gate of zeros, or an option that does
        not fit a group, which the error names; or a network of too many LSTMs.
    CalibrationError
        Nothing reaches the gates.
    """
    every, wiring = lstms.of(network.stacks), network.wiring
    members = order.passes(shares, wiring, network.stacks)
    networks.check_size(network, members)
    what = "pass" if members == shares else "group"
    asked, found = [], []
    for g, own in enumerate(shares):
        chosen = replace(options, balance=balanced(passes(network), own, options))
        alone = Network([network.layers[k] for k in own])
        with naming.named(CompressionError, g, own, every, wiring, what):
            found.append((alone, chosen, gates.problems(alone, chosen)))
    met, parts = networks.met_by(network, data), []
    for own, (alone, _, (weights, lists, scales)) in zip(shares, found):
        worth = gates.worth_of(alone, [met[k] for k in own], scales)
        for side in PARTS:
            asked.append(lists[side])
            bits = options.weight_bits
            parts.append(allotment.curves(weights[side], lists[side], worth[side], bits))
    forms, counts, errors = division.divide(parts, options.words, progress, or_equal=True)
    chosen = [(form, own, lists[form][0]) for form, own, lists in zip(forms, counts, asked)]
    pairs = zip(chosen[::2], chosen[1::2])  # input and hidden part of each group
    each = {own: _fixed(one[1], pair) for own, one, pair in zip(shares, found, pairs)}
    return each, {"words": options.words, "expected error of the gates": errors[forms]}


def _fixed(options, pair):
    """Options with the form, the components and the tiles of both parts in place of words."""
    forms, counts, first = zip(*pair)
    return replace(
        options,
        words=None,
        form=forms,
        refinements=tuple(
            own[0] if form == STACKED else tuple(own) for form, own in zip(forms, counts)
        ),
        # "auto" reads them per gate, a stacked part among the four gates
        zero_v_tiles=tuple(part.v.zero for part in first),
    )
