"""What packed weights mean, place by place: panels, runs and the order of the bytes."""

import numpy as np

from pynq_lstm import numerics
from pynq_lstm.runtime.cpu import blocks
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


def multiply_own(layout, matrix, order, operands):
    """As `multiply`, where every row has the words of its own residue.

    Parameters
    ----------
    order : sequence of int
        The residue of each of the words that stand side by side.
    operands : ndarray, (words, residues, 4), int
    """
    sums = np.zeros(matrix.rows, np.int64)
    rank, pair = len(order), 2 * layout.lanes
    places = np.arange(matrix.rows // 4)  # of a gate
    units = places // pair * pair + layout.pair_order[places % pair]
    at_place = {residue: place for place, residue in enumerate(order)}
    assert sorted(at_place) == list(range(rank))
    own = np.tile([at_place[unit % rank] for unit in units], 4)
    for row, vectors, first, runs, at in matrix.panels:
        rows = slice(row, row + vectors * layout.lanes)
        for word, count in matrix.runs[first : first + runs]:
            weights = matrix.weights[at:][: count * vectors * WORD * layout.lanes].view(np.int8)
            weights = weights.reshape(count, vectors, -1, layout.lanes, layout.adjacent8)
            weights = weights.transpose(0, 1, 3, 2, 4).reshape(count, -1, WORD).astype(np.int64)
            sums[rows] += (weights * operands[word : word + count, own[rows]]).sum(axis=(0, 2))
            at += count * vectors * WORD * layout.lanes
    return sums


def operands_of(layout, operands, p_bits, x):
    """Operands of codes of a row in the order of their words, (words, residues, 4)."""
    codes = words_of(x, len(operands.index) // 2, True)
    d = codes * operands.multiplier.astype(np.int64)
    if not operands.plain:
        np.testing.assert_array_equal(_by_halves(layout, operands, codes), d + _half(operands))
    p = numerics.requantise(d, operands.shift, p_bits).reshape(-1, 64)
    p = np.take_along_axis(p, operands.index.reshape(-1, 64).astype(int), axis=1)
    return p.reshape(-1, operands.rank, WORD)


def _half(operands):
    return 1 << operands.shift - 1 if operands.shift > 0 else 0


def _by_halves(layout, operands, codes):
    """What the halves of the multipliers give for codes with their offset."""
    order = 2 // layout.adjacent16, layout.lanes, layout.adjacent16
    halves = operands.halves.view(np.int16).reshape(-1, *order).astype(np.int64)
    m = halves.sum(axis=(1, 3)).ravel()
    stored = codes.reshape(-1, len(layout.quad_order))[:, layout.quad_order].ravel()
    found = (stored + layout.offset) * m + operands.start
    return in_place(layout.quad_order, found)


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
    if model.method == "block_diagonal":
        acc = packed.bias[place].ravel() + _own_sums(layout, model, packed, x, h)
        return _pre(layout, group, acc, packed.pre_shift[place])
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
    return _pre(layout, group, acc, model.pre_shift[j])


def _own_sums(layout, model, packed, x, h):
    """Sums of both block-diagonal parts over every row, in the units of the packed bias."""
    parts = packed.input, packed.hidden
    sides = [operands_of(layout, p.operands, model.p_bits, c) for p, c in zip(parts, (x, h))]
    sides = [side + layout.offset for side in sides]
    matrices = [(part.v, side) for part, side in zip(parts, sides)]
    if packed.joined:
        matrices = [(packed.hidden.v, np.concatenate(sides))]
        parts = parts[1:]
    total = 0
    for (matrix, side), part in zip(matrices, parts):
        order = blocks.residues(layout, part.operands.rank)
        own = multiply_own(layout, matrix, order, side)
        total = total + (own << part.operands.sum_shift)
    return total


def _pre(layout, group, acc, shift):
    """Sums to pre (4 * hidden,), gate after gate."""
    acc = acc.astype(np.uint64).astype(np.uint32).view(np.int32).astype(np.int64)  # modulo 2^32
    pre = numerics.saturate(acc >> shift if shift > 0 else acc << -shift, numerics.PRE_BITS)
    return in_place(layout.pair_order, pre).reshape(4, -1)[:, : group.size].ravel()


def _p_of(layout, model, part, place, wide, words):
    d = part.start + multiply(layout, part.u, wide, words)
    scale, shift = part.scale[place].astype(np.int64), int(part.s_shift[place])
    if not part.exact:
        shift = layout.scale_bits
    return numerics.requantise(d * scale, shift, model.p_bits)
