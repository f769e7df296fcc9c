"""A compressed model to what the kernels run: groups of models of one size (``struct lstm_group``).

Models that share u and v stand side by side in a group, so that their weights are read once.
Models of another size are a group of their own, and so is every model that shares nothing.
"""

from typing import NamedTuple, Optional

import numpy as np

from pynq_lstm import overflow
from pynq_lstm.runtime.cpu import blocks
from pynq_lstm.runtime.cpu.packing import Matrix, Piece, inputs_per_word, pack

_SHIFTS = range(16, 32)  # of d s that a 32-bit multiplier serves
# The input part's v joins the hidden part's, instead of running over many steps at once, where
# both stay in the first cache, or where it is so short that its sums would move more bytes.
_JOINED_BYTES, _JOINED_WORDS = 24 << 10, 2


class Group(NamedTuple):
    """Models of one hidden size.

    Attributes
    ----------
    members : list of int
        Their places in the model.
    size, inputs : int
        Of the largest of them.
    """

    members: list
    size: int
    inputs: int


class PackedPart(NamedTuple):
    """The fields of ``struct lstm_part`` as arrays."""

    u: Matrix
    v: Matrix
    start: np.ndarray
    scale: np.ndarray
    s_shift: np.ndarray
    exact: bool
    words: int
    operands: Optional[blocks.Operands] = None


class PackedGroup(NamedTuple):
    """What differs between methods in ``struct lstm_group``; None: as in the model."""

    input: PackedPart
    hidden: PackedPart
    bias: np.ndarray
    joined: bool
    clip_first: bool
    pre_shift: Optional[list] = None


def groups_of(model):
    """The groups of a model, a list of `Group`."""
    sizes = model.hidden_sizes
    if model.method != "svd":
        members = [[j] for j in range(model.models)]
    else:
        members = [[j for j, h in enumerate(sizes) if h == size] for size in dict.fromkeys(sizes)]
    return [Group(m, sizes[m[0]], max(model.input_sizes[j] for j in m)) for m in members]


def pack_group(layout, model, group, refinements):
    """Pack the first refinements of a group.

    Parameters
    ----------
    layout : Layout
    model : CompressedModel
    group : Group
    refinements : int

    Returns
    -------
    PackedGroup
    """
    return _PACK[model.method](layout, model, group, refinements)


def _factored(layout, model, group, refinements):
    wide, p_wide = model.activation_bits > 8, model.p_bits > 8
    sides = [
        _fewest_weights(layout, part, group, inputs, refinements, wide, p_wide)
        for part, inputs in ((model.input, group.inputs), (model.hidden, group.size))
    ]
    first, second = (side.pieces(word) for side, word in zip(sides, (0, sides[0].words)))
    joined = _joins(first, second, 2 if p_wide else 1)
    v = pack(layout, [a + b for a, b in zip(first, second)] if joined else second, p_wide)
    above = pack(layout, [] if joined else first, p_wide)
    terms = 0 if p_wide else -layout.offset * (sides[0].v_sums() + sides[1].v_sums())
    parts = [side.packed(wide, matrix) for side, matrix in zip(sides, (above, v))]
    clip = _passes_int32(model, group)
    return PackedGroup(*parts, _bias(layout, model, group, terms), joined, clip)


def _joins(first, second, code_bytes):
    words = max(piece.weights.shape[1] for section in first for piece in section) * code_bytes // 4
    size = sum(piece.weights.size for section in first + second for piece in section) * code_bytes
    return size <= _JOINED_BYTES or words <= _JOINED_WORDS


def _fewest_weights(layout, part, group, inputs, refinements, wide, p_wide):
    """The components in the order within their lists that leaves the fewest weights.

    Panels skip what all their rows lack: components that lack the same tiles belong together. The
    sums are exact, so their order is free.
    """
    orders = [None]
    if not (part.u_mask.all() and part.v_mask.any(axis=1).all()):
        orders += [part.u_mask, part.v_mask.any(axis=1)]
    sides = [_Components(layout, part, group, inputs, refinements, p_wide, o) for o in orders]
    return min(sides, key=lambda side: side.weights(wide)) if len(sides) > 1 else sides[0]


class _Components:
    """The components of a `Part`, list after list, each from a whole word of p on.

    Within a list components stand as in the part, or sorted by a mask, (components, tiles).
    """

    def __init__(self, layout, part, group, inputs, refinements, p_wide, mask=None):
        count = part.prefix(refinements)
        self._layout, self._part, self._group = layout, part, group
        self._p_wide, self._per_word = p_wide, inputs_per_word(p_wide)
        places, self._starts = _rows_of_components(part, count, self._per_word, mask)
        # p are stored as 16-bit codes of pairs of vectors, or bytes of quads, or of a single pair
        rows = self._starts[-1] * self._per_word
        pairs = p_wide or rows <= layout.padded(1)
        self._vectors, self._order = (2, layout.in_pairs) if pairs else (4, layout.in_quads)
        rows = layout.padded(rows, self._vectors)
        self.words = rows // self._per_word
        self._u = np.zeros((rows, inputs), np.int8)
        self._u[places] = part.u[:count, :inputs]
        self._s = np.zeros((len(group.members), rows), np.int32)
        self._s[:, places] = part.s[:count, group.members].T
        self._v = np.zeros((4, rows, layout.padded(group.size)), np.int8)
        self._v[:, places, : group.size] = part.v[:count, :, : group.size].transpose(1, 0, 2)

    def pieces(self, word):
        """v as one section a gate, its p from `word` on."""
        starts, stacked = self._starts, self._part.gate_stacked
        sections = []
        for gate, v in enumerate(self._v):
            first, end = (0, starts[-1]) if stacked else starts[gate : gate + 2]
            rows = v[first * self._per_word : end * self._per_word]
            sections.append([Piece(self._layout.in_pairs(rows).T, word + first)])
        return sections

    def weights(self, wide):
        """Bytes that are multiplied."""
        u = pack(self._layout, [[Piece(self._order(self._u.T).T, 0)]], wide, self._vectors)
        return u.weights.nbytes + pack(self._layout, self.pieces(0), self._p_wide).weights.nbytes

    def v_sums(self):
        """(4, units), in the order of the units."""
        return self._v.sum(axis=1, dtype=np.int64)

    def packed(self, wide, v):
        """`PackedPart` with this v."""
        u, s = self._order(self._u.T).T, self._order(self._s)
        packed = pack(self._layout, [[Piece(u, 0)]], wide, self._vectors)
        return _part(self._layout, packed, v, u, s, self._part.s_shift, self._group, wide)


def _direct(layout, model, group, _):
    wide, j, units = model.activation_bits > 8, group.members[0], layout.padded(group.size)
    parts = []
    for part, inputs in ((model.input, group.inputs), (model.hidden, group.size)):
        w = np.zeros((4, inputs, units), np.int8)
        w[..., : group.size] = part.w[j].reshape(4, group.size, inputs).transpose(0, 2, 1)
        w = layout.in_pairs(w).transpose(0, 2, 1)
        s = np.zeros((1, 4, units), np.int32)
        s[..., : group.size] = part.s[j].reshape(4, group.size)
        s, rows = layout.in_pairs(s).reshape(1, 4 * units), w.reshape(4 * units, inputs)
        u = pack(layout, [[Piece(gate, 0)] for gate in w], wide)
        parts.append(_part(layout, u, pack(layout, [], wide), rows, s, part.s_shift, group, wide))
    clip = _passes_int32(model, group)
    return PackedGroup(*parts, _bias(layout, model, group, 0), False, clip)


def _blocks(layout, model, group, _):
    weights = blocks.weights_of(model, group.members[0])
    rest = weights.shifts[0] - weights.shifts[1]
    sides = [
        _block_side(layout, model, group, part, w, shift)
        for part, w, shift in zip((model.input, model.hidden), weights[1:3], weights.shifts)
    ]
    (first, second), terms = ([side[n] for side in sides] for n in (1, 2))
    joined = model.input.rank == model.hidden.rank and rest in (0, 1) and _joins(first, second, 1)
    if joined:  # a shift by one is the same words twice
        at = sides[0][0].u.rows // (4 * model.input.rank)
        second = [[*x * (1 + rest), Piece(h[0].weights, at)] for x, h in zip(first, second)]
        first = []
    parts = [
        side[0]._replace(v=pack(layout, sections, False))
        for side, sections in zip(sides, (first, second))
    ]
    clip, shifts = _passes_int32(model, group), [model.pre_shift[group.members[0]] - weights.common]
    bias = _bias(layout, model, group, sum(terms), weights.common)
    return PackedGroup(*parts, bias, joined, clip, shifts)


def _block_side(layout, model, group, part, w, shift):
    """A block-diagonal part without v, its v as one section a gate, and the offset's terms."""
    wide, j, none = model.activation_bits > 8, group.members[0], np.zeros(1, np.int32)
    operands, own = (
        blocks.operands(layout, part, j, shift),
        blocks.own_weights(layout, w, part.rank),
    )
    u = pack(layout, [], wide)._replace(rows=len(operands.index))
    words = -(-w.shape[1] // inputs_per_word(wide))
    packed = PackedPart(u, None, none, none, none, False, words, operands)
    sections = [[Piece(layout.in_pairs(gate.T).T, 0)] for gate in own]
    return packed, sections, -layout.offset * own.sum(axis=2, dtype=np.int64) << shift


_PACK = {"svd": _factored, "dense": _direct, "block_diagonal": _blocks}


def _passes_int32(model, group):
    """Whether a sum could pass int32 when it is brought to the grid of pre by a left shift."""
    bounds = overflow.sum_bounds(
        (model.input, model.hidden), model.p_bits, model.bias, model.pre_shift
    )
    return any(bounds[j] << max(-model.pre_shift[j], 0) > overflow.INT32_MAX for j in group.members)


def _part(layout, u, v, rows, s, shifts, group, wide):
    shifts = np.array([shifts[j] for j in group.members], np.int32)
    exact = not all(shift in _SHIFTS for shift in shifts)
    scale = s if exact else s << (layout.scale_bits - shifts)[:, None]
    start = (0 if wide else -layout.offset) * rows.sum(axis=1, dtype=np.int32)
    return PackedPart(u, v, start, scale, shifts, exact, -(-rows.shape[1] // inputs_per_word(wide)))


def _bias(layout, model, group, terms, coarser=0):
    """Where the sums begin: bias, rounding of pre, and the offset's terms, (models, 4, units).

    All in units of 2^coarser of the model's, bias and rounding down to them.
    """
    start = np.zeros((len(group.members), 4, layout.padded(group.size)), np.int64)
    for k, j in enumerate(group.members):
        start[k, :, : group.size] = model.bias[j].reshape(4, group.size)
        shift = model.pre_shift[j]
        start[k] = (start[k] + (1 << shift - 1 if shift > 0 else 0) >> coarser) + terms
    # modulo 2^32, as the sums are: they end within int32
    return layout.in_pairs(start.astype(np.uint64).astype(np.uint32).view(np.int32))


def _rows_of_components(part, count, per_word, mask):
    """The row of each component, (count,) int64; the first word of each list, and the end."""
    lists = np.asarray(part.gate[:count])
    places, starts = np.zeros(count, np.int64), [0]
    for number in range(len(part.counts)):
        own = np.flatnonzero(lists == number)
        if mask is not None:
            own = own[np.lexsort(mask[own].T)]
        places[own] = starts[-1] * per_word + np.arange(len(own))
        starts.append(starts[-1] - (-len(own) // per_word))
    return places, starts
