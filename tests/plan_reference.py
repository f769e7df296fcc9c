"""What a plan computes: wave after wave, on the per-step functions of `reference`."""

import numpy as np

from pynq_lstm import numerics, reference


def run(plan, x, h, c, lengths, refinements):
    """Arguments and result as `reference.run`, lists in the order of ``plan.members``."""
    saturated = dict.fromkeys(reference.KINDS[1:], 0)
    batch, time = len(lengths), int(max(lengths))
    out = [np.zeros((batch, time, size), np.int64) for size in plan.hidden_sizes()]
    h, c = [np.array(a, np.int64) for a in h], [np.array(a, np.int64) for a in c]
    for b in range(batch):
        for wave in range(int(lengths[b]) + plan.largest_lag):
            before = {place: h[n][b].copy() for n, place in enumerate(plan.members)}
            for n, (k, lane) in enumerate(plan.members):
                pair = plan.pairs[k]
                step = wave - pair.lags[lane]
                if 0 <= step < lengths[b]:
                    values = routed(pair, lane, x[n], b, step, before)
                    h[n][b], c[n][b] = advance(
                        pair, lane, values, h[n][b], c[n][b], refinements, saturated
                    )
                    out[n][b, step] = h[n][b]
    return reference.IntegerResult(out, h, c, saturated)


def routed(pair, lane, x, b, step, before):
    """x of one step: sat_A(sum of round(source / 2^shift))."""
    total = np.zeros(pair.model.input_sizes[pair.members[lane]], np.int64)
    for segment in pair.routes[lane]:
        source = x[b, step] if segment.source is None else before[segment.source]
        values = source[segment.start : segment.start + segment.length]
        own = slice(segment.offset, segment.offset + segment.length)
        total[own] += numerics.round_shift(values, segment.shift)
    return numerics.saturate(total, pair.model.activation_bits)


def advance(pair, lane, x, h, c, refinements, saturated):
    """One step of one LSTM; returns its new h and c."""
    model, j = pair.model, pair.members[lane]
    pre = reference._pre_activations(model, j, x[None], h[None], refinements, saturated)
    h, c = reference._cell(model, j, pre, c[None], saturated)
    return h[0], c[0]
