"""A model and an input that fit the smallest design."""

import numpy as np
from random_models import sized_model


def small_case(seed=7, models=2, batch=2, steps=5):
    """A model of `models` LSTMs of 9 inputs and 13 units, and an input for it."""
    rng = np.random.default_rng(seed)
    model = sized_model(rng, (9,) * models, (13,) * models, 4, activation_bits=8, p_bits=9)
    x = rng.integers(-128, 128, (models, batch, steps, 9)).astype(np.float32)
    return model, x if models > 1 else x[0]
