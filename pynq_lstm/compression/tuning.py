"""`fine_tune` as ``pl.fine_tune``: PyTorch is imported when it is called, not before."""

from pynq_lstm.errors import MissingExtraError


def fine_tune(model, data, method="block_diagonal", **settings):
    """Train a model whose LSTMs are compressed in every step.

    All arguments and the result are those of `pynq_lstm.compression.fine_tuning.fine_tune`.

    Parameters
    ----------
    model : nn.Module, Network, nn.LSTM or list of nn.LSTM
    data : iterable
        Batches.
    method : str
        "block_diagonal": under the mask and its quantisation. "svd": rank-1 components, on
        their grids and under their tile masks.
    **settings
        Loss, teacher, checkpoint, options of the method and hyperparameters.

    Returns
    -------
    FineTuned
        ``.export()`` makes the `CompressedModel`.

    Raises
    ------
    MissingExtraError
        PyTorch is not installed.
    CompressionError
        An argument that cannot be taken.
    """
    check_torch()
    from pynq_lstm.compression.fine_tuning import fine_tune as run

    return run(model, data, method, **settings)


def check_torch():
    """Refuse to go on without PyTorch.

    Raises
    ------
    MissingExtraError
    """
    try:
        import torch  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(
            "fine_tune", str(error), "training needs PyTorch", "pip install 'pynq-lstm[compress]'"
        ) from None
