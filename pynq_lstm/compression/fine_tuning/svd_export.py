"""From trained `SvdLSTM` to integers with the same weights."""

from dataclasses import replace

from pynq_lstm.compressed_network import CompressedNetwork
from pynq_lstm.compression import calibration, groups, networks
from pynq_lstm.compression.fine_tuning.svd_join import joined
from pynq_lstm.compression.fine_tuning.topology import float_network, groups_of_trained
from pynq_lstm.compression.fine_tuning.trained import trained
from pynq_lstm.compression.parts import limit_dot_products
from pynq_lstm.compression.quantization import quantise
from pynq_lstm.compression.weights import weight_error
from pynq_lstm.errors import CompressionError
from pynq_lstm.model import PARTS
from pynq_lstm.network import Network
from pynq_lstm.passes import lstms, naming, order


def export_svd(model, met, head=None, provenance=None, apart=False):
    """Make the integers of the LSTMs in `model`.

    Their u and v are the codes that were trained, s and biases these on the integer grid. The
    scales of c and p are chosen from the tuned network's run on `met`, that of x is the one of
    the modules' evaluation.

    Parameters
    ----------
    model : nn.Module
        With `SvdLSTM` in it.
    met : list of calibration.Steps
        Typical inputs of each.
    head : nn.Linear or Head, optional
    provenance : mapping, optional
    apart : bool
        Whether LSTMs side by side stay groups where each has components of its own, as those of
        another network do. Where some share and others do not they always do.

    Returns
    -------
    CompressedModel or CompressedNetwork
        A model of LSTMs of one layer and one direction side by side, in the order of the
        modules, where all share their components or none does: of the latter each component
        serves one. Else a network. It serves the whole only: its components were trained
        together.

    Raises
    ------
    CompressionError
        No integers hold it, or LSTMs trained apart have tiles of different sizes.
    """
    from threadpoolctl import threadpool_limits

    modules, shares = trained(model), groups_of_trained(model)
    network = float_network(model, head)
    told = {"method": "svd", "solver": modules[0].options.solver, "calibration": "data",
            "fine-tuned": "u, s, v and biases", **(provenance or {})}  # fmt: skip
    with threadpool_limits(limits=1):
        # of groups side by side only single LSTMs are joined: their s stand as the modules do
        alone = not apart and all(len(own) == 1 for own in shares)
        if network.is_side_by_side and (len(shares) == 1 or alone):
            return _model(network, modules, met, shares, told)[0]
        return _network(network, modules, met, groups.ordered(network, shares), told)


def _network(network, modules, met, shares, told):
    every = lstms.of(network.stacks)
    members = order.passes(shares, network.wiring, network.stacks)
    what = "pass" if members == shares else "group"
    found = []
    for g, own in enumerate(shares):
        alone = Network([network.layers[k] for k in own])
        with naming.named(CompressionError, g, own, every, network.wiring, what):
            found.append(_model(
                alone, [modules[k] for k in own], [met[k] for k in own],
                [tuple(range(len(own)))], dict(told),
            ))  # fmt: skip
    made, errors = zip(*found)
    told = {**told, **networks.joined_errors(errors, shares, network)}
    return CompressedNetwork(
        made, members, network.stacks, network.wiring, network.head, told, shares
    )


def _model(network, modules, met, shares, told):
    """A `CompressedModel` of LSTMs side by side, and its weight error."""
    options, parts = modules[0].options, {}
    for side in PARTS:
        owners = [modules[own[0]].components for own in shares]
        part = joined([getattr(owner, side).components() for owner in owners])
        parts[side], halved = limit_dot_products(part, options.activation_bits)
        if halved:
            told[f"{side} components with a halved grid of u"] = halved
    grids = [module.x_grid for module in modules]
    ranges = calibration.measure(network, met, grids, parts)
    # of x what was trained, whichever batches came now: beyond it x saturated there, too
    ranges = replace(ranges, x=[grid.at_least for grid in grids])
    made = quantise(network, parts, options, ranges, told)
    error = weight_error(network, made)
    told = {**made.provenance, "weight mse": error.mse, "relative weight error": error.relative}
    return replace(made, prefixes=(made.max_refinements,), provenance=told), error
