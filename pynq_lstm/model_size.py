"""What a compressed model costs to store and to run (docs/model_file.md, "Words")."""

from pynq_lstm.model_file import schema, tensors


def stored_bytes(model):
    """Length of the tensor buffer of the model's file.

    Returns
    -------
    int, bytes
        Codes (of present tiles), masks, s, biases and head.
    """
    arrays = tensors.pack(model, schema.describe(model))
    return sum(array.nbytes for array in arrays.values())


def parameters(model):
    """Stored words, to be held against the weight matrices; no bias, mask or head.

    Returns
    -------
    int, words
        Elements of present u and v tiles, or of w, plus s.
    """
    return sum(part.parameters() for part in (model.input, model.hidden))


def multiplications(model, refinements=None):
    """Multiplications of one step of all models, those of the cells left out.

    A component costs model j its present elements of u and v, as far as they lie
    within the model's own sizes, and one product with s; a dense row its weights and one.

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
    refinements = model.served(refinements)
    return sum(
        part.multiplications(inputs, hidden, refinements)
        for part, sizes in ((model.input, model.input_sizes), (model.hidden, model.hidden_sizes))
        for inputs, hidden in zip(sizes, model.hidden_sizes, strict=True)
    )
