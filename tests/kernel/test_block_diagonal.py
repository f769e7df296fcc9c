"""The block-diagonal kernel, compiled natively, against the naive model: 0 LSB, on every design."""

from dataclasses import replace
from shutil import copytree

import numpy as np
import plan_reference
import pytest
from designs import BLOCKS, BLOCKS_8, BLOCKS_LUT, BLOCKS_TINY, BLOCKS_W8, BLOCKS_WIDE, TINY
from kernel_runs import DONE, assert_equal, load, run, words_of
from random_block_models import sized_block_model
from random_models import random_input, sized_model
from random_plans import block_model, random_arguments, random_plan, svd_model

from pynq_lstm import reference
from pynq_lstm.accelerator import buffers, identity, native
from pynq_lstm.accelerator.native import Command
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.plan import Plan
from pynq_lstm.errors import CapacityError, PlanError

SMALL = (BLOCKS_TINY, BLOCKS_WIDE, BLOCKS_8)
RUNS = 4  # of one image
OTHER_ENGINE = 10  # status
SHARE = 0.2  # of the cases, for each small design


def bits_of(rng, design):
    """Widths of a model that the design takes."""
    widths = [bits for bits in (2, 4, 8) if bits <= design.weight_bits]
    return {"activation_bits": design.activation_bits, "weight_bits": int(rng.choice(widths))}


def random_image(rng, design, largest):
    models = int(rng.integers(1, 4))
    inputs, hidden = (tuple(rng.integers(1, largest + 1, models).tolist()) for _ in range(2))
    while True:
        try:
            model = sized_block_model(rng, inputs, hidden, **bits_of(rng, design))
            return pack(Plan.of_model(model), design)
        except CapacityError:
            inputs, hidden = ((max(n - 1, 1) for n in sizes) for sizes in (inputs, hidden))
            inputs, hidden = tuple(inputs), tuple(hidden)


def check(kernel, image, arguments, expected):
    result, registers = run(kernel, image, *arguments)
    assert_equal(result, expected)
    lengths = arguments[3]
    calls = sum(int(n) + image.plan.largest_lag for n in lengths)
    assert registers.steps == len(image.pairs) * calls
    assert (registers.u_words, registers.v_words) == words_of(image, 1, lengths)


@pytest.mark.parametrize("design", SMALL, ids=lambda d: d.name)
def test_random_models_equal_the_reference(kernels, kernel_cases, record_property, design):
    rng = np.random.default_rng(design.columns)
    kernel, clipped, ranks = kernels(design), set(), set()
    cases = max(40, int(kernel_cases * SHARE))
    record_property("native block-diagonal cases", cases)
    for case in range(cases):
        if case % RUNS == 0:
            image = random_image(rng, design, design.max_hidden)
            load(kernel, image)
        model = image.plan.pairs[0].model
        arguments = random_input(rng, model)
        expected = reference.run(model, *arguments)
        check(kernel, image, arguments, expected)
        clipped |= {kind for kind, count in expected.saturated.items() if count}
        ranks.add((model.input.rank, model.hidden.rank))
    assert clipped == {"p", "pre", "c"}  # every kind of saturation occurs
    assert {a > b for a, b in ranks} == {True, False}
    assert {rank for both in ranks for rank in both} == {2, 4, 8, 16}


@pytest.mark.parametrize("design", [BLOCKS, BLOCKS_LUT, BLOCKS_W8], ids=lambda d: d.name)
def test_larger_models_equal_the_reference(kernels, kernel_cases, design):
    rng = np.random.default_rng(12)
    for _ in range(max(3, kernel_cases // 200)):
        image = random_image(rng, design, 320)
        load(kernels(design), image)
        model = image.plan.pairs[0].model
        arguments = random_input(rng, model)
        check(kernels(design), image, arguments, reference.run(model, *arguments))


@pytest.mark.parametrize("design", SMALL, ids=lambda d: d.name)
def test_random_plans_equal_the_reference(kernels, kernel_cases, record_property, design):
    """Stacks, and routes from memory and from any h of other LSTMs, whatever their ranks."""
    rng = np.random.default_rng(7)
    kernel, collected, refused = kernels(design), 0, 0
    cases = max(20, int(kernel_cases * SHARE / 2))
    record_property("native block-diagonal cases", cases)
    for _ in range(cases):
        while True:
            try:
                plan = random_plan(rng, bits_of(rng, design), 12, design.u_tile, block_model)
                image = pack(plan, design)
                break
            except (CapacityError, PlanError):  # too large, or added sources that do not align
                refused += 1
        load(kernel, image)
        arguments = random_arguments(rng, image.plan)
        check(kernel, image, arguments, plan_reference.run(image.plan, *arguments))
        collected += bool(image.plan.collected)
    assert collected > cases / 3 and refused < 2 * cases


@pytest.mark.parametrize("rank", [2, 4, 8, 16])
def test_the_shape_of_the_paper(kernels, rank):
    """H = I = 200: Zheng et al., section V."""
    rng = np.random.default_rng(rank)
    bits = {"activation_bits": 8, "weight_bits": 4}
    model = sized_block_model(rng, (200,), (200,), (rank, rank), **bits)
    image = pack(Plan.of_model(model), BLOCKS)
    load(kernels(BLOCKS), image)
    arguments = random_input(rng, model)
    check(kernels(BLOCKS), image, arguments, reference.run(model, *arguments))
    if rank == 4:  # 50 columns a class: 2 words; 9 blocks of 24 units: 36 tiles
        assert (image.programs[0].hidden.words, image.pairs[0].h_tiles) == (72, 36)


SEEDED = {
    "another class": ("multipliers.h", "row == call.rows - 1 ? 0 : row + 1", "row == 0 ? 1 : 0"),
    "no start at zero": ("multipliers.h", "first ? acc_t(0) : acc[gate][i]", "acc[gate][i]"),
    "gates rounded down": (
        "cell.h",
        "(wide + (step >> 1)) & -step",
        "wide & -step",
    ),
    "c on its finer grid": (
        "cell.h",
        "((sum + (step << 14)) >> 15) & -step",
        "(sum + (1 << 14)) >> 15",
    ),
    "x' without a limit of its own": ("columns.h", "call.limit);", "127);"),
    "p counted where nothing is valid": ("columns.h", "call.valid && p.clipped", "p.clipped"),
}


@pytest.mark.parametrize("fault", SEEDED)
def test_seeded_faults_are_noticed(tmp_path, fault):
    name, old, new = SEEDED[fault]
    sources = tmp_path / "hls_src"
    copytree(native.SOURCES, sources)
    (path,) = [p for p in sources.rglob(name) if "svd" not in p.parent.name]
    assert path.read_text().count(old) == 1
    path.write_text(path.read_text().replace(old, new))
    entry = str(sources / "native" / "block_diagonal_lstm.cpp")
    library = native.build(BLOCKS_TINY, tmp_path, includes=[sources], entry=entry)
    kernel, rng = native.NativeKernel(library), np.random.default_rng(3)
    with pytest.raises(AssertionError):
        for _ in range(40):
            bits = bits_of(rng, BLOCKS_TINY) | {"p_bits": 4, "gate_bits": 6, "cell_bits": 9}
            plan = random_plan(rng, bits, 10, BLOCKS_TINY.u_tile, block_model)
            try:
                image = pack(plan, BLOCKS_TINY)
            except (CapacityError, PlanError):
                continue
            load(kernel, image)
            arguments = random_arguments(rng, plan)
            check(kernel, image, arguments, plan_reference.run(plan, *arguments))


def test_what_a_design_has_no_room_for_is_named():
    rng = np.random.default_rng(0)
    model = sized_block_model(rng, (9,), (8,), activation_bits=8, weight_bits=8)
    with pytest.raises(CapacityError, match=r"weight_bits = 8: more than 4.*weight_bits=4"):
        pack(Plan.of_model(model), BLOCKS_TINY)
    large = sized_block_model(rng, (33,), (8,), activation_bits=8, weight_bits=4)
    with pytest.raises(CapacityError, match=r"inputs = 33: more than 32"):
        pack(Plan.of_model(large), BLOCKS_TINY)
    many = sized_block_model(rng, (32,) * 4, (24,) * 4, (2, 2), activation_bits=8, weight_bits=4)
    small = replace(BLOCKS_TINY, hidden=replace(BLOCKS_TINY.hidden, words=100))
    with pytest.raises(CapacityError, match=r"hidden words = 144: more than 100.*larger rank"):
        pack(Plan.of_model(many), small)


def test_each_kernel_refuses_the_image_of_the_other_by_a_status(kernels):
    rng = np.random.default_rng(1)
    blocks = sized_block_model(rng, (9,), (8,), activation_bits=8, weight_bits=4)
    components = sized_model(rng, (9,), (8,), 2, activation_bits=8, p_bits=8)
    images = [pack(Plan.of_model(blocks), BLOCKS_TINY), pack(Plan.of_model(components), TINY)]
    for own, (image, other) in zip((TINY, BLOCKS_TINY), (images, images[::-1])):
        load(kernels(own), other)
        registers, _ = kernels(own).start(Command.LOAD, image.beats)
        assert registers.status == OTHER_ENGINE
        assert registers.detail == identity.ENGINES[image.design.engine]
        room = buffers.state_beats(other)  # the image that was there still works
        assert kernels(own).start(Command.STATE_READ, out_beats=room)[0].status == DONE


@pytest.mark.parametrize(
    "pair, design, text",
    [
        (
            (9, 8, "svd"),
            BLOCKS_TINY,
            r"method = 'svd': block_diagonal_lstm_tiny runs block_diagonal",
        ),
        (
            (9, 8, "block_diagonal"),
            TINY,
            r"method = 'block_diagonal': svd_lstm_tiny runs svd models",
        ),
    ],
)
def test_the_packer_refuses_the_other_engines_models_by_name(pair, design, text):
    inputs, hidden, method = pair
    rng = np.random.default_rng(1)
    make = {"svd": svd_model, "block_diagonal": block_model}[method]
    model = make(rng, (inputs,), (hidden,), {"activation_bits": 8, "p_bits": 8})
    with pytest.raises(CapacityError, match=text):
        pack(Plan.of_model(model), design)
