"""External inputs of a wiring, and what its models read, as tensors."""

import torch
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from pynq_lstm.errors import InputError
from pynq_lstm.wiring import gather, names
from pynq_lstm.wiring.gather import Sequence


def external(x, sequences, batch_first=True, lengths=None, dtype=torch.float32):
    """External inputs by name, each a `Sequence` of tensors.

    Parameters
    ----------
    x : tensor, PackedSequence, or list of either over the inputs
        (batch, time, input) each, or (time, batch, input).
    sequences : Sequences
    batch_first : bool
    lengths : tensor or array, (batch,), int, optional
        Valid steps of tensors; all by default. A PackedSequence has its own.
    dtype : torch.dtype
        Of x: that of the weights.

    Raises
    ------
    InputError
        Not so many, of another size or dtype, nothing in one, or of lengths that differ or that
        give some model no step.
    """
    listed = isinstance(x, (list, tuple)) and not isinstance(x, PackedSequence)
    given, count = list(x) if listed else [x], len(sequences.input_sizes)
    if len(given) != count:
        raise InputError("x", len(given), f"not {count} external inputs", "pass a list of them")
    if lengths is not None and any(isinstance(one, PackedSequence) for one in given):
        raise InputError(
            "lengths", lengths, "x is a PackedSequence, which has its own", "leave one of them out"
        )
    padded = [_padded(one, batch_first) for one in given]
    for j, (one, _) in enumerate(padded):
        _check(f"x[{j}]", one, dtype)
    first, own = padded[0]
    for j, (_, other) in enumerate(padded):
        if not torch.equal(other, own):
            problem, remedy = "other lengths than x[0]", "pass sequences of equal length"
            raise InputError(f"x[{j}]", other.tolist(), problem, remedy)
    if lengths is not None:
        lengths = lengths.cpu().numpy() if isinstance(lengths, torch.Tensor) else lengths
    else:
        lengths = own.numpy()
    own = torch.from_numpy(sequences.lengths(lengths, len(first), first.shape[1]))
    for j, ((one, _), size) in enumerate(zip(padded, sequences.input_sizes)):
        if one.shape[2] != size:
            raise InputError(
                f"x[{j}].shape", tuple(one.shape), f"not {size} values in a step", "pass so many"
            )
    batch = torch.arange(len(own))
    return {
        names.external(j): Sequence(one, one[batch, own - 1], own)
        for j, (one, _) in enumerate(padded)
    }


def _padded(x, batch_first):
    """(batch, time, input) and the lengths, on the CPU as `pack_padded_sequence` takes them."""
    if isinstance(x, PackedSequence):
        return pad_packed_sequence(x, batch_first=True)
    if not isinstance(x, torch.Tensor) or x.ndim != 3:
        raise InputError(
            "x", type(x).__name__, "not a batch of sequences",
            "pass (batch, time, input) or packed x",
        )  # fmt: skip
    x = x if batch_first else x.transpose(0, 1)
    return x, torch.full((len(x),), x.shape[1])


def _check(name, x, dtype):
    """Refuse x of another dtype than the weights, which torch does not bring together."""
    if x.dtype != dtype:
        raise InputError(
            f"{name}.dtype", x.dtype, f"the weights are {dtype}", f"pass x.to({dtype})"
        )
    if 0 in x.shape:
        raise InputError(
            f"{name}.shape", tuple(x.shape), "an empty sequence or batch",
            "pass at least one step of one sequence",
        )  # fmt: skip


def gathered(expression, found):
    """The input of one model and its lengths: `wiring.gather.gather`, of tensors."""
    parts, lengths = gather.parts(expression, found)
    return torch.cat(parts, -1), lengths
