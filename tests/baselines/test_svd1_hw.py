"""SVD1-HW: DSPs by hand, against the shipped kernel's schedule, both ways, memories, errors."""

import sys
from dataclasses import replace
from types import SimpleNamespace

import cycle_shapes
import numpy as np
import paper_shape
import pytest
from random_block_models import sized_block_model

from pynq_lstm.accelerator.cycles import wave_cycles
from pynq_lstm.accelerator.design import Design, PartDesign
from pynq_lstm.accelerator.devices import Device
from pynq_lstm.accelerator.energy_constants import NOMINAL
from pynq_lstm.accelerator.memories import Memory
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.plan import Pair, Plan
from pynq_lstm.accelerator.resources import estimate
from pynq_lstm.accelerator.roofline import dense_macs
from pynq_lstm.baselines import lane_search, single_engine
from pynq_lstm.baselines.placement import place
from pynq_lstm.baselines.svd1_hw import SEQUENTIAL, SIDE_BY_SIDE, svd1_hw
from pynq_lstm.errors import CapacityError, DesignError, InputError

svd1_module = sys.modules["pynq_lstm.baselines.svd1_hw"]  # the function has its name
ZCU104 = Device.of("zcu104")
SHIPPED_DSP = 1372


def small(seed=0, inputs=64, hidden=32, refinements=4):
    return cycle_shapes.model(inputs, hidden, refinements, 1, seed=seed)


@pytest.fixture(scope="module")
def pair():
    """Two LSTMs of the paper's size, each compressed by itself."""
    return [paper_shape.model(seed=k, models=1) for k in range(2)]


# --- DSPs -------------------------------------------------------------------------------------
def test_an_engine_of_one_lane_takes_half_the_dsps():
    """Two lanes share u and v; one lane packs two elements instead."""
    design = pack_shape()
    found = single_engine.units_dsp(design)
    by_hand = (16 * (13 + 13) + 4 * 8 * (8 + 16)) // 2 + 13 + 13 + 8 * 8
    assert found == by_hand == (estimate(design).dsp - 8) // 2 == (SHIPPED_DSP - 8) // 2


def pack_shape():
    return Design(
        "shape", 1, ZCU104.part, 200, 8, 10, 16, 8, 1024, 512, 4, 64, 16, 512, 4,
        PartDesign(13, 8, 4096, 512, 4096), PartDesign(13, 16, 1024, 512, 1024),
    )  # fmt: skip


# --- both ways --------------------------------------------------------------------------------
def test_the_paper_shape_at_the_dsps_of_the_shipped_design(pair):
    """As fast as the lanes of the shipped kernel are with one LSTM in each: the same tiles."""
    found = svd1_hw(pair, dsp=SHIPPED_DSP)
    alone = [wave_cycles(pack(Plan((Pair(m, (0, None)),)), pack_shape())).wave for m in pair]
    assert found.options["engines"] == SIDE_BY_SIDE
    assert found.cycles <= max(alone)
    assert found.resources["dsp"] <= SHIPPED_DSP
    assert found.microseconds == found.cycles / 200
    macs = 2 * 4 * 512 * 1536
    assert found.gops == pytest.approx(2 * macs / found.microseconds / 1000)
    assert found.intensity == pytest.approx(2 * macs / (2 * 1536))  # nothing streams


def test_the_better_way_is_taken():
    for models, dsp in (([small(0), small(1, 300)], 300), ([small()] * 3, 400)):
        ways = {
            SEQUENTIAL: svd1_module._sequential(models, 200, dsp - 8, ZCU104.part),
            SIDE_BY_SIDE: svd1_module._side_by_side(models, 200, dsp - 8, ZCU104.part),
        }
        waves = {name: max(e.cycles.wave for e in engines) for name, engines in ways.items()}
        found = svd1_hw(models, dsp=dsp)
        assert found.cycles == min(waves.values())
        assert waves[found.options["engines"]] == found.cycles
        for engines in ways.values():
            assert sum(engine.dsp for engine in engines) <= dsp - 8


def test_one_lstm_has_the_whole_design_either_way():
    found = svd1_hw([small()], dsp=400)
    (engine,) = svd1_module._sequential([small()], 200, 392, ZCU104.part)
    assert found.cycles == engine.cycles.wave


def test_a_trimmed_image_takes_as_long():
    """The memories are cut to what is used; what is packed for them is the same schedule."""
    models = [small(k) for k in range(2)]
    engine = lane_search.fastest(models, 200, 300, ZCU104.part)
    again = pack(engine.image.plan, engine.image.design)
    assert wave_cycles(again).wave == engine.cycles.wave


def test_more_dsps_are_no_slower_to_speak_of():
    """Lanes are chosen from a grid of ratios: a step of it may cost a few cycles."""
    models, waves = [small(k, 300, 64) for k in range(2)], []
    for dsp in (250, 400, 900, 1700):
        waves.append(svd1_hw(models, dsp=dsp).cycles)
    assert all(more <= 1.02 * less for less, more in zip(waves, waves[1:]))
    assert waves[-1] < waves[0]


def test_more_bandwidth_is_never_slower():
    models = [small(0, 300, 64)]
    cramped = replace(ZCU104, bram36=3, uram=1, lutram=100, lut=200, ff=200)
    slow, fast = (
        svd1_hw(models, replace(cramped, memory_share=share), dsp=400) for share in (0.02, 0.04)
    )
    assert slow.limit == "memory" and slow.intensity == fast.intensity
    assert fast.microseconds == pytest.approx(slow.microseconds / 2)
    roomy = svd1_hw(models, replace(ZCU104, memory_share=0.02), dsp=400)
    assert roomy.intensity > slow.intensity and roomy.microseconds < fast.microseconds


def test_the_candidate():
    models = [small(0), small(1, 48, 24)]
    found = svd1_hw(models, dsp=300)
    assert (found.engine, found.how, found.design) == ("svd1_hw", "modelled", None)
    macs = dense_macs([(64, 32), (48, 24)])
    assert found.gops == pytest.approx(2 * macs / found.microseconds / 1000)
    assert found.multiplications < macs
    assert set(found.resources) == {"dsp", "bram36", "uram", "memory_bits", "lut", "ff"}
    assert found.energy > 0.6 * found.microseconds * 1000  # static
    assert found.as_dict()["name"].startswith("svd1_hw, method svd, engines ")


# --- memories ---------------------------------------------------------------------------------
def test_an_engine_has_the_memories_of_one_lane():
    """By hand, at tiles of 8 of v: what a pair has beside its lists is half as wide."""
    design = pack_shape()
    engine = single_engine.SingleEngine(SimpleNamespace(design=design), None)
    pair, alone = (
        {memory.name: memory for memory in memories}
        for memories in (estimate(design).memories, engine.memories)
    )
    expected = {  # block RAMs of a pair, and of one
        "sigma_unit.biases": (28.5, 14.5),  # 4 gates, 8 units, 32 bits: 1,024 bits and twice that
        "sigma_unit.states": (5.5, 3),  # 8 units of h and c: 192 bits
        "feedback": (2, 1),
        "to_route": (2, 1),
    }
    for name, blocks in expected.items():
        assert (pair[name].bram36, alone[name].bram36) == blocks, name
        assert pair[name].width == 2 * alone[name].width
    for name in ("input_v.p", "hidden_dots", "x", "h"):
        assert pair[name].width * pair[name].copies == 2 * alone[name].width * alone[name].copies
    for side in ("input", "hidden"):  # u and v are of the engine's own LSTM
        assert pair[f"{side}_u.words"] == alone[f"{side}_u.words"]
        assert pair[f"{side}_v.words"] == alone[f"{side}_v.words"]
    assert "m_axi adapters (assumed)" not in alone


@pytest.mark.parametrize("dsp", [300, 400])
def test_engines_have_their_adapters_in_common(dsp):
    """And the bits that are told are those of all memories in blocks."""
    models = [small(0), small(1, 300)]
    for make in (svd1_module._sequential, svd1_module._side_by_side):
        engines = make(models, 200, dsp - 8, ZCU104.part)
        found = svd1_module._candidate(models, "a way", engines, ZCU104, NOMINAL)
        own = [m for engine in engines for m in engine.memories]
        of_blocks = [m for m in own if m.implementation in ("bram", "uram")]
        bits = sum(m.width * m.depth * m.copies for m in of_blocks) + 4 * 128 * 256
        assert found.resources["memory_bits"] == bits
        blocks = sum(replace(m, implementation="bram").bram36 for m in of_blocks)
        assert found.resources["bram36"] == blocks + 4 * 2  # all of it has room there


def test_memories_go_where_there_is_room():
    """A memory of 72 x 4,096: eight block RAMs or one UltraRAM."""
    memory = Memory("m", 72, 4096, "bram", copies=4)
    roomy = replace(ZCU104, bram36=32, uram=4)
    assert place([memory], roomy) == place([replace(memory, implementation="uram")], roomy)
    assert place([memory], roomy).bram36 == 32
    assert place([memory], replace(roomy, bram36=20)).uram == 2
    found = place([memory], replace(roomy, bram36=8, uram=1, lutram=1, lut=2))
    assert (found.bram36, found.uram, found.missing) == (8, 1, 0.5)


def test_shallow_memories_go_to_luts_last():
    shallow = Memory("s", 7, 64, "bram", copies=2)
    found = place([shallow], replace(ZCU104, bram36=1, uram=0))
    assert (found.bram36, found.lutram, found.missing) == (1.0, 0, 0)  # two halves
    found = place([replace(shallow, copies=4)], replace(ZCU104, bram36=1, uram=0))
    assert (found.bram36, found.lutram, found.missing) == (1.0, 16, 0)


def test_places_never_pass_the_device():
    rng = np.random.default_rng(0)
    for _ in range(100):
        memories = [
            Memory(
                f"m{k}",
                int(rng.integers(1, 200)),
                int(rng.integers(1, 9000)),
                str(rng.choice(["bram", "uram"])),
                int(rng.integers(1, 20)),
            )
            for k in range(rng.integers(1, 6))
        ]
        device = replace(ZCU104, bram36=int(rng.integers(1, 99)), uram=int(rng.integers(0, 40)))
        found = place(memories, device)
        assert found.bram36 <= device.bram36 and found.uram <= device.uram
        assert found.lutram <= device.lutram and 0 <= found.missing <= 1
        larger = place(memories, replace(device, bram36=device.bram36 + 50))
        assert larger.missing <= found.missing + 1e-12


# --- bad input --------------------------------------------------------------------------------
def test_other_models_are_refused():
    block = sized_block_model(np.random.default_rng(0), (8,), (8,), activation_bits=8)
    two = cycle_shapes.model(64, 32, 4, 2)
    for models, text in (
        ([], "models = 'list': not a list of models"),
        (small(), "models = 'CompressedModel': not a list of models"),
        ([small(), two], r"models\[1\] = 'CompressedModel': not one LSTM by SVD"),
        ([block], r"models\[0\] = 'CompressedModel': not one LSTM by SVD"),
        ([3], r"models\[0\] = 'int'"),
    ):
        with pytest.raises(InputError, match=text):
            svd1_hw(models)


def test_budgets_are_checked():
    with pytest.raises(CapacityError, match="dsp = .*no engine of so few"):
        svd1_hw([small()], dsp=50)
    with pytest.raises(InputError, match="dsp = 2000: more than the 1728"):
        svd1_hw([small()], dsp=2000)
    with pytest.raises(InputError, match="clock_mhz = -1"):
        svd1_hw([small()], clock_mhz=-1)
    with pytest.raises(InputError, match="clock_mhz = 150.5: not a whole number"):
        svd1_hw([small()], clock_mhz=150.5)
    with pytest.raises(DesignError, match="no known device"):
        svd1_hw([small()], "zcu102")


def test_parts_whose_memories_are_not_modelled_are_refused():
    with pytest.raises(DesignError, match="not of UltraScale"):
        svd1_hw([small()], "arria10")
