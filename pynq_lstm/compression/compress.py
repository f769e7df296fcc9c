"""`compress`: every compression method, by its options; `budgets.compress` finds these, too."""

from dataclasses import fields
from typing import Any, Dict

from pynq_lstm.compression import block_diagonal, dense, gates, group_words, groups, networks
from pynq_lstm.compression import calibration as ranges_of
from pynq_lstm.compression import shares as shares_of
from pynq_lstm.compression.block_options import BlockDiagonalOptions
from pynq_lstm.compression.block_scales import pruned
from pynq_lstm.compression.options import SvdOptions
from pynq_lstm.compression.quantization import quantise
from pynq_lstm.compression.weights import weight_error
from pynq_lstm.errors import CompressionError
from pynq_lstm.field_checks import MAX_MODELS
from pynq_lstm.network import Network


def _by_components(components):
    """A method that makes components first, whose dot products then choose the scales."""

    def compressed(network, options, data, input_range, progress, provenance):
        parts = components(network, options, data, progress, provenance)
        ranges = ranges_of.measure(network, data, input_range, parts)
        return quantise(network, parts, options, ranges, provenance)

    return compressed


def _whole(network, options):
    return network


_METHODS = {  # the options of a method, what makes its model, what runs on the calibration data
    "svd": (SvdOptions, _by_components(gates.components), _whole),
    "dense": (dense.DenseOptions, _by_components(dense.components), _whole),
    "block_diagonal": (BlockDiagonalOptions, block_diagonal.compressed, pruned),
}
METHODS = tuple(_METHODS)


def compress(
    network,
    method="svd",
    calibration=None,
    input_range=None,
    progress=None,
    share="all",
    **options,
):
    """Compress a float network to integers.

    Parameters
    ----------
    network : Network
    method : str, optional
        "svd": rank-1 components shared by the models (Ribes et al. 2020). "dense": the
        matrices themselves, rounded; for the CPU. "block_diagonal": matrices pruned by
        permuted block-diagonal masks, linearly quantised (Zheng et al.).
    calibration : ndarray, list or PackedSequence, float32, as `Session.infer` takes x
        Typical inputs; the scales are chosen from the float network's run on them.
    input_range : pair of float
        Lowest and highest value of x. Instead of `calibration` it makes seeded
        noise to run on; beside it, it widens the range of x.
    progress : bool, optional
        A progress bar on stderr; default: on terminals only.
    share : str or sequence of sequence of int
        Of "svd". Which LSTMs share u and v: "all" of a pass, "none", all of the "network",
        "auto", as `grouping` finds, or groups of their numbers, by model, then layer, then
        direction. Groups may go across passes. They have together no more words than
        `refinements` of all would take, or than `words`, which "auto" does not take, and are the
        groups of a `CompressedNetwork`.
    **options
        Of the method: the fields of `SvdOptions`, `dense.DenseOptions` or
        `block_options.BlockDiagonalOptions`.

    Returns
    -------
    CompressedModel or CompressedNetwork
        A model of LSTMs of one layer and one direction side by side; else a network, compressed
        group by group (docs/networks.md) with these options for every group. Serves every prefix of
        its components, with ``solver="bcd"`` only all of them. The same bytes for the same
        arguments, machine and library versions.

    Raises
    ------
    CompressionError
        An unknown method or option, or a value that the network does not allow; of a network the
        error names the pass and its LSTMs.
    CalibrationError
        Neither `calibration` nor `input_range`, or unusable ones.
    """
    if not isinstance(network, Network):
        raise CompressionError(
            "network", type(network).__name__, "not a Network", "make one with Network.from_torch"
        )
    if network.is_side_by_side and len(network.layers) > MAX_MODELS:
        raise CompressionError(
            "network.layers",
            len(network.layers),
            f"more than {MAX_MODELS} LSTMs side by side",
            "compress them in several models",
        )
    if not isinstance(method, str) or method not in _METHODS:
        raise CompressionError("method", method, "unknown", f"choose from {list(METHODS)}")
    kind, compressed, run_as = _METHODS[method]
    known = [f.name for f in fields(kind)]
    for name in options:
        if name not in known:
            raise CompressionError(
                name, options[name], f"no option of method {method!r}", f"choose from {known}"
            )
    options = kind(**options)
    data = ranges_of.calibration_input(network, calibration, input_range)
    words, shares, each, told = getattr(options, "words", None), None, {}, {}
    if not isinstance(share, str) or share != "all":
        if method != "svd":
            raise CompressionError(
                "share", share, f"method {method!r} shares nothing", "use it with method 'svd'"
            )
        if words is None or isinstance(share, str) and share == "auto":
            shares, each, told = shares_of.found(network, options, share, progress)
        else:
            shares = groups.checked(network, share)
    whole = network.is_side_by_side and len(shares or ("all",)) == 1
    # only here: running a model needs less than compressing one
    from threadpoolctl import threadpool_limits

    # one BLAS thread: the same bytes whatever the machine's load, and no oversubscription
    with threadpool_limits(limits=1):
        provenance: Dict[str, Any] = {
            "method": method,
            "calibration": "noise" if calibration is None else "data",
        }
        if shares is not None:
            provenance["groups that share"] = len(shares)
        if words is not None and not whole:
            own = groups.passes(network) if shares is None else shares
            each, told = group_words.options_of(network, options, own, data, progress)

        def one(network, data, grids, provenance, own=None):
            chosen = each.get(own, options)
            model = compressed(network, chosen, data, grids, progress, provenance)
            error = weight_error(network, model)
            errors = {"weight mse": error.mse, "relative weight error": error.relative}
            return model.with_provenance({**model.provenance, **errors})

        if whole:
            made = one(network, data, input_range, provenance)
        else:
            alone = run_as(Network(network.layers), options)
            made = networks.compressed(network, alone, data, input_range, one, provenance, shares)
    return made.with_provenance({**made.provenance, **told}) if told else made
