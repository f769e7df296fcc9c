"""The resource model: shapes of memories, packing rules, the default design, the command line."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pynq_lstm.accelerator import resources
from pynq_lstm.accelerator.design import Design
from pynq_lstm.accelerator.memories import (
    IMPLEMENTATIONS,
    Memory,
    automatic,
    bram18,
    lutram_luts,
)
from pynq_lstm.accelerator.resource_logic import dot_bits, u_is_packed, v_is_packed
from pynq_lstm.errors import DesignError

PATH = Path(__file__).resolve().parents[2] / "overlays/svd_lstm/design.json"
DESIGN = Design.load(PATH)


def dsps(design):
    """DSPs of the lines of the estimate, by name."""
    return {item.name: item.dsp for item in resources.estimate(design).items}


@pytest.mark.parametrize(
    "width, depth, reads, expected",
    (
        (72, 512, 1, 2),
        (72, 1024, 1, 4),
        (144, 1024, 1, 8),
        (1, 4096, 1, 1),
        (9, 4096, 1, 2),
        (2048, 256, 1, 57),
        (36, 512, 2, 2),  # true dual port: 18 bits wide
        (36, 1024, 2, 2),
    ),
)
def test_block_rams_of_a_shape(width, depth, reads, expected):
    assert bram18(width, depth, reads) == expected


@pytest.mark.parametrize(
    "width, depth, expected",
    ((20, 16, 16), (14, 32, 8), (256, 64, 296), (256, 32, 152), (7, 64, 8), (7, 128, 16)),
)
def test_luts_that_store_a_shape(width, depth, expected):
    assert lutram_luts(width, depth) == expected


def test_each_implementation_counts_in_its_own_primitive_only():
    for implementation in IMPLEMENTATIONS:
        memory = Memory("m", 144, 4096, implementation, copies=13)
        counts = {"bram": memory.bram36, "uram": memory.uram}
        counts["luts"] = memory.luts
        own = implementation if implementation in counts else "luts"
        assert [name for name, count in counts.items() if count] == [own]
    assert Memory("m", 144, 4096, "uram", copies=13).uram == 26
    assert Memory("m", 144, 4097, "uram").uram == 4


def test_small_memories_without_a_pragma_go_to_luts():
    assert automatic("m", 1, 1024).implementation == "lutram"
    assert automatic("m", 1, 1025).implementation == "bram"


def test_the_default_design():
    found = resources.estimate(DESIGN)
    assert found.dsp == 1372
    assert found.uram == 71
    assert found.bram36 == 241.5
    assert all(found.share(kind) <= 0.8 for kind in ("dsp", "bram36", "uram", "lutram"))
    for low, high in (found.lut, found.ff):
        assert 0 < low < high
    assert found.lut[0] > found.lutram > 0


def test_dsps_by_unit():
    assert dsps(DESIGN) | {
        "input U lanes": 13 * 16,
        "hidden S multipliers": 2 * 13,
        "input V gates": 4 * 8 * 8,
        "hidden V gates": 4 * 16 * 8,
        "sigma": 8 * 16,
    } == dsps(DESIGN)


def test_activations_of_16_bits_do_not_pack():
    wide = replace(DESIGN, activation_bits=16)
    assert u_is_packed(DESIGN) and not u_is_packed(wide)
    assert dsps(wide)["input U lanes"] == 2 * dsps(DESIGN)["input U lanes"]
    assert (dot_bits(DESIGN), dot_bits(wide)) == (25, 32)
    assert dsps(wide)["input S multipliers"] == 2 * dsps(DESIGN)["input S multipliers"]


def test_dots_of_8_bit_activations_always_fit_a_dsp():
    assert dot_bits(replace(DESIGN, max_inputs=4096)) == 27


def test_p_packs_up_to_10_bits():
    assert [p for p in range(4, 17) if v_is_packed(replace(DESIGN, p_bits=p))] == list(range(4, 11))
    wide = dsps(replace(DESIGN, p_bits=11))
    assert wide["hidden V gates"] == 2 * dsps(DESIGN)["hidden V gates"]


@pytest.mark.parametrize("side", ("input", "hidden"))
def test_more_of_anything_takes_more(side):
    def larger(field, value):
        part = replace(getattr(DESIGN, side), **{field: value})
        return resources.estimate(replace(DESIGN, **{side: part}))

    least = resources.estimate(DESIGN)
    steps = {"u_lanes": 14, "v_lanes": 18, "u_words": 9000, "s_words": 9000, "v_words": 9000}
    for field, value in steps.items():
        found = larger(field, value)
        kinds = ("dsp", "bram36", "uram", "ff")  # a memory that leaves the LUTs frees some
        pairs = [(getattr(found, kind), getattr(least, kind)) for kind in kinds]
        assert all(more >= less for more, less in pairs)
        assert any(more > less for more, less in pairs)


def test_other_parts_are_refused():
    with pytest.raises(DesignError, match="design.part = 'xc7z020-clg400-1': the sizes"):
        resources.estimate(replace(DESIGN, part="xc7z020-clg400-1"))


def test_json_adds_up():
    found = json.loads(resources.estimate(DESIGN).to_json())
    assert found["how"] == "modelled"
    assert found["dsp"] == sum(item["dsp"] for item in found["items"])
    for kind in ("bram36", "uram"):
        assert found[kind] == sum(memory[kind] for memory in found["memories"])
    for kind in ("lut", "ff"):
        stored = sum(memory["lut"] for memory in found["memories"]) if kind == "lut" else 0
        sums = [stored + sum(item[kind][k] for item in found["items"]) for k in range(2)]
        assert found[kind] == sums
    assert found["percent"]["dsp"] == 79.4


def test_the_command_prints_a_table_or_json(capsys):
    assert resources.main([str(PATH)]) == 0
    text = capsys.readouterr().out
    assert "modelled" in text.splitlines()[0]
    assert "1,372 of   1,728" in text
    assert len(text.splitlines()) > 60
    assert resources.main([str(PATH), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["uram"] == 71


def test_the_command_names_what_is_wrong(capsys, tmp_path):
    path = tmp_path / "design.json"
    path.write_text(PATH.read_text().replace("xczu7ev", "xczu99"))
    assert resources.main([str(path)]) == 1
    assert "the sizes of this part are not known" in capsys.readouterr().err
    assert resources.main([str(tmp_path / "absent.json")]) == 1
    assert "absent.json" in capsys.readouterr().err


def test_the_module_runs():
    module = "pynq_lstm.accelerator.resources"
    done = subprocess.run(
        [sys.executable, "-m", module, str(PATH)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0
    assert done.stdout.startswith("xczu7ev-ffvc1156-2-e, modelled")
