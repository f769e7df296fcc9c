"""The kinds of a model's parts, one for each compression method.

A part is one side of the LSTMs: the input's or the hidden state's. Every kind has

* ``method``: its name;
* ``weight_bits``: the widths that its codes may have;
* ``max_refinements``, and ``p_count(inputs, hidden, refinements)``: the values p of one step of a
  model;
* ``v_sums()``, and ``u_sum()`` where there are dot products before p: what bounds the sums
  (`pynq_lstm/overflow.py`);
* ``parameters()`` and ``multiplications(inputs, hidden, refinements)``: what it costs.

What computes with the weights, checks or stores them looks its function up by ``method``.
"""

from pynq_lstm.parts.block_diagonal import BlockDiagonalPart
from pynq_lstm.parts.dense import DensePart, OwnRows
from pynq_lstm.parts.svd import Part, SharedVectors, list_places, without

__all__ = [
    "BlockDiagonalPart",
    "DensePart",
    "OwnRows",
    "Part",
    "SharedVectors",
    "list_places",
    "without",
]
