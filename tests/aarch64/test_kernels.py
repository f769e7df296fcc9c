"""The C kernels as a static program of the Cortex-A53: each equals the portable one."""

import re
import signal
import subprocess

from counting import QEMU
from cross_compiler import cross_compiled

CASES = 2000
DOT_PRODUCT = """
int main(void)
{
    __asm__ volatile(".arch armv8.4-a\\n\\tsdot v0.4s, v1.16b, v2.16b");
    return 0;
}
"""


def run(program, *arguments, cpu=QEMU):
    """Run an aarch64 program under qemu."""
    command = [*cpu, str(program), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


def test_every_kernel_equals_the_portable_one(kernels_under_test):
    done = run(kernels_under_test, CASES)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(rf"^neon: {CASES} cases, sigma functions equal$", done.stdout, re.M)
    assert done.stdout.endswith("2 kernels, 0 failed\n")


def test_the_emulated_core_refuses_what_the_board_has_not(tmp_path):
    """A dot product of Armv8.2 ends a program: kernels that pass here run on the board."""
    source = tmp_path / "dot_product.c"
    source.write_text(DOT_PRODUCT, encoding="utf-8")
    program = cross_compiled(["-static"], [source], tmp_path / "dot_product")
    assert run(program).returncode == -signal.SIGILL
    assert run(program, cpu=["qemu-aarch64", "-cpu", "max"]).returncode == 0
