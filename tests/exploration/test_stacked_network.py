"""An exploration of a network that runs in several passes."""

import numpy as np
import small_networks
from explored import ASKED

import pynq_lstm as pl
from pynq_lstm.budgets.validation import Validation


def test_a_stack_of_layers():
    """Prefixes of all its passes are measured, and what is found is what was measured."""
    rng = np.random.default_rng(1)
    network = small_networks.stacked(rng, inputs=8, hidden=16)
    data, x = small_networks.labelled(rng, network, 40), small_networks.inputs(rng, network, 10)
    asked = {**ASKED, "engines": ("svdn",), "max_drop": 40.0, "tries": 1}
    found = pl.explore(network, validation=data, calibration=x, **asked)
    assert len(found.model.passes) == 2
    assert found.float_value - Validation(network, data).of(found.model) == found.best.drop
    again = pl.compress(network, calibration=x, progress=False, **found.best.options)
    model = found.model.with_provenance({})
    assert again.with_provenance({}).content_hash == model.content_hash
