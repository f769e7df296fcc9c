"""A model, a network and inputs that fit the smallest design."""

import numpy as np
from example_matrices import random_layer
from random_models import sized_model

import pynq_lstm as pl


def small_case(seed=7, models=2, batch=2, steps=5):
    """A model of `models` LSTMs of 9 inputs and 13 units, and an input for it."""
    rng = np.random.default_rng(seed)
    model = sized_model(rng, (9,) * models, (13,) * models, 4, activation_bits=8, p_bits=9)
    x = rng.integers(-128, 128, (models, batch, steps, 9)).astype(np.float32)
    return model, x if models > 1 else x[0]


def stack_case(seed=1):
    """A network of two layers, and an input for it, some of which is clipped."""
    rng = np.random.default_rng(seed)
    net = pl.Network([random_layer(rng, 6, 8), random_layer(rng, 8, 8)], None, [pl.Stack(2)])
    given = {"input_range": (-1, 1), "refinements": 2, "p_bits": 9, "progress": False}
    return pl.compress(net, **given), rng.uniform(-1.2, 1.2, (2, 6, 6)).astype(np.float32)
