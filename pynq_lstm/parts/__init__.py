"""The kinds of a model's parts, one for each compression method.

A part is one side of the LSTMs: the input's or the hidden state's. Every kind has

* ``method``: its name;
* ``s_shift``: of each model, p = round(d * s / 2^s_shift);
* ``max_refinements``, and ``p_count(hidden, refinements)``: the values p of one step of a model;
* ``u_sum()`` and ``v_sums()``: what bounds the sums (`pynq_lstm/overflow.py`);
* ``parameters()`` and ``multiplications(inputs, hidden, refinements)``: what it costs.

What computes with the weights, checks or stores them looks its function up by ``method``.
"""

from pynq_lstm.parts.dense import DensePart, OwnRows
from pynq_lstm.parts.svd import Part, SharedVectors, list_places

__all__ = ["DensePart", "OwnRows", "Part", "SharedVectors", "list_places"]
