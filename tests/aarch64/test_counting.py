"""Counting instructions under qemu, and finding the loops that execute them."""

import counting
import loops
import pytest
from cross_compiler import cross_compiled

# spin: two instructions an iteration. multiply: 16 products an iteration, in four.
PROGRAM = """
#include <stdlib.h>

__attribute__((noinline)) static void spin(long n)
{
    __asm__ volatile("1: subs %0, %0, #1\\n\\tb.ne 1b" : "+r"(n) : : "cc");
}

__attribute__((noinline)) static void multiply(long n)
{
    __asm__ volatile("1: smull v0.8h, v1.8b, v2.8b\\n\\tsmlal2 v0.8h, v1.16b, v2.16b\\n\\t"
                     "subs %0, %0, #1\\n\\tb.ne 1b" : "+r"(n) : : "cc", "v0");
}

int main(int argc, char **argv)
{
    spin(atol(argv[1]));
    multiply(atol(argv[2]));
    return argc > 3;
}
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    folder = tmp_path_factory.mktemp("counted")
    source = folder / "program.c"
    source.write_text(PROGRAM, encoding="utf-8")
    return cross_compiled(["-O2", "-static"], [source], folder / "program")


@pytest.fixture(scope="module")
def plugin(tmp_path_factory):
    return counting.build_plugin(tmp_path_factory.mktemp("plugin"))


def test_instructions_are_counted_exactly(program, plugin):
    functions = counting.functions_of(program)
    short = counting.count(plugin, [program, 1000, 1])
    long = counting.count(plugin, [program, 3000, 1])
    assert long.total() - short.total() == 4000
    of_short, of_long = (run.by_function(functions) for run in (short, long))
    assert of_long["spin"] - of_short["spin"] == 4000
    assert of_long["multiply"] == of_short["multiply"] < 10
    spin = functions["spin"]
    assert long.within(spin.start, spin.end) == of_long["spin"]
    assert long.within(spin.start, spin.start) == 0


def test_a_block_that_is_cut_counts_what_lies_inside():
    counts = counting.Counts(((0x1000, 4, 10), (0x1010, 2, 7)), "")
    assert counts.total() == 54
    assert counts.within(0x1004, 0x1014) == 3 * 10 + 1 * 7


def test_a_program_that_fails_is_no_count(program, plugin):
    with pytest.raises(counting.EmulationError, match="status 1"):
        counting.count(plugin, [program, 1, 1, "fail"])


def test_a_program_that_does_not_end_is_stopped(program, plugin):
    with pytest.raises(counting.EmulationError, match="timed out"):
        counting.count(plugin, [program, 10**15, 1], seconds=0.5)


def test_inner_loops_and_their_products(program):
    functions = loops.disassemble(program)
    (spin,), (multiply,) = (loops.inner_loops(functions[name]) for name in ("spin", "multiply"))
    assert (len(spin.instructions), spin.products()) == (2, 0)
    assert (len(multiply.instructions), multiply.products()) == (4, 16)


def test_modelled_cycles(program):
    """The chain of two dependent multiplications is longer than the units alone need."""
    (loop,) = loops.inner_loops(loops.disassemble(program)["multiply"])
    cycles, bound = loops.modelled_cycles(loop)
    assert 2 <= bound < cycles < 40
