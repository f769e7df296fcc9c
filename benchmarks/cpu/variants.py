"""What of ours is measured: the public session on the C kernels, over compressed networks."""

from dataclasses import dataclass, field
from functools import partial

import pynq_lstm as pl
from pynq_lstm import model_size

BACKEND = "cpu"


@dataclass(frozen=True)
class Variant:
    """A way to compress.

    Attributes
    ----------
    name : str
    method : str
        As `pynq_lstm.compress` takes it.
    options : dict
        Further arguments of `pynq_lstm.compress`.
    rank : int
        Of the block-diagonal mask under which its network has its weights; 1: all of them.
    """

    name: str
    method: str
    options: dict = field(default_factory=dict)
    rank: int = 1


SVD_P8 = "SVD int8, p of 8 bits"
SVD = "SVD int8"  # p of as many bits as is the default
DENSE = "dense int8"
BLOCKS = "block-diagonal int4"
BLOCK_RANK = 4


def of_shape(shape):
    """The variants at a `Shape`: without absent tiles, at its ranks."""
    return (
        Variant(SVD_P8, "svd", {"refinements": shape.refinements, "p_bits": 8}),
        Variant(SVD, "svd", {"refinements": shape.refinements}),
        Variant(DENSE, "dense"),
        Variant(
            BLOCKS,
            "block_diagonal",
            {"block_rank": BLOCK_RANK, "weight_bits": 4, "operand_bits": 8},
            BLOCK_RANK,
        ),
    )


def compress(network, variants, calibration):
    """Compress by every variant.

    Returns
    -------
    models : dict of str to CompressedModel
    left_out : dict of str to str
        Why a variant is not there.
    """
    models, left_out = {}, {}
    for variant in variants:
        try:
            models[variant.name] = pl.compress(
                network, variant.method, calibration, progress=False, **variant.options
            )
        except pl.CompressionError as error:
            left_out[variant.name] = str(error)
    return models, left_out


def open_session(model, threads):
    """A session on the C kernels."""
    return pl.load(model, backend=BACKEND, **({"threads": threads} if threads > 1 else {}))


def call_of(session, x):
    """A function without arguments that runs the session on x, (models, batch, time, input)."""
    return partial(session.infer, x if len(x) > 1 else x[0])


def hidden_states(result, models):
    """h of every step, (time, batch, hidden) for each model, of what a call returned."""
    out = result[0]
    return [h.swapaxes(0, 1) for h in (out if models > 1 else out[None])]


def stored_bytes(model):
    """What the model takes in a file."""
    return model_size.stored_bytes(model)
