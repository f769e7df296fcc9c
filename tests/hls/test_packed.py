"""Two products from one multiplier: common/packed.h against plain products, for every operand."""

import shutil
import subprocess
from pathlib import Path

import pytest

from pynq_lstm.accelerator import native

pytestmark = pytest.mark.hls
BENCH = Path(__file__).with_name("packed_bench.cpp")
U_PRODUCTS = 256 * 256 * 255  # activations of both LSTMs, codes
V_PRODUCTS = 255 * 255 * 1024  # two codes, p
SEEDED = {
    "no correction of the borrow": ("(sum >> kOffset) + negative", "(sum >> kOffset)"),
    "a low product without sign": (" - negative * (1 << kOffset)", ""),
    "an offset one too small": ("kOffset = 18", "kOffset = 17"),
    "no check of the range": ("guarantee(", "(void)("),
}


def build(folder, sources, flags):
    """The bench compiled against the sources."""
    program = folder / "packed_bench"
    command = [native.find_compiler(), "-O2", "-std=c++14", "-w", *flags, f"-I{sources}"]
    subprocess.run([*command, str(BENCH), "-o", str(program)], check=True, timeout=120)

    def play(check):
        done = subprocess.run(
            [str(program), check], check=True, capture_output=True, text=True, timeout=120
        )
        return tuple(map(int, done.stdout.split()))

    return play


@pytest.fixture(scope="module", params=["native", "ap_int"])
def play(request, tmp_path_factory):
    """Plays a check: how many were compared, and how many differ."""
    flags = ["-DHLS_NATIVE"]
    if request.param == "ap_int":
        flags = ["-isystem", str(request.getfixturevalue("ap_types"))]
    return build(tmp_path_factory.mktemp(request.param), native.SOURCES, flags)


@pytest.mark.parametrize("check, count", [("u_products", U_PRODUCTS), ("v_products", V_PRODUCTS)])
def test_both_products_of_every_operand_are_exact(play, check, count):
    assert play(check) == (count, 0)


@pytest.mark.parametrize("check, count", [("u_sums_of_8", 6435), ("v_sums_of_2", 36)])
def test_every_sum_of_extremes_is_exact(play, check, count):
    """As many products as the kernel adds up before it splits; 8 kinds, in any mixture."""
    assert play(check) == (count, 0)


@pytest.mark.parametrize("check", ["u_sum_of_9", "v_sum_of_3", "u_with_code_-128"])
def test_one_product_more_or_the_code_that_is_left_out_would_overflow(play, check):
    assert play(check) == (1, 1)


def test_the_code_that_is_left_out_overflows_at_the_eighth_product_only(play):
    assert play("u_without_code_-128") == (1, 0)


def test_operands_that_are_too_wide_are_refused(play):
    assert play("refusals") == (40, 0)


@pytest.mark.parametrize("fault", SEEDED)
def test_seeded_faults_are_noticed(tmp_path, fault):
    shutil.copytree(native.SOURCES / "common", tmp_path / "common")
    header = tmp_path / "common" / "packed.h"
    text, (old, new) = header.read_text(), SEEDED[fault]
    assert text.count(old) == 1
    header.write_text(text.replace(old, new))
    play = build(tmp_path, tmp_path, ["-DHLS_NATIVE"])
    checks = ("refusals", "v_sums_of_2", "u_sums_of_8", "u_products")
    assert any(play(check)[1] for check in checks)
