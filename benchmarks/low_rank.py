"""A regulariser that makes the gate matrices of two LSTMs alike and of low rank."""

import torch

GATES = 4


@torch.no_grad()
def regularise(lstms, strength, rank, likeness, transpose):
    """One proximal step on the weights of two LSTMs of equal sizes, in place.

    The difference of the two is shrunk by the share `likeness`. Then the two
    blocks of each gate, side by side (they share a column space) or, with
    `transpose`, stacked (a row space), lose up to `strength` from every
    singular value after the first `rank`: the proximal operator of the
    partial sum of singular values (Oh et al., IEEE TPAMI 38(4), 2016), that
    is of the nuclear norm but for the part that may stay.

    Parameters
    ----------
    lstms : pair of torch.nn.LSTM
    strength : float
    rank : int
    likeness : float
        0 to 1.
    transpose : bool
    """
    axis = 1 if transpose else 2
    for name in ("weight_ih_l0", "weight_hh_l0"):
        pair = [getattr(lstm, name) for lstm in lstms]
        half = likeness / 2 * (pair[0] - pair[1])
        blocks = [(pair[0] - half).unflatten(0, (GATES, -1)),
                  (pair[1] + half).unflatten(0, (GATES, -1))]  # fmt: skip
        joined = _shrink_tail(torch.cat(blocks, axis), strength, rank)
        for weight, block in zip(pair, joined.chunk(2, axis), strict=True):
            weight.copy_(block.reshape(weight.shape))


def _shrink_tail(matrices, strength, rank):
    """Soft-threshold the singular values after the first `rank`."""
    u, s, v = torch.linalg.svd(matrices, full_matrices=False)
    s[..., rank:] = (s[..., rank:] - strength).clamp(min=0)
    return u * s[..., None, :] @ v
