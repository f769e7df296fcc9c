"""Faults seeded in the small kernel: each is caught, by name; sequential simulation misses some."""

import sys
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "dataflow"))

import small_kernel  # noqa: E402

STEPS = 6
READS = "read_memory(in, steps * kTiles, beats);"
PIPELINE = "#pragma HLS PIPELINE II=1"
H_TILES = "h.write(step == 0 && t < kTiles ? Token{} : feedback.read());"
COLLECT = f"++t) {{\n{PIPELINE} style=frp\n    out.write(h.read());"


def reads(beats):
    """The first producer sends another number of tokens than its readers expect."""
    return [("mini.cpp", READS, READS.replace("steps * kTiles", f"steps * kTiles + {beats}"))]


def fork(depth):
    """`route` hands each tile to `sigma` too, which takes it only when a whole unit is done."""
    skip = f'hls::stream<Token> skip("skip");\n#pragma HLS STREAM variable=skip depth={depth}\n'
    both = "const Token beat = beats.read();\n    x.write(beat);\n    skip.write(beat);"
    signature = "hls::stream<Token> &input,"
    return [
        (
            "core/ends.h",
            "hls::stream<Token> &x)",
            "hls::stream<Token> &x, hls::stream<Token> &skip)",
        ),
        ("core/ends.h", "x.write(beats.read());", both),
        ("core/sigma.h", signature, f"hls::stream<Token> &skip, {signature}"),
        (
            "core/sigma.h",
            "const Token a = input.read();",
            "skip.read(); const Token a = input.read();",
        ),
        ("mini.cpp", 'hls::stream<Token> x("x"),', f'{skip}    hls::stream<Token> x("x"),'),
        ("mini.cpp", "route(beats, x);", "route(beats, x, skip);"),
        ("mini.cpp", "sigma(commands[2], input_sums", "sigma(commands[2], skip, input_sums"),
    ]


def two_steps_a_call(style):
    """The loop of h inside a call: the pipeline of `h_tiles` runs on from one step to the next."""
    before, after = (f"{PIPELINE}{s}\n    {H_TILES}" for s in (" style=frp", style))
    return [("config.h", "kTurns = 1;", "kTurns = 2;"), ("core/ends.h", before, after)]


TWO_IN_ONE = [("core/ends.h", COLLECT, COLLECT.replace("++t", "t += 2") + " out.write(h.read());")]


@pytest.fixture(scope="module")
def x():
    return small_kernel.inputs(STEPS)


def build(folder, edits):
    """The timed simulation of the kernel with a fault."""
    tree = small_kernel.copied(folder, edits)
    return small_kernel.build_timed(tree, folder / "build", flags=["-O0"])


def timed(folder, edits, x):
    """Report and h of the kernel with a fault."""
    return small_kernel.run_timed(build(folder, edits), x)


def blocked(report):
    return {(b.process, b.direction, b.fifo) for b in report.blocked}


def sequential_passes(folder, x):
    error, out = small_kernel.run_sequential(folder / "mini", folder, x)
    return not error and (out == small_kernel.expected(x)).all()


def test_the_clean_kernel_passes_both_ways(tmp_path, x):
    report, out = timed(tmp_path, [], x)
    assert not report.failed, report.why
    np.testing.assert_array_equal(out, small_kernel.expected(x))
    assert sequential_passes(tmp_path, x)


def test_a_short_producer(tmp_path, x):
    report, _ = timed(tmp_path, reads(-1), x)
    assert report.kind == "deadlock"
    assert ("waves/route", "read", "beats") in blocked(report)
    assert "waves/route reads empty beats at cycle" in report.why
    assert not sequential_passes(tmp_path, x)


def test_extra_tokens(tmp_path, x):
    beyond = np.concatenate([x, x[:3]])  # the kernel reads on behind x
    report, _ = timed(tmp_path, reads(3), beyond[: len(x)])
    assert (report.kind, report.why) == ("leftover", "FIFO beats: 3 tokens left over")


@pytest.mark.parametrize("depth", [2, 16])
def test_a_fork_whose_ways_join_again(tmp_path, x, depth):
    report, out = timed(tmp_path, fork(depth), x)
    assert sequential_passes(tmp_path, x)  # with any depth
    if depth == 16:
        assert not report.failed, report.why
        assert small_kernel.TILES <= report.fifo("skip").high_water <= 16
        np.testing.assert_array_equal(out, small_kernel.expected(x))
    else:
        assert report.kind == "deadlock"
        assert {
            ("waves/route", "write", "waves/skip"),
            ("waves/unit<InputPart>", "read", "waves/x"),
            ("waves/sigma", "read", "waves/input_sums"),
        } <= blocked(report)


def test_two_tokens_in_an_iteration_of_ii_1(tmp_path, x):
    report, _ = timed(tmp_path, TWO_IN_ONE, x)
    assert report.kind == "ii"
    assert "collect.tiles: more than 1 accesses of waves/out" in report.why
    assert sequential_passes(tmp_path, x)


def test_a_stalling_pipeline_on_the_feedback_path(tmp_path, x):
    report, _ = timed(tmp_path, two_steps_a_call(" style=stp"), x)
    assert report.kind == "deadlock"
    assert ("waves/h_tiles", "read", "waves/feedback") in blocked(report)
    assert "stalling loop h_tiles.tiles holds back 2 results" in report.why


def test_a_pipeline_without_a_style_depends_on_the_default(tmp_path, x):
    library = build(tmp_path, two_steps_a_call(""))
    assert small_kernel.run_timed(library, x, stalling_by_default=1)[0].kind == "deadlock"
    report, out = small_kernel.run_timed(library, x, stalling_by_default=0)
    assert not report.failed, report.why
    np.testing.assert_array_equal(out, small_kernel.expected(x))


def test_the_flushing_pipeline_runs(tmp_path, x):
    report, out = timed(tmp_path, two_steps_a_call(" style=flp"), x)
    assert not report.failed, report.why
    np.testing.assert_array_equal(out, small_kernel.expected(x))
