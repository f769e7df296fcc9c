"""Compressed models of every form, packed for the device, against the reference: 0 LSB."""

import numpy as np
import pytest
from designs import DEFAULT, TINY
from example_matrices import random_inputs, random_network
from fitting_models import fitting_input
from test_image import assert_equal, run

import pynq_lstm as pl
from pynq_lstm import reference
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.plan import Plan

FORMS = (
    {"form": "stacked", "refinements": 4},
    {"form": ("stacked", "per_gate"), "refinements": (4, 2)},
    {"form": ("per_gate", "stacked"), "refinements": ((1, 3, 2, 1), 5)},
    {"refinements": ((1, 3, 2, 1), (2, 1, 1, 3))},
    {"form": "auto", "refinements": 2, "solver": "bcd"},
)


@pytest.mark.parametrize("tiled", (False, True), ids=("whole", "tiled"))
@pytest.mark.parametrize("options", FORMS, ids=str)
@pytest.mark.parametrize("design", (TINY, DEFAULT), ids=lambda d: d.name)
def test_packed_forms_equal_the_reference(design, options, tiled):
    rng = np.random.default_rng(len(str(options)))
    sizes = [(11, 9), (7, 13)] if design is TINY else [(50, 40), (33, 21)]
    net = random_network(rng, sizes, gain=2.0)
    if tiled:
        stacked = 3 if options.get("form") == "stacked" else 1
        options = {**options, "u_tile": 4, "v_tile": 4, "zero_u_tiles": 1, "zero_v_tiles": stacked}
    model = pl.compress(
        net,
        calibration=random_inputs(rng, net, 4, 8),
        activation_bits=design.activation_bits,
        p_bits=design.p_bits,
        **options,
    )
    if not tiled:
        assert len(set(model.input.counts + model.hidden.counts)) > 1 or "solver" in options or (
            options["form"] == "stacked"
        )  # fmt: skip
    image = pack(Plan.of_model(model), design)
    for _ in range(5):
        arguments = fitting_input(rng, model)
        assert_equal(run(image, *arguments)[0], reference.run(model, *arguments))
