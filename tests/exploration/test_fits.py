"""No design that fits is faster than the one that is found; what is found runs the model."""

from dataclasses import replace

import numpy as np
import pytest
from designs import BLOCKS, DEFAULT
from random_block_models import sized_block_model
from test_bounds import ZCU104, a_model

from pynq_lstm.accelerator import resources
from pynq_lstm.accelerator.plan import Plan
from pynq_lstm.errors import DesignError, PynqLstmError
from pynq_lstm.exploration import block_fit, fit, svd_fit, svd_space
from pynq_lstm.exploration.target import Target


@pytest.mark.parametrize("seed", range(3))
def test_the_fastest_design(seed):
    rng = np.random.default_rng(seed)
    models = [replace(a_model(rng, 8, 16), prefixes=None) for _ in range(1 + seed % 2)]
    best = svd_fit.best(models, ZCU104, slim=True)
    assert ZCU104.holds(resources.estimate(best.design))
    assert fit.cycles(fit.images(models, best.design)) == best.cycles
    pairs = max(len(Plan.of_model(model).pairs) for model in models)
    frame = svd_space.Frame.of(models, pairs, ZCU104)
    tried = 0
    while tried < 12:
        u_tile = int(rng.choice(svd_space.U_TILES))
        lanes = [(int(rng.integers(1, 17)), int(rng.integers(1, 40))) for _ in range(2)]
        try:
            packed = fit.images(models, frame.design(u_tile, lanes))
        except PynqLstmError:  # too few lanes for the components
            continue
        tried += 1
        fits = ZCU104.holds(resources.estimate(svd_fit.sized(packed)))
        assert fit.cycles(packed) >= best.cycles or not fits
    none = svd_fit.best(models, ZCU104, limit=best.cycles)
    assert none.design is None and none.cycles <= best.cycles


def test_the_smaller_of_equal_designs():
    model = a_model(np.random.default_rng(5), 8, 16)
    first, slim = (svd_fit.best([model], ZCU104, slim=slim) for slim in (False, True))
    assert slim.cycles == first.cycles
    shares = [
        max(resources.estimate(one.design).share(kind) for kind in ("dsp", "bram36", "uram", "lut"))
        for one in (slim, first)
    ]
    assert shares[0] <= shares[1]


def test_block_diagonal():
    rng = np.random.default_rng(0)
    model = sized_block_model(rng, (30, 20), (40, 40), activation_bits=8)
    best = block_fit.best([model], ZCU104)
    assert ZCU104.holds(resources.estimate(best.design))
    assert fit.cycles(fit.images([model], best.design)) == best.cycles
    for units, columns in ((2, 4), (6, 25), (16, 20)):
        assert block_fit.bound([model], units, columns) >= 0.97 * best.cycles


def test_a_device_without_room():
    """The lists of the input part need more than one UltraRAM."""
    model = a_model(np.random.default_rng(0), 8)
    tight = Target.of(replace(ZCU104.device, uram=1))
    best = svd_fit.best([model], tight)
    assert best.design is None and best.cycles == np.inf


def test_a_device_without_ultraram_is_refused_before_anything_is_made():
    """Both engines have memories there, whatever the lanes."""
    with pytest.raises(
        DesignError, match="device = 'ultra96': no design fits.* in UltraRAM; choose"
    ):
        Target.to_explore("ultra96")
    with pytest.raises(DesignError, match="UltraRAM"):
        Target.to_explore(replace(ZCU104.device, uram=0))
    for design in (DEFAULT, BLOCKS):
        assert resources.estimate(design).uram > 0


@pytest.mark.parametrize(
    "device, clock, text",
    [("zcu105", None, "zcu105"), ("arria10", None, "arria10"), ("zcu104", 0, "clock_mhz = 0"),
     ("zcu104", 2.5, "clock_mhz = 2.5: .*pass a whole number, 1 to 300"),
     ("zcu104", float("nan"), "clock_mhz = nan"), ("zcu104", True, "clock_mhz = True"),
     ("zcu104", "150", "clock_mhz = '150'")],
)  # fmt: skip
def test_unknown_targets(device, clock, text):
    with pytest.raises(DesignError, match=text):
        Target.of(device, clock)


@pytest.mark.parametrize("clock", [150, 150.0, np.int64(150), np.float32(150)])
def test_whole_clocks_of_any_type(clock):
    found = Target.of("zcu104", clock)
    assert (found.clock_mhz, type(found.clock_mhz)) == (150, int)
    assert found == Target.of("zcu104", 150)
