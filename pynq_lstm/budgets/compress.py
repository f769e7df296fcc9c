"""`compress`, as `pynq_lstm.compress`: by options, or by a budget that options are found for."""

from pynq_lstm.budgets.search import search
from pynq_lstm.compression import compress as by_options


def compress(
    network,
    method=None,
    calibration=None,
    input_range=None,
    progress=None,
    budget=None,
    max_drop=None,
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
        permuted block-diagonal masks, linearly quantised (Zheng et al.). Default: "svd", and
        all of them where a budget or a drop is given.
    calibration : ndarray, list or PackedSequence, float32, as `Session.infer` takes x
        Typical inputs; the scales are chosen from the float network's run on them.
    input_range : pair of float
        Lowest and highest value of x. Instead of `calibration` it makes seeded
        noise to run on; beside it, it widens the range of x.
    progress : bool, optional
        A progress bar on stderr; default: on terminals only.
    budget, max_drop : optional
        What the model may cost or lose, instead of its options: ``search(...).model``, with
        ``validate`` and the other arguments of `search.search` among `options`.
    share : str or sequence of sequence of int
        Of "svd". Which LSTMs share u and v: "all" of a pass, "none", all of the "network",
        "auto", as `grouping` finds by weight error, which is no accuracy, or groups of their
        numbers, by model, then layer, then direction. Groups may go across passes. They have
        together no more words than `refinements` of all would take, and are the groups of a
        `CompressedNetwork`. With a budget or a drop "auto" means that `search` tries every way.
    **options
        Of the method: the fields of `SvdOptions`, `dense.DenseOptions` or
        `block_options.BlockDiagonalOptions`.

    Returns
    -------
    CompressedModel or CompressedNetwork
        As `compression.compress.compress` returns them.

    Raises
    ------
    CompressionError
        An unknown method or option, or a value that the network does not allow; of a network the
        error names the pass and its LSTMs. With a budget also as `search`.
    CalibrationError
        Neither `calibration` nor `input_range`, or unusable ones.
    """
    given = {"calibration": calibration, "input_range": input_range, "progress": progress}
    if budget is not None or max_drop is not None:
        given.update(budget=budget, max_drop=max_drop, method=method, share=share)
        return search(network, **given, **options).model
    method = "svd" if method is None else method
    return by_options.compress(network, method, share=share, **given, **options)
