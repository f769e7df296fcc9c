"""The sections that the images of all engines end with: biases and routes."""

import numpy as np

from pynq_lstm.accelerator.packing.records import bias_records


def plan_sections(plan, layouts, routes, design):
    """Bias and route records of all pairs, (records, beats, 16) uint8 each."""
    biases = [_biases(pair, own, design) for pair, own in zip(plan.pairs, layouts)]
    return np.concatenate(biases), np.concatenate([r.beats for r in routes])[:, None]


def _biases(pair, layout, design):
    own = [pair.model.bias[j] if j is not None else None for j in pair.members]
    return bias_records(own, layout, design)
