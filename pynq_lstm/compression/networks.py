"""Networks of several layers, both directions or a wiring: compressed group by group."""

import numpy as np

from pynq_lstm.compressed_network import CompressedNetwork
from pynq_lstm.compression import calibration, x_grid
from pynq_lstm.compression.weights import weight_error
from pynq_lstm.errors import CompressionError
from pynq_lstm.network import Network
from pynq_lstm.passes import checks, lstms, naming, order
from pynq_lstm.passes.flow import Flow
from pynq_lstm.wiring import names


def compressed(network, run_as, data, input_range, compress_group, provenance, shares=None):
    """Compress a network.

    Parameters
    ----------
    network : Network
    run_as : Network
        The same LSTMs side by side as they run on the calibration data: of a method that prunes
        before it looks at ranges, pruned.
    data : list of calibration.Steps
        External inputs.
    input_range : pair of float, or None
        Of the external inputs.
    compress_group : callable
        ``compress_group(network, data, grids, provenance, own)`` makes the `CompressedModel` of
        LSTMs side by side from the x that they meet, a list of `Steps`, and a tuple of `XGrid`;
        `own` are their flat indices.
    provenance : dict
        Of every group and of the whole.
    shares : tuple of tuple of int, optional
        The LSTMs of each group that shares components, of one pass or of several; default: those
        of each pass.

    Returns
    -------
    CompressedNetwork

    Raises
    ------
    CompressionError
        As ``compress_group``, with the pass or group and its LSTMs named, or a network of too
        many of them.
    """
    wiring, stacks = network.wiring, network.stacks
    members = order.members(wiring, stacks)
    if shares is not None:
        members = order.passes(shares, wiring, stacks)
    shares = members if shares is None else shares
    check_size(network, members)
    every, what = lstms.of(stacks), "pass" if members == shares else "group"
    flow = Flow(every, stacks, wiring, [steps.x for steps in data], data[0].lengths)
    largest, met, found = x_grid.largest(input_range), {}, {}
    for in_pass in members:
        met.update((k, calibration.Steps(*flow.read(k))) for k in in_pass)
        ready = [g for g, own in enumerate(shares) if g not in found and set(own) <= set(met)]
        for g in ready:  # its last LSTMs are in this pass
            own = shares[g]
            grids = tuple(grid_of(every[k], wiring, largest) for k in own)
            alone, steps = Network([network.layers[k] for k in own]), [met[k] for k in own]
            with naming.named(CompressionError, g, own, every, wiring, what):
                model = compress_group(alone, steps, grids, dict(provenance), own)
            found[g] = model, weight_error(alone, model)
        for k in in_pass:
            flow.give(k, *_run(run_as.layers[k], met[k]))
        for k in [k for g in ready for k in shares[g]]:
            del met[k]
    groups, errors = zip(*(found[g] for g in range(len(shares))))
    told = {**provenance, **joined_errors(errors, shares, network)}
    return CompressedNetwork(groups, members, stacks, wiring, network.head, told, shares)


def met_by(network, data):
    """What each LSTM of a float network reads of some external inputs.

    Parameters
    ----------
    network : Network
    data : list of calibration.Steps
        External inputs.

    Returns
    -------
    list of calibration.Steps
        By flat index, each in the order in which the LSTM takes the steps.
    """
    if network.is_side_by_side:
        return list(data)
    every, wiring, stacks = lstms.of(network.stacks), network.wiring, network.stacks
    flow = Flow(every, stacks, wiring, [steps.x for steps in data], data[0].lengths)
    met = {}
    for own in order.members(wiring, stacks):
        met.update((k, calibration.Steps(*flow.read(k))) for k in own)
        for k in own:
            flow.give(k, *_run(network.layers[k], met[k]))
    return [met[k] for k in range(len(every))]


def check_size(network, members):
    """Refuse more LSTMs, passes or text than a `CompressedNetwork` holds."""
    found = (
        ("LSTMs", len(network.layers), checks.MAX_LSTMS),
        ("passes", len(members), checks.MAX_PASSES),
        ("characters of wiring", checks.wiring_length(network.wiring), checks.MAX_WIRING),
    )
    for what, count, most in found:
        if count > most:
            raise CompressionError(
                "network", count, f"more than {most} {what}", "compress it in several networks"
            )


def grid_of(lstm, wiring, largest):
    """What is known of the x of an LSTM, an `XGrid`; `largest` is that of the input range."""
    if lstms.reads_only_hidden(lstm, wiring):
        return x_grid.XGrid(kind=x_grid.HIDDEN)
    bounds = [0.0]  # of what external inputs within the range, and h within 1, add up to
    for part in wiring.sources[lstm.model].parts:
        outside = [names.external_index(term.source) is not None for term in part]
        if largest and any(outside):
            bounds.append(sum(largest if external else 1.0 for external in outside))
    kind = x_grid.POWER if lstms.reads_hidden(lstm, wiring) else x_grid.FREE
    return x_grid.XGrid(max(bounds), kind)


def _run(layer, steps):
    """out and the last h of an LSTM in float32."""
    outs, ends = [], []
    for own in steps.chunks():
        zero = np.zeros((len(own.x), layer.hidden_size), np.float32)
        out, h, _ = layer.run(own.x, zero, zero, own.lengths)
        outs.append(out)
        ends.append(h)
    return np.concatenate(outs), np.concatenate(ends)


def joined_errors(errors, shares, network):
    """The weight error over all groups, for the provenance, a dict."""
    weights = [sum(network.layers[k].w_ih.size + network.layers[k].w_hh.size for k in own)
               for own in shares]  # fmt: skip
    energy = [
        sum(float((w.astype(np.float64) ** 2).sum())
            for k in own for w in (network.layers[k].w_ih, network.layers[k].w_hh))
        for own in shares
    ]  # fmt: skip
    lost = sum(error.mse * count for error, count in zip(errors, weights))
    whole = sum(energy)
    return {
        "weight mse": lost / sum(weights),
        "relative weight error": lost / whole if whole else 0.0,
    }
