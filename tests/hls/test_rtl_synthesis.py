"""Leaf blocks through yosys: DSPs and memories as the resource model claims, LUTs as recorded."""

from pathlib import Path

import pytest
import rtl_benches  # noqa: F401  puts tools on the path
from rtl import blocks
from rtl.programs import ToolError
from rtl.yosys import map_blocks, read_statistics

from pynq_lstm.accelerator import leaf_blocks, resource_logic
from pynq_lstm.accelerator.design import Design
from pynq_lstm.accelerator.memories import Memory

DESIGN = Design.load(Path(__file__).resolve().parents[2] / "overlays/svd_lstm/design.json")
TOLERANCE = 0.1  # of LUTs and flip-flops, from one yosys to another
MEMORIES = ((144, 4096, "uram"), (144, 1024, "bram"), (2048, 256, "bram"), (256, 64, "lutram"))


def modelled_dsps(name):
    """DSPs of one of what a line of the model counts; the line begins with `name`."""
    item = next(item for item in resource_logic.units(DESIGN) if item.name.startswith(name))
    return item.dsp / item.count


BLOCKS = {
    "U lane": (blocks.umac(), leaf_blocks.U_LANE, modelled_dsps("hidden U")),
    "S multiplier": (blocks.smul(), leaf_blocks.S_MULTIPLIER, modelled_dsps("hidden S")),
    "2 V lanes": (blocks.vmac(2), leaf_blocks.V_GATE_2, modelled_dsps("hidden V gates") / 8),
    "16 V lanes": (blocks.vmac(16), leaf_blocks.V_GATE_16, modelled_dsps("hidden V gates")),
    "sigma": (blocks.sigma_unit(), leaf_blocks.SIGMA_UNIT, modelled_dsps("sigma")),
    "copy of p": (blocks.p_copy(), leaf_blocks.P_COPY, 0),
    "row of 4 bits": (blocks.row_sum(), leaf_blocks.ROW_4, 0),
    "row of 8 bits": (blocks.row_sum(25, 8), leaf_blocks.ROW_8, 0),
    "packed row": (blocks.packed_sum(25), leaf_blocks.PACKED_ROW, 25),
    "8 x 17": (blocks.row_sum(1, 8, 17), leaf_blocks.MULTIPLIER_8_17, 0),
    "16 x 17": (blocks.row_sum(1, 16, 17), leaf_blocks.MULTIPLIER_16_17, 0),
    "16 x 16": (blocks.row_sum(1, 16, 16), leaf_blocks.MULTIPLIER_16, 0),
}


@pytest.fixture(scope="module")
def mapped(tmp_path_factory):
    memories = {shape: blocks.word_memory(*shape) for shape in MEMORIES}
    every = {name: block for name, (block, _, _) in BLOCKS.items()} | memories
    return dict(zip(every, map_blocks(list(every.values()), tmp_path_factory.mktemp("yosys"))))


@pytest.mark.hls
@pytest.mark.parametrize("name", BLOCKS)
def test_a_block_takes_the_dsps_of_the_model(mapped, name):
    _, recorded, claimed = BLOCKS[name]
    cells = mapped[name]
    assert (cells.dsp, cells.bram36, cells.bram18, cells.uram) == (claimed, 0, 0, 0)
    assert recorded.dsp == cells.dsp
    assert cells.luts == pytest.approx(recorded.lut, rel=TOLERANCE)
    assert cells.registers == pytest.approx(recorded.ff, rel=TOLERANCE)


@pytest.mark.hls
@pytest.mark.parametrize("shape", MEMORIES, ids="{0[0]} x {0[1]} {0[2]}".format)
def test_a_memory_takes_what_the_model_counts(mapped, shape):
    cells, claimed = mapped[shape], Memory("words", *shape)
    counted = cells.bram36 + cells.bram18 / 2, cells.uram, cells.luts
    assert counted == (claimed.bram36, claimed.uram, claimed.luts)
    assert any(counted)


STATISTICS = """
   Number of cells:                 12
     DSP48E2                         {dsp}
     LUT6                            3
     RAMB18E2                        5

   Estimated number of LCs:          3
"""


def test_statistics_are_read(tmp_path):
    path = tmp_path / "block.txt"
    path.write_text(STATISTICS.format(dsp=4))
    cells = read_statistics(path)
    assert (cells.dsp, cells.luts, cells.bram18) == (4, 3, 5)


@pytest.mark.parametrize(
    "text, problem",
    (
        (None, "no statistics"),
        ("", "no statistics"),
        ("Number of cells: 0\n\nEstimated number of LCs: 0\n", "no cells"),
        (STATISTICS.format(dsp=4).replace("LUT6", "$mul"), "not mapped"),
        (STATISTICS.format(dsp=4).replace("Estimated", "Guessed"), "no statistics"),
    ),
    ids=("no file", "empty", "no cells", "not mapped", "no estimate"),
)
def test_statistics_that_say_nothing_are_refused(tmp_path, text, problem):
    path = tmp_path / "block.txt"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ToolError, match=problem):
        read_statistics(path)


@pytest.mark.hls
def test_a_module_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ToolError, match="tool = 'yosys': it failed"):
        map_blocks([blocks.Block("absent", (), (), 1)], tmp_path)
