"""The same sources with ap_int: every width forced to it, and as Vitis's C simulation sees them."""

import subprocess

import numpy as np
import plan_reference
import pytest
from designs import BLOCKS_8, BLOCKS_LUT, BLOCKS_TINY, BLOCKS_WIDE, DEFAULT, TINY, TINY_WIDE
from kernel_runs import assert_equal, load, run
from random_models import random_input
from random_plans import block_model, fitting_model, random_arguments, random_plan

from pynq_lstm import reference
from pynq_lstm.accelerator import native
from pynq_lstm.accelerator.config import config_header
from pynq_lstm.accelerator.native import NativeKernel
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.plan import Plan
from pynq_lstm.errors import CapacityError, PlanError

pytestmark = pytest.mark.hls
AP_CASES, CSIM_CASES = 500, 300
RUNS = 5  # of one image


def forced(ap_types):
    return {"flags": ("-O2", "-std=c++14", "-w", "-DHLS_FORCE_AP", "-isystem", str(ap_types))}


@pytest.mark.parametrize("design", [TINY, TINY_WIDE], ids=lambda d: d.name)
def test_every_width_as_ap_int_equals_the_reference(libraries, ap_types, record_property, design):
    """A model by itself and a plan with routes, stacks and lags in turn."""
    rng = np.random.default_rng(17)
    kernel = NativeKernel(libraries(design, **forced(ap_types)))
    bits = {"activation_bits": design.activation_bits, "p_bits": min(design.p_bits, 12)}
    cases = {"models": 0, "plans": 0, "collected": 0}
    while cases["models"] + cases["plans"] < AP_CASES / 2:
        alone = cases["models"] <= cases["plans"]
        if alone:
            model = fitting_model(rng, design.activation_bits, design.p_bits)
        try:
            image = pack(Plan.of_model(model) if alone else random_plan(rng, bits), design)
        except CapacityError:
            continue
        load(kernel, image)
        for _ in range(RUNS):
            if alone:
                arguments = random_input(rng, model)
                expected = reference.run(model, *arguments)
            else:
                arguments = random_arguments(rng, image.plan)
                expected = plan_reference.run(image.plan, *arguments)
            assert_equal(run(kernel, image, *arguments)[0], expected)
        cases["models" if alone else "plans"] += RUNS
        cases["collected"] += RUNS * bool(image.plan.collected)
    assert cases["plans"] >= AP_CASES / 4 and cases["collected"] > cases["plans"] / 2
    record_property("ap_int cases", cases["models"] + cases["plans"])


@pytest.mark.parametrize("design", [BLOCKS_TINY, BLOCKS_WIDE, BLOCKS_8], ids=lambda d: d.name)
def test_every_width_of_the_block_diagonal_kernel_as_ap_int(
    libraries, ap_types, record_property, design
):
    rng = np.random.default_rng(19)
    kernel, cases = NativeKernel(libraries(design, **forced(ap_types))), 0
    while cases < AP_CASES / 5:
        widths = {"activation_bits": design.activation_bits}
        widths["weight_bits"] = int(rng.choice([n for n in (2, 4, 8) if n <= design.weight_bits]))
        try:
            image = pack(random_plan(rng, widths, 12, design.u_tile, block_model), design)
        except (CapacityError, PlanError):
            continue
        load(kernel, image)
        for _ in range(RUNS):
            arguments = random_arguments(rng, image.plan)
            expected = plan_reference.run(image.plan, *arguments)
            assert_equal(run(kernel, image, *arguments)[0], expected)
        cases += RUNS
    record_property("ap_int cases", cases)


@pytest.mark.parametrize("design", [TINY, DEFAULT, BLOCKS_TINY, BLOCKS_LUT], ids=lambda d: d.name)
def test_the_form_of_vitis_csim_plays_its_vectors(
    tmp_path, ap_types, make_vectors, record_property, design
):
    """Native types where Vitis has them, ap_int elsewhere, processes one after another, main()."""
    cases = CSIM_CASES if design in (TINY, BLOCKS_TINY) else 30
    record_property("csim cases", cases)
    vectors = make_vectors(design, cases)
    assert play(tmp_path, design, vectors, ["-isystem", str(ap_types)]) == 0


@pytest.mark.parametrize("design", [TINY, BLOCKS_TINY], ids=lambda d: d.name)
def test_a_wrong_vector_is_noticed(tmp_path, make_vectors, design):
    vectors = make_vectors(design, 6)
    content = bytearray(vectors.read_bytes())
    content[-1] ^= 1  # the last beat that is expected
    vectors.write_bytes(content)
    assert play(tmp_path, design, vectors, ["-DHLS_NATIVE"]) == 1


def play(folder, design, vectors, flags):
    """Exit status of the test bench on a file of vectors."""
    (folder / "config.h").write_text(config_header(design))
    sources = native.SOURCES
    command = [native.find_compiler(), "-O1", "-std=c++14", "-w", *flags]
    command += [f"-I{p}" for p in (sources, folder, sources / "shims")]
    name = f"{design.kernel}.cpp"
    command += [str(sources / design.kernel / name), str(sources / "tests" / name)]
    program = folder / "testbench"
    subprocess.run([*command, "-o", str(program)], check=True, timeout=300)
    return subprocess.run([str(program), str(vectors)], timeout=300).returncode
