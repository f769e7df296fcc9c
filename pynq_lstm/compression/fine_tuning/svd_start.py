"""From nn.LSTM to `SvdLSTM`, by the solver of `compress`."""

from torch import nn

from pynq_lstm.compression import gates, groups, networks, shares
from pynq_lstm.compression.fine_tuning.side_by_side import is_ours
from pynq_lstm.compression.fine_tuning.svd_lstm import SvdComponents, SvdLSTM
from pynq_lstm.compression.fine_tuning.svd_stack import SvdStack
from pynq_lstm.compression.fine_tuning.topology import float_network, groups_of_each, models
from pynq_lstm.compression.fine_tuning.trained import places, refuse_projections
from pynq_lstm.errors import CompressionError
from pynq_lstm.field_checks import MAX_MODELS
from pynq_lstm.network import Network
from pynq_lstm.passes import lstms as lstms_of
from pynq_lstm.passes import order
from pynq_lstm.stack import Stack


def factorise_modules(model, options, progress=False, met=None, chosen=None):
    """Put an `SvdLSTM` in the place of every nn.LSTM, an `SvdStack` where it has several LSTMs.

    Parameters
    ----------
    model : nn.Module
        Changed in place.
    options : SvdOptions
    progress : bool, optional
        A progress bar of the solver.
    met : dict of nn.LSTM to calibration.Steps, optional
        Typical inputs of each; needed where words are to be allotted (``options.words``).
    chosen : dict of tuple of int to SvdOptions, optional
        The options of each group that shares components, as `sharing` gives it; default: as
        `sharing` without a share.

    Returns
    -------
    nn.Module
        `model`.

    Raises
    ------
    CompressionError
        There is no nn.LSTM in it, one with projections, or an option does not fit.
    """
    found = places(model)
    check_modules(models(model))
    network = float_network(model)
    if chosen is None:
        chosen, _ = sharing(model, network, options, None)
    data = met and [met[lstm] for lstm in models(model)]
    cells = {}
    for own, asked in chosen.items():
        parts = _parts(network, own, asked, data and [data[k] for k in own], progress)
        components = SvdComponents(parts, options.weight_bits)
        cells.update((k, (components, j)) for j, k in enumerate(own))
    every, at, made = lstms_of.of(network.stacks), 0, {}
    for lstm, stack in zip(models(model), network.stacks):
        own = []
        for k in range(at, at + stack.cells):
            layer, kind = network.layers[k], networks.grid_of(every[k], network.wiring, 0).kind
            cell = SvdLSTM(_alone(lstm, layer), *cells[k], layer.bias, options, kind)
            own.append(cell.to(lstm.weight_hh_l0.device))
        at += stack.cells
        made[lstm] = own[0] if stack == Stack() else SvdStack(lstm, own)
    for parent, name, child in found:  # one that stands in two places stays one
        setattr(parent, name, made[child])
    return model


def sharing(model, network, options, share, progress=False):
    """Which LSTMs of a module share components.

    Parameters
    ----------
    model : nn.Module
    network : Network
        Its LSTMs.
    options : SvdOptions
        Of all.
    share : as `compress` takes it, or None
        None: all of a pass, and in a module that is not ours each nn.LSTM has its own.

    Returns
    -------
    chosen : dict of tuple of int to SvdOptions
        The options of each group.
    told : dict
        For the provenance.

    Raises
    ------
    CompressionError
        Groups or options that do not fit the network.
    """
    if options.words is not None and not network.is_side_by_side:
        raise CompressionError(
            "words", options.words, "of one model, and this network is of several passes",
            "pass refinements",
        )  # fmt: skip
    if share is None or isinstance(share, str) and share == "all":
        apart = share is None and not is_ours(model)
        own = groups_of_each(network) if apart else groups.passes(network)
        chosen, told = dict.fromkeys(own, options), {}
    else:
        _, chosen, told = shares.found(network, options, share, progress)
    if options.words is not None and len(chosen) > 1:
        raise CompressionError(
            "words", options.words, f"of one model, and here are {len(chosen)}", "pass refinements"
        )
    for own in chosen:
        if len(own) > MAX_MODELS:
            raise CompressionError(
                "model", len(own), f"more than {MAX_MODELS} LSTMs side by side", "train them apart"
            )
    if not network.is_side_by_side or share is not None and len(chosen) > 1:  # a network of them
        networks.check_size(network, order.passes(tuple(chosen), network.wiring, network.stacks))
    return chosen, told


def _parts(network, own, options, data, progress):
    from threadpoolctl import threadpool_limits

    alone = Network([network.layers[k] for k in own])
    with threadpool_limits(limits=1):  # the same start whatever the machine's load
        return gates.components(alone, options, data, progress, {})


def _alone(lstm, layer):
    """One LSTM of an nn.LSTM as one of its own, without weights."""
    return nn.LSTM(
        layer.input_size, layer.hidden_size, bias=lstm.bias, batch_first=lstm.batch_first,
        device="meta",
    ).train(lstm.training)  # fmt: skip


def check_modules(lstms):
    """Refuse LSTMs whose components cannot be trained."""
    for lstm in lstms:
        refuse_projections(lstm)
