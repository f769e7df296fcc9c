"""What packed weights mean, place by place: panels, runs and the order of the bytes."""

import numpy as np

from pynq_lstm import numerics
from pynq_lstm.runtime.cpu.packing import WORD


def multiply(layout, matrix, wide, x):
    """Sums of every row of a packed matrix with the codes of its input words.

    Parameters
    ----------
    layout : Layout
    matrix : Matrix
    wide : bool
    x : ndarray, (words * inputs of a word,), int

    Returns
    -------
    ndarray, (rows,), int64
    """
    sums = np.zeros(matrix.rows, np.int64)
    dtype, per_word = (np.int16, 2) if wide else (np.int8, 4)
    adjacent = layout.adjacent16 if wide else layout.adjacent8
    order = per_word // adjacent, layout.lanes, adjacent
    words = np.asarray(x).reshape(-1, per_word // adjacent, adjacent)
    for row, vectors, first, runs, at in matrix.panels:
        for word, count in matrix.runs[first : first + runs]:
            size = count * vectors * WORD * layout.lanes
            weights = matrix.weights[at : at + size].view(dtype).astype(np.int64)
            weights = weights.reshape(count, vectors, *order)
            products = np.einsum("wvalk,wak->vl", weights, words[word : word + count])
            sums[row : row + vectors * layout.lanes] += products.ravel()
            at += size
    return sums


def stored_p(layout, matrix, wide, values):
    """Values in the order of a matrix's rows as they are stored: 8-bit ones of four vectors."""
    stored = np.zeros_like(values)
    for row, vectors, *_ in matrix.panels:
        order = layout.pair_order if wide or vectors < 4 else layout.quad_order
        rows = slice(row, row + vectors * layout.lanes)
        stored[rows] = in_place(order, values[rows])
    return stored


def in_place(order, values):
    """Rows at the places that an order names, block after block."""
    blocks = values.reshape(-1, len(order))
    placed = np.zeros_like(blocks)
    placed[:, order] = blocks
    return placed.reshape(values.shape)


def words_of(x, words, wide, offset=0):
    """Codes in so many words, zeros behind them, as the kernels keep them."""
    padded = np.zeros(words * (2 if wide else 4), np.int64)
    padded[: len(x)] = x
    return padded + (0 if wide else offset)


def pre_of(layout, model, group, packed, place, x, h):
    """Pre-activations (4 * hidden,) of one step of the group's member at `place`."""
    wide, p_wide, j = model.activation_bits > 8, model.p_bits > 8, group.members[place]
    found = [
        _p_of(layout, model, part, place, wide, words_of(codes, part.words, wide, layout.offset))
        for part, codes in ((packed.input, x), (packed.hidden, h))
    ]
    acc = packed.bias[place].ravel().astype(np.int64)
    if model.method == "dense":
        acc = acc + sum(found)
    else:
        sides = [
            stored_p(layout, part.u, p_wide, p) + (0 if p_wide else layout.offset)
            for part, p in zip((packed.input, packed.hidden), found)
        ]
        acc = acc + multiply(layout, packed.hidden.v, p_wide, np.concatenate(sides))
        if not packed.joined:
            acc = acc + multiply(layout, packed.input.v, p_wide, sides[0])
    acc = acc.astype(np.uint64).astype(np.uint32).view(np.int32).astype(np.int64)  # modulo 2^32
    shift = model.pre_shift[j]
    pre = numerics.saturate(acc >> shift if shift > 0 else acc << -shift, numerics.PRE_BITS)
    return in_place(layout.pair_order, pre).reshape(4, -1)[:, : group.size].ravel()


def _p_of(layout, model, part, place, wide, words):
    d = part.start + multiply(layout, part.u, wide, words)
    scale, shift = part.scale[place].astype(np.int64), int(part.s_shift[place])
    if not part.exact:
        shift = layout.scale_bits
    return numerics.requantise(d * scale, shift, model.p_bits)
