"""What a compressed model costs to store and to run (docs/model_file.md, "Words")."""

from pynq_lstm.model_file import schema, tensors
from pynq_lstm.tiles import tile_lengths


def stored_bytes(model):
    """Length of the tensor buffer of the model's file.

    Returns
    -------
    int, bytes
        Codes of present tiles, masks, s, biases and head.
    """
    arrays = tensors.pack(model, schema.describe(model))
    return sum(array.nbytes for array in arrays.values())


def parameters(model):
    """Stored words, to be held against the weight matrices; no bias, mask or head.

    Returns
    -------
    int, words
        Elements of present u and v tiles, plus s.
    """
    return sum(
        _present(part.u_mask, part.u_tile, part.u.shape[-1])
        + _present(part.v_mask, part.v_tile, part.v.shape[-1])
        + part.s.size
        for part in (model.input, model.hidden)
    )


def multiplications(model, refinements=None):
    """Multiplications of one step of all models, those of the cells left out.

    A component costs model j its present elements of u and v, as far as they lie
    within the model's own sizes, and one product with s.

    Parameters
    ----------
    model : CompressedModel
    refinements : int, optional
        As in ``infer``; None for the largest that is served.

    Returns
    -------
    int, multiplications a step

    Raises
    ------
    InputError
        A prefix that the model does not serve.
    """
    refinements, total = model.served(refinements), 0
    for part, sizes in ((model.input, model.input_sizes), (model.hidden, model.hidden_sizes)):
        first = part.prefix(refinements)
        for inputs, hidden in zip(sizes, model.hidden_sizes, strict=True):
            total += first + _present(part.u_mask[:first], part.u_tile, inputs)
            total += _present(part.v_mask[:first], part.v_tile, hidden)
    return total


def _present(mask, tile, length):
    """Elements before `length` that lie in present tiles."""
    lengths = tile_lengths(length, tile)
    return int((mask[..., : len(lengths)] * lengths).sum())
