"""Designs of the block-diagonal engine: what is valid, what is derived, what the models say."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest
from designs import BLOCK_NAMES, BLOCKS, BLOCKS_LUT, BLOCKS_TINY, BLOCKS_W8, DEFAULT, OVERLAYS
from random_block_models import sized_block_model

from pynq_lstm.accelerator.block_design import BlockDesign, h_tiles
from pynq_lstm.accelerator.cycles import load_cycles, run_cycles, wave_cycles
from pynq_lstm.accelerator.design import Design
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.plan import Plan
from pynq_lstm.accelerator.resources import estimate
from pynq_lstm.errors import DesignError


@pytest.mark.parametrize("name", BLOCK_NAMES)
def test_a_design_is_the_text_that_it_was_read_from(name):
    text = (OVERLAYS / name / "design.json").read_text()
    design = Design.from_json(text)
    assert isinstance(design, BlockDesign)
    assert json.loads(design.to_json()) == json.loads(text)
    assert Design.from_json(design.to_json()) == design
    assert design.hash64 != replace(design, version=2).hash64


BAD = [
    ({"multipliers": "tree"}, "multipliers = 'tree': unknown; use one of dsp, lut"),
    ({"slices": 4}, "slices = 4: no divisor of 25 columns"),
    ({"units": 5}, "units = 5: odd; use an even number"),
    ({"units": 16, "columns": 15, "slices": 1}, "columns = 15: less than 16 units"),
    ({"weight_bits": 2}, "weight_bits = 2: out of range; use one of 4, 8"),
    ({"columns": 100, "slices": 5}, "columns = 100: out of range"),
    ({"max_hidden": 4000}, "more than 256 tiles|tiles = 384: less than"),
    ({"max_route_words": 100}, "max_route_words = 100: one for each tile of x; use 192"),
    ({"hidden": replace(BLOCKS.hidden, words=90)}, r"hidden.words = 90: less than 96 tiles of h"),
    ({"input": replace(BLOCKS.input, tiles=100)}, r"input.tiles = 100: less than 192"),
    ({"input": replace(BLOCKS.input, rows=8)}, r"input.rows = 8: out of range; use 16 to 256"),
    ({"input": None}, "input"),
]


@pytest.mark.parametrize("changes, text", BAD, ids=lambda v: None if isinstance(v, str) else str(v))
def test_what_is_wrong_is_named(changes, text):
    with pytest.raises(DesignError, match=text):
        replace(BLOCKS, **changes)


def test_texts_of_other_engines_and_other_fields_are_refused():
    values = json.loads(BLOCKS.to_json())
    for changes, text in (
        ({"engine": "dense"}, "engine = 'dense': unknown"),
        ({"u_tile": 16}, "u_tile = 16: unknown"),
        ({"input": {**values["input"], "u_lanes": 3}}, "input.u_lanes = 3: unknown"),
    ):
        with pytest.raises(DesignError, match=text):
            Design.from_json(json.dumps({**values, **changes}))
    without = {name: value for name, value in values.items() if name != "engine"}
    with pytest.raises(DesignError):
        Design.from_json(json.dumps(without))


@pytest.mark.parametrize("rank", [2, 4, 8, 16])
def test_tiles_of_h_are_counted_as_they_are_laid_out(rank):
    for hidden in range(1, 200):
        units = np.arange(hidden)
        tile = units // rank // 6 * rank + units % rank
        assert h_tiles(hidden, rank, 6) == tile.max() + 1 == len(set(tile.tolist()))


def image_of(rank=4, size=200):
    bits = {"activation_bits": 8, "weight_bits": 4}
    rng = np.random.default_rng(0)
    model = sized_block_model(rng, (size,), (size,), (rank, rank), **bits)
    return pack(Plan.of_model(model), BLOCKS)


def test_a_step_of_the_papers_shape():
    """What the goal asks: 160 cycles at most with 625 multipliers a part at most."""
    modelled = wave_cycles(image_of())
    assert modelled.wave <= 160 and BLOCKS.multiplier_count <= 625
    assert modelled.limit == "feedback" and modelled.feedback == (modelled.wave,)
    assert modelled.idle == {name: modelled.wave - 72 for name in ("input_part", "hidden_part")}
    assert modelled.units["hidden_part"].macs == 40_000
    assert 0.92 < modelled.utilisation < 0.93


def test_more_work_takes_longer():
    waves = [wave_cycles(image_of(rank)).wave for rank in (16, 8, 4, 2)]
    assert waves == sorted(waves) and waves[-1] > waves[0]
    image = image_of()
    assert run_cycles(image, [9]) - run_cycles(image, [8]) == wave_cycles(image).wave
    assert load_cycles(image) > 2 * len(image.beats)


def test_no_product_of_the_lut_design_takes_a_dsp():
    dsp, lut = estimate(BLOCKS), estimate(BLOCKS_LUT)
    assert (lut.dsp, dsp.dsp) == (0, 2 * (300 + 6) + 6 * 8 + 8)
    assert all(item.dsp == 0 for item in lut.items)
    assert lut.lut[0] > dsp.lut[0] and lut.lut[0] < lut.lut[1]
    for found in (dsp, lut, estimate(BLOCKS_W8)):
        for kind in ("dsp", "bram36", "uram"):
            assert found.share(kind) <= 0.8
    assert (dsp.bram36, dsp.uram) == (lut.bram36, lut.uram)


def test_engines_and_kernels():
    assert (BLOCKS.engine, BLOCKS.kernel, BLOCKS.lanes) == (
        *("block_diagonal", "block_diagonal_lstm"),
        1,
    )
    assert (DEFAULT.engine, DEFAULT.kernel, DEFAULT.lanes) == ("svd", "svd_lstm", 2)
    assert "engine" not in asdict(BLOCKS_TINY)  # a property of the class; the text has it
