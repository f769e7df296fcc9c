"""The roofline: by hand, monotone, points below it, residences, quoted points, bad input."""

from dataclasses import replace

import cycle_shapes
import numpy as np
import paper_shape
import pytest
from designs import BLOCKS, DEFAULT
from random_block_models import sized_block_model

from pynq_lstm.accelerator import buffers, operating_points, paper_points
from pynq_lstm.accelerator.cycles import run_cycles, wave_cycles
from pynq_lstm.accelerator.devices import NAMES, Device
from pynq_lstm.accelerator.operating_points import (
    EACH_SEQUENCE,
    EACH_STEP,
    ON_CHIP,
    of_candidate,
    of_image,
)
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.plan import Plan
from pynq_lstm.accelerator.roofline import attainable, dense_macs, gops, roof
from pynq_lstm.accelerator.weight_traffic import weight_bytes
from pynq_lstm.baselines import lstm_hw, svd1_hw, svdn_sw
from pynq_lstm.errors import DesignError, InputError

ZCU104 = Device.of("zcu104")
MACS = 2 * 4 * 512 * (1024 + 512)  # of two dense LSTMs, I = 1024, H = 512


@pytest.fixture(scope="module")
def paper_image():
    return pack(Plan.of_model(paper_shape.model()), DEFAULT)


# --- roofs ------------------------------------------------------------------------------------
@pytest.mark.parametrize("bits, products, ridge", ((16, 1, 54), (8, 2, 108), (4, 4, 216)))
def test_roofs_of_the_zcu104_by_hand(bits, products, ridge):
    """At 300 MHz: 1.04, 2.07, 4.15 TOPS; the ridges are stated for the peak of the memory."""
    found = roof("zcu104", 300, bits)
    assert found.compute == pytest.approx(2 * 1728 * products * 0.3)
    assert found.memory == pytest.approx(13.44)
    assert found.ridge * found.memory / found.peak_memory == pytest.approx(ridge)


def test_logic_alone_by_hand():
    """70 % of 230,400 LUTs at 1,231 a row of 25 products."""
    found = roof(ZCU104, 200, 4)
    assert found.logic == pytest.approx(2 * 0.7 * 230_400 / (1231 / 25) * 0.2)
    assert roof(ZCU104, 200, 16).logic is None and roof("arria10", 200, 4).logic is None


def test_attainable_by_hand():
    found = roof(ZCU104, 200, 8)
    assert attainable(found, 10) == pytest.approx(134.4)
    assert attainable(found, 1e6) == found.compute == pytest.approx(1382.4)
    assert found.attainable(found.ridge) == pytest.approx(found.compute)
    # nine operations in ten are skipped: the memory's roof is what it was, the other is higher
    assert attainable(found, 10, skipped=10) == pytest.approx(134.4)
    assert attainable(found, 1e6, skipped=10) == pytest.approx(13824)


@pytest.mark.parametrize("name", NAMES)
def test_more_never_attains_less(name):
    rng, device = np.random.default_rng(1), Device.of(name)
    for _ in range(50):
        clock, bits = float(rng.uniform(50, 300)), int(rng.integers(1, 17))
        dsp, intensity = int(rng.integers(1, device.dsp)), float(10 ** rng.uniform(-2, 5))
        least = attainable(roof(device, clock, bits, dsp), intensity)
        faster = replace(device, memory_bytes_a_second=device.memory_bytes_a_second * 1.5)
        for more in (
            roof(device, clock, bits, dsp + 1),
            roof(device, clock * 1.1, bits, dsp),
            roof(device, clock, max(bits // 2, 1), dsp),
            roof(faster, clock, bits, dsp),
        ):
            assert attainable(more, intensity) >= least
        assert attainable(roof(device, clock, bits, dsp), intensity * 1.1) >= least


# --- points -----------------------------------------------------------------------------------
def test_the_paper_shape_on_chip_by_hand(paper_image):
    """190 cycles at 200 MHz; x of 1,024 and h of 512 bytes of two models."""
    found = of_image(paper_image, roof(ZCU104, 200, 8))
    assert found.microseconds == pytest.approx(0.95)
    assert found.bytes == 2 * (1024 + 512)
    assert found.gops == pytest.approx(2 * MACS / 0.95 / 1000)
    assert found.intensity == pytest.approx(2 * MACS / 3072)
    executed = 2 * 106_496  # both LSTMs
    assert found.executed_gops == pytest.approx(2 * executed / 0.95 / 1000)
    assert found.skipped == pytest.approx(MACS / executed)


def test_streamed_weights_take_the_memory(paper_image):
    at = roof(ZCU104, 200, 8)
    found = of_image(paper_image, at, EACH_STEP)
    traffic = 3072 + weight_bytes(paper_image)
    assert found.bytes == traffic
    assert found.microseconds == pytest.approx(traffic / 13.44e3)
    assert found.limit == "memory"
    assert found.gops == pytest.approx(found.attainable(at))  # it lies on the roof


def test_streamed_once_a_sequence(paper_image):
    at, steps = roof(ZCU104, 200, 8), 1000
    found = of_image(paper_image, at, EACH_SEQUENCE, steps)
    io = buffers.input_beats(paper_image, [steps], False)
    io += buffers.output_beats(paper_image, [steps], False)
    assert found.bytes == pytest.approx((16 * io + weight_bytes(paper_image)) / steps)
    assert found.microseconds == pytest.approx(run_cycles(paper_image, [steps]) / steps / 200)
    assert found.gops < of_image(paper_image, at).gops  # the start of a sequence


def test_no_residence_is_better_than_on_chip(paper_image):
    at = roof(ZCU104, 200, 8)
    for steps in (2, 28, 500):
        on_chip = of_image(paper_image, at, ON_CHIP, steps)
        once = of_image(paper_image, at, EACH_SEQUENCE, steps)
        always = of_image(paper_image, at, EACH_STEP, steps)
        assert on_chip.gops >= once.gops >= always.gops
        assert on_chip.intensity > once.intensity > always.intensity


@pytest.mark.parametrize("shape", [s for s in cycle_shapes.SIDE_BY_SIDE if s[3] <= 4][::3])
def test_points_lie_below_the_roof(shape):
    image = pack(Plan.of_model(cycle_shapes.model(*shape)), DEFAULT)
    at = roof(ZCU104, 200, 8)
    for residence in (ON_CHIP, EACH_STEP):
        found = of_image(image, at, residence)
        assert found.executed_gops <= at.attainable(found.executed_intensity) * (1 + 1e-12)
        assert found.gops <= found.attainable(at) * (1 + 1e-12)


def test_more_bandwidth_is_never_slower(paper_image):
    times = []
    for share in (0.1, 0.3, 0.7, 1.0):
        at = roof(replace(ZCU104, memory_share=share), 200, 8)
        times.append(of_image(paper_image, at, EACH_STEP).microseconds)
    assert times == sorted(times, reverse=True) and times[0] > times[-1]


@pytest.mark.parametrize("rank", (2, 4, 16))
def test_block_diagonal_by_hand(rank):
    model = sized_block_model(
        np.random.default_rng(0), (200,), (200,), (rank, rank), activation_bits=8, weight_bits=4
    )
    image = pack(Plan.of_model(model), BLOCKS)
    found = of_image(image, roof(ZCU104, 200, 8))
    assert found.engine == "block_diagonal"
    assert found.gops == pytest.approx(gops(320_000, wave_cycles(image).microseconds))
    assert found.skipped == pytest.approx(rank, rel=0.05)


def test_streamed_records_by_hand(paper_image):
    """U records of 13 tiles and 2 beats of indices, 166 + 85 words; so on for S and V."""
    program = paper_image.program(0, 16)
    beats = 15 * (166 + 85) + 7 * (program.input.u.slots + program.hidden.u.slots)
    beats += (16 + 2 + 1) * 128 + (32 + 4 + 1) * 64
    assert weight_bytes(paper_image) == 16 * beats
    assert weight_bytes(paper_image) < paper_image.beats.size  # which has every prefix
    assert weight_bytes(paper_image, 4) < weight_bytes(paper_image, 8) < weight_bytes(paper_image)


def test_streamed_records_of_one_prefix_are_the_image():
    """But for headers, biases, routes and what pads a section."""
    block = sized_block_model(
        np.random.default_rng(0), (200,), (200,), (4, 4), activation_bits=8, weight_bits=4
    )
    svd = cycle_shapes.model(256, 128, 8, 4)  # two pairs that share their words
    whole = replace(DEFAULT, max_programs=2, max_pairs=2)  # one a pair
    for model, design in ((block, BLOCKS), (svd, whole)):
        image = pack(Plan.of_model(model), design)
        rest = image.beats.size - weight_bytes(image)
        bias = sum(own.h_tiles for own in image.pairs) * design.bias_beats * 16
        assert bias < rest < bias + 4096


def test_sizes_are_those_of_every_member():
    image = pack(Plan.of_model(cycle_shapes.model(100, 60, 5, 3)), DEFAULT)
    assert list(operating_points.sizes(image.plan)) == [(100, 60)] * 3
    assert dense_macs(operating_points.sizes(image.plan)) == 3 * 4 * 60 * 160


def test_points_for_json(paper_image):
    told = of_image(paper_image, roof(ZCU104, 200, 8), name="a").as_dict()
    assert (told["x"], told["y"], told["name"]) == (told["intensity"], told["gops"], "a")
    assert roof(ZCU104).as_dict()["ridge"] == roof(ZCU104).ridge


# --- points of candidates ---------------------------------------------------------------------
def test_dense_on_chip_and_streamed_by_hand():
    """Of 4 bits it fits: x and h of two LSTMs move; of 8 bits a part streams and sets the time."""
    found = lstm_hw([(1024, 512)] * 2, ZCU104, 200, 1372, bits=4)
    own = of_candidate(found)
    assert (own.residence, own.engine, own.how) == (ON_CHIP, "lstm_hw", "modelled")
    assert own.bytes == pytest.approx(3072) and own.skipped == pytest.approx(1)
    assert own.executed_gops == own.gops == pytest.approx(gops(MACS, found.microseconds))
    assert own.name == found.name
    streams = lstm_hw([(1024, 512)] * 2, ZCU104, 200, 1372)
    own = of_candidate(streams, name="dense")
    assert (own.name, own.limit, own.residence) == ("dense", "memory", EACH_STEP)
    assert own.executed_gops == pytest.approx(13.44 * own.executed_intensity)
    assert of_candidate(streams, ON_CHIP).residence == ON_CHIP  # the caller knows better


def test_a_baseline_without_memories_streams_everything():
    empty = replace(ZCU104, bram36=1, uram=0, lutram=1)
    for bits in (4, 8):
        own = of_candidate(lstm_hw([(1024, 512)] * 2, empty, 200, 1372, bits=bits))
        assert own.residence == EACH_STEP
        assert own.bytes == pytest.approx(3072 + MACS * bits / 8, rel=0.01)
    models = [paper_shape.model(seed=k, models=1) for k in range(2)]
    kept, streamed = (of_candidate(svd1_hw(models, one, 200, 1372)) for one in (ZCU104, empty))
    assert (kept.residence, streamed.residence) == (ON_CHIP, EACH_STEP)
    assert kept.bytes == pytest.approx(3072) and kept.skipped > 25
    # u, s and v of both, each word a byte and its indices
    assert 2 * 106_496 < streamed.bytes - kept.bytes < 2 * 106_496 * 1.3
    at = roof(ZCU104, 200, 8, 1372)
    for own in (kept, streamed):
        assert own.executed_gops <= at.attainable(own.executed_intensity) * (1 + 1e-12)


def test_a_candidate_is_at_the_place_of_its_image(paper_image):
    """Of SVDn: the same time and traffic; executed operations are those with s, too."""
    image = of_image(paper_image, roof(ZCU104, 200, 8))
    given = {"intensity": image.intensity, "gops": image.gops, "engine": "svdn"}
    given = {**given, "microseconds": image.microseconds, "limit": "feedback"}
    base = lstm_hw([(1024, 512)] * 2)
    found = of_candidate(replace(base, **given, multiplications=2 * 106_496 + 256))
    assert (found.intensity, found.gops) == pytest.approx((image.intensity, image.gops))
    assert found.bytes == pytest.approx(image.bytes)
    assert found.executed_intensity == pytest.approx(image.executed_intensity, rel=2e-3)


def test_what_has_no_operating_point():
    model = cycle_shapes.model(64, 32, 4, 2)
    with pytest.raises(InputError, match="candidate.intensity = None: no traffic is modelled"):
        of_candidate(svdn_sw(model, "zcu104"))
    with pytest.raises(InputError, match="candidate = 'Roof': not a Candidate"):
        of_candidate(roof(ZCU104))
    for value in ("DDR", ["on chip"], 1):
        with pytest.raises(InputError, match="residence = .*unknown"):
            of_candidate(lstm_hw([(8, 8)]), value)


# --- papers -----------------------------------------------------------------------------------
def test_papers_state_little_and_nothing_is_invented():
    svdn, *found = paper_points.points()
    assert all(one.how == "quoted" and one.source for one in found)
    assert all(one.intensity is None and one.microseconds is None for one in found)
    # of default parameters: 106,496 products of each LSTM, as many words of both, 16 bits
    assert (svdn.how, svdn.gops, svdn.executed_gops) == ("arithmetic", None, None)
    assert svdn.bytes == 2 * (106_496 + 256 + 2 * 1536)
    assert svdn.executed_intensity == pytest.approx(2 * 2 * 106_496 / svdn.bytes)
    assert svdn.intensity == pytest.approx(2 * MACS / svdn.bytes)
    named = {one.name: one for one in found}
    peak = named["Zheng et al., peak at 150 MHz"]
    assert (peak.gops, peak.executed_gops) == (2220, 555)
    # the two figures of the paper are one, at two clocks
    assert named["Zheng et al., at 125 MHz"].gops * 150 / 125 == pytest.approx(peak.gops)


def test_what_a_paper_does_not_state_is_refused_by_name():
    named = {one.name: one for one in paper_points.points()}
    peak, picture = (
        named[name] for name in ("Zheng et al., peak at 150 MHz", "Ribes et al. 2020, SVDn-HW")
    )
    assert peak.skipped == 4
    with pytest.raises(InputError, match=r"point.intensity = None: not stated of 'Zheng.*quoted"):
        peak.attainable(roof(ZCU104))
    with pytest.raises(InputError, match="point.gops = None: not stated of 'Ribes"):
        picture.skipped  # noqa: B018


# --- bad input --------------------------------------------------------------------------------
@pytest.mark.parametrize("value", (0, -1, float("nan"), float("inf"), "8", None, True))
def test_numbers_that_are_not_positive(value):
    at = roof(ZCU104)
    with pytest.raises(InputError, match="intensity = "):
        attainable(at, value)
    with pytest.raises(InputError, match="skipped = "):
        attainable(at, 1, value)
    if value is not None:
        with pytest.raises(InputError, match="clock_mhz = "):
            roof(ZCU104, value)
        with pytest.raises(InputError, match="dsp = "):
            roof(ZCU104, dsp=value)


def test_what_a_device_has_not():
    with pytest.raises(InputError, match="dsp = 1729: more than the 1728 of zcu104"):
        roof(ZCU104, dsp=1729)
    with pytest.raises(DesignError, match="device.bits = 32"):
        roof(ZCU104, bits=32)
    with pytest.raises(DesignError, match="no known device"):
        roof("zcu105")


def test_residences_and_steps_are_checked(paper_image):
    at = roof(ZCU104)
    with pytest.raises(InputError, match="residence = 'DDR': unknown; use one of on chip"):
        of_image(paper_image, at, "DDR")
    for steps in (0, -1, 2.5):
        with pytest.raises(InputError, match="lengths"):
            of_image(paper_image, at, steps=steps)
