"""Forms of C++ that the instrumentation copes with, and those that it refuses by name."""

import json
from pathlib import Path

import dataflow
import pytest

FORMS = Path(__file__).resolve().parent / "dataflow" / "forms"
COUNT = 5


@pytest.fixture(scope="module")
def forms(tmp_path_factory):
    sources, out = [FORMS / "forms.cpp", FORMS / "more.cpp"], tmp_path_factory.mktemp("forms")
    library = dataflow.build(sources, "forms_top", [FORMS], FORMS / "depths.json", out)
    return dataflow.Simulation(library, "void forms_top(int count, int64_t *sums);")


def expected():
    carry, sums = 0, []
    for n in range(COUNT):
        sums.append(carry + 3 + 6 + sum(3 * 2 * (100 * n + n + 1 + i) for i in (0, 2, 3, 4, 5)))
        carry = sums[-1] % 1000
    return sums + [9 * sum(value + i for i in range(5)) for value in range(3)] + [6]


def test_all_forms(forms):
    sums = forms.ffi.new("int64_t[64]")
    forms.lib.forms_top(COUNT, sums)
    report = forms.report().require_clean()
    assert list(sums)[: COUNT + 4] == expected()
    assert [len(report.process(f"Triple::run#{i}").ends) for i in (1, 2)] == [3, 3]
    assert len(report.process("P::run").ends) == len(report.process("remember").ends) == COUNT
    sides = {f"sides[{i}][{j}]": report.fifo(f"sides[{i}][{j}]") for i in (0, 1) for j in (0, 1)}
    assert {f.depth for f in sides.values()} == {3}
    assert sides["sides[0][0]"].tokens == 9 and sides["sides[1][1]"].tokens == 4
    assert report.fifo("tripled").depth == 5 and report.fifo("merged").depth == 2
    loop_back = report.fifo("loop_back")
    assert (loop_back.depth, loop_back.tokens) == (4, COUNT - 1)
    scale = next(loop for loop in report.loops if loop.label == "run.scale")
    assert (scale.ii, scale.depth) == (2, 4)
    take = next(loop for loop in report.loops if loop.label == "total.take")
    assert take.iterations == COUNT * 6  # the one that breaks as well


def test_manifest(forms):
    manifest = forms.manifest
    assert len(manifest["loops"]) == 8 and len(manifest["plain_loops"]) == 1
    assert manifest["plain_loops"][0].startswith("total at forms.cpp:")
    assert manifest["fifos"]["sides"] == "kSideDepth"


REGION = """
#include <hls_stream.h>
static void source(hls::stream<int> &out) { a: for (int i = 0; i < 4; ++i) {
#pragma HLS PIPELINE II=1
  out.write(i); } }
static void sink(hls::stream<int> &in) { b: for (int i = 0; i < 4; ++i) {
#pragma HLS PIPELINE II=1
  in.read(); } }
static void peek(int &n, const int *m) { n = m[0]; }
extern "C" void top(int n, const int *memory) {
#pragma HLS INTERFACE m_axi port=memory bundle=gmem0 offset=slave depth=4
#pragma HLS DATAFLOW
  hls::stream<int> s("s");
  source(s);
  sink(s);
}
"""
LOOP = """
#include <cstring>
#include <hls_stream.h>
static int read(const int *memory) { return memory[0]; }
extern "C" void top(int n, const int *memory) {
#pragma HLS INTERFACE m_axi port=memory bundle=gmem0 offset=slave depth=4
  int sum[4] = {0, 0, 0, 0};
  a: for (int i = 0; i < 4; ++i) {
#pragma HLS PIPELINE II=1
    sum[i] += memory[i];
  }
}
"""
REFUSED = {
    "no label": (LOOP, "  a: for", "  for", "has no label"),
    "pipelined function": (
        LOOP,
        "  int sum",
        "#pragma HLS PIPELINE\n  int sum",
        "outside of a loop",
    ),
    "rewind": (LOOP, "PIPELINE II=1", "PIPELINE II=1 rewind", "rewind is not modelled"),
    "off": (LOOP, "PIPELINE II=1", "PIPELINE off", "off is not modelled"),
    "style": (LOOP, "PIPELINE II=1", "PIPELINE style=fast", "style fast is unknown"),
    "flushing memory": (LOOP, "II=1", "II=1 style=frp", "accesses m_axi"),
    "flatten": (LOOP, "II=1", "II=1\n#pragma HLS LOOP_FLATTEN", "flattened loops"),
    "nested": (
        LOOP,
        "sum[i] += memory[i];",
        "for (int j = 0; j < 2; ++j) {\n#pragma HLS PIPELINE\n sum[i] += j; }",
        "inside a pipelined loop",
    ),
    "no braces": (
        LOOP,
        "  a: for",
        "  for (int j = 0; j < 2; ++j) sum[j] = n;\n  a: for",
        "braces",
    ),
    "star": (LOOP, "memory[i]", "*memory", "memory read through *"),
    "memcpy": (LOOP, "  a: for", "  memcpy(sum, memory, 16);\n  a: for", "handed to memcpy"),
    "does not compile": (LOOP, "+= memory", "+= memori", "does not compile"),
    "an if": (REGION, "  sink(s);", "  if (n > 0) sink(s);", "declarations and calls only"),
    "one end": (REGION, "  sink(s);", "", "1 processes of the region use this stream"),
    "three ends": (REGION, "  sink(s);", "  sink(s);\n  sink(s);", "3 processes"),
    "a variable": (
        REGION,
        "  source(s);",
        "  int k = 0;\n  peek(k, memory);\n  source(s);",
        "neither a stream nor constant",
    ),
    "no call": (
        REGION,
        '  hls::stream<int> s("s");\n  source(s);\n  sink(s);',
        "",
        "without a call",
    ),
    "options": (REGION, "DATAFLOW", "DATAFLOW disable_start_propagation", "form is not modelled"),
    "a while": (
        REGION,
        '#pragma HLS DATAFLOW\n  hls::stream<int> s("s");\n  source(s);\n  sink(s);',
        'while (n) {\n#pragma HLS DATAFLOW\n  hls::stream<int> s("s");\n source(s);\n sink(s);\n}',
        "not a for",
    ),
    "a value": (LOOP, "void top", "int top", "name one void one"),
    "empty": (REGION, "  in.read();", "  if (!in.empty()) in.read();", "does not compile"),
}


def build(folder, text, loops):
    (folder / "top.cpp").write_text(text)
    (folder / "depths.json").write_text(json.dumps({"loops": loops}))
    given = [folder / "top.cpp"], "top", [folder], folder / "depths.json", folder / "build"
    return dataflow.build(*given, flags=["-O0"])


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_time_is_refused(tmp_path, name):
    text, old, new, message = REFUSED[name]
    assert text.count(old) == 1
    loops = {"a": ["add_32"]} if text is LOOP else {"a": ["add_32"], "b": ["add_32"]}
    with pytest.raises(dataflow.InstrumentationError, match=message):
        build(tmp_path, text.replace(old, new), loops)


@pytest.mark.parametrize(
    "loops, message",
    [
        ({"a": ["add_32"]}, "no entry"),
        ({"a": ["add_32"], "b": ["add_32"], "c": []}, "no pipelined loop"),
        ({"a": ["add_32"], "b": ["add_33"]}, "unknown operator"),
        ({"a": ["add_32"], "b": ["add_32"], "source.a": []}, "no pipelined loop has this label"),
    ],
)
def test_depths_say_something_of_every_loop(tmp_path, loops, message):
    with pytest.raises(dataflow.DepthError, match=message):
        build(tmp_path, REGION, loops)


def test_a_label_of_two_loops_needs_both_names(tmp_path):
    text = REGION.replace(" b: for", " a: for")
    with pytest.raises(dataflow.DepthError, match="several loops have this label"):
        build(tmp_path, text, {"a": ["add_32"]})


def test_the_runtime_refuses_what_the_source_hides(tmp_path):
    """A loop flushes and reads memory in a function that it calls; two processes read a stream."""
    flushing = LOOP.replace("II=1", "II=1 style=frp").replace("memory[i]", "read(memory)")
    both = REGION.replace('s("s")', "s[1]").replace("(s);", "(s[0]);")
    both = both.replace("  sink(s[0]);", "  sink(s[0]);\n  sink(s[0]);")
    for i, (text, kind, why) in enumerate(
        [(flushing, "style", "top.a accesses memory"), (both, "ends", "has two readers")]
    ):
        folder = tmp_path / str(i)
        folder.mkdir()
        loops = {"a": ["add_32"]} if text is flushing else {"a": ["add_32"], "b": ["add_32"]}
        simulation = dataflow.Simulation(
            build(folder, text, loops), "void top(int n, const int *memory);"
        )
        simulation.lib.top(1, simulation.ffi.new("int[4]"))
        assert simulation.report().kind == kind and why in simulation.report().why
