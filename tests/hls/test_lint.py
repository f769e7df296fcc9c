"""The lint: silent on a good kernel, exact on seeded bad files and on mutants of the good one."""

import json
import re
import shutil
from pathlib import Path

import pytest

pytest.importorskip("clang.cindex", reason="the lint needs libclang: pip install libclang==18.1.1")

import hls_lint
from hls_lint import RULES, Finding, HlsCheckError, Kernel, has_errors, lint, to_json, to_text
from hls_lint.cli import main
from lint.cases import ALLOWED, BAD, GOOD, bad, expected, found, good

pytestmark = pytest.mark.hls

BAD_NAMES = sorted(path.stem for path in BAD.glob("*.cpp"))


def test_good_kernel_gives_nothing():
    assert lint(good()) == []


@pytest.mark.parametrize("path", sorted(ALLOWED.glob("*.cpp")), ids=lambda path: path.stem)
def test_forms_that_are_right(path):
    assert lint(Kernel(path, "top")) == []


@pytest.mark.parametrize("name", BAD_NAMES)
def test_bad_file_gives_what_its_lines_say(name):
    assert found(bad(name)) == expected(BAD / f"{name}.cpp")


def test_every_rule_has_a_bad_line():
    seeded = {rule for name in BAD_NAMES for _, _, rule in expected(BAD / f"{name}.cpp")}
    assert seeded == set(RULES)


REGION, UNIT, TOKENS, KERNEL = "parts/region.h", "parts/unit.h", "parts/tokens.h", "kernel.cpp"
HIDDEN = """struct HiddenPart {
  static constexpr int kLanes = 2, kWords = 128, kTiles = 8, kMaxSlots = 4;
};"""
READ = "read_memory(gmem0, count, calls, beats);\n"
DISPATCH = "    dispatch(n, step_calls, calls);\n"
WORDS = "words[Part::kLanes][Part::kWords];"
ROUTE = "    route_models: for"
READS = "    for (int k = 0; k < 2; ++k) beats.read();\n"
CALL = "const Call call = calls.read();"
MUTANTS = [
    # a member of a struct, an element of an array, a callee of a callee decide
    (REGION, "<InputPart>(calls.input,", "<InputPart>(calls.hidden,", "dataflow-channel"),
    (REGION, "images[1], h_tiles", "images[0], h_tiles", "dataflow-channel"),
    (REGION, "calls.join.write(call);", "calls.join.read();", "dataflow-channel"),
    (REGION, "feedback.write(tile);", "", "dataflow-channel"),
    (REGION, "feed(feedback, h_tiles);", "feed(h_tiles, h_tiles);", "dataflow-channel"),
    # one specialisation used twice shares its static memory
    (TOKENS, HIDDEN, "using HiddenPart = InputPart;", "dataflow-static"),
    (REGION, 'h_tiles("h_tiles");', 'h_tiles, feedback("feedback");', "dataflow-feedback"),
    (REGION, "n = 0; n < count;", "n = 0; n <= count;", "dataflow-loop"),
    (REGION, "join(calls.join,", "if (n) join(calls.join,", "dataflow-body"),
    (REGION, "inline void route(", "inline int route(", "dataflow-body"),
    (REGION, DISPATCH, "    int late = n;\n" + DISPATCH, "dataflow-body"),
    (REGION, "routes: for", "for", "loop-label"),
    (REGION, ROUTE, READS + ROUTE, "loop-inner"),
    (REGION, "sint<8>(sum >> 8)", "sint<8>(sum / call.slots)", "loop-divide"),
    (UNIT, "#pragma HLS LOOP_TRIPCOUNT min=8 max=256\n", "", "loop-bound"),
    (UNIT, "slot < Part::kMaxSlots;", "slot < call.slots;", "loop-unroll"),
    (UNIT, "// guarantee: a word", "// a word", "guarantee"),
    (UNIT, "variable=sums complete", "variable=sum complete", "pragma-variable"),
    (UNIT, "variable=words complete dim=1", "variable=words complete dim=2", "partition"),
    (UNIT, WORDS, WORDS[:-1] + " = {};", "storage"),
    (UNIT, CALL, "if (calls.empty()) return;\n  " + CALL, "stream-order"),
    (UNIT, "sint<32> sum = 0;", "float sum = 0;", "float"),
    (UNIT, "return sum;", "return sum + dot(word, x);", "recursion"),
    (TOKENS, "value[Part::kLanes][", "value[Part::kLanes * 20][", "pack-stream"),
    (TOKENS, "hls::vector<uint8_t, 16>", "hls::vector<uint8_t, 256>", "pack-maxi"),
    (KERNEL, READ, READ + READ, "dataflow-maxi"),
    (KERNEL, "(tiles, out, gmem1);", "(tiles, out, (beat_t *)gmem0);", "dataflow-maxi"),
    (KERNEL, "#pragma HLS INTERFACE s_axilite port=count\n", "", "interface"),
    (KERNEL, 'extern "C" void', "void", "top-linkage"),
]


@pytest.mark.parametrize("file, old, new, rule", MUTANTS)
def test_mutant_of_the_good_kernel(tmp_path, file, old, new, rule):
    shutil.copytree(GOOD, tmp_path, dirs_exist_ok=True)
    path = tmp_path / file
    text = path.read_text()
    assert text.count(old) == 1, "the mutation must find its place"
    path.write_text(text.replace(old, new))
    assert rule in {finding.rule for finding in lint(good(tmp_path))}


def test_skipped_code_is_not_checked(tmp_path):
    source = tmp_path / "kernel.cpp"
    text = (
        '#include <cstdio>\nextern "C" void sample() {\n'
        "#pragma HLS INTERFACE s_axilite port=return\n"
        "#ifndef __SYNTHESIS__\n#pragma HLS NONSENSE\n"
        '  std::printf("only in C simulation");\n#endif\n}\n'
    )
    source.write_text(text)
    assert lint(good(tmp_path)) == []
    source.write_text(text.replace("#ifndef", "#ifdef"))
    assert {finding.rule for finding in lint(good(tmp_path))} == {"call", "pragma-unknown"}


def test_library_headers_are_used_and_not_checked(tmp_path):
    inside, outside = tmp_path / "source", tmp_path / "library"
    inside.mkdir(), outside.mkdir()
    (outside / "stand_in.h").write_text("inline int stand_in(double d) { return int(d); }\n")
    (inside / "kernel.cpp").write_text(
        '#include "stand_in.h"\nextern "C" void top() {\n'
        "#pragma HLS INTERFACE s_axilite port=return\n  stand_in(1);\n}\n"
    )
    kernel = Kernel(inside / "kernel.cpp", "top", library=(outside,))
    assert {f.rule for f in lint(kernel)} == {"float"}  # the argument is converted here
    checked = Kernel(inside / "kernel.cpp", "top", include=(outside,))
    assert len(lint(checked)) > len(lint(kernel))


def test_the_rules_are_documented():
    text = (Path(hls_lint.__file__).parent / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([a-z-]+)` \|", text, re.M)) == set(RULES)


def test_top_that_is_missing():
    (finding,) = lint(Kernel(GOOD / "kernel.cpp", "absent", (GOOD,)))
    assert finding.rule == "top-linkage" and "0 definitions" in finding.message


def test_what_cannot_run_is_an_error():
    with pytest.raises(HlsCheckError, match="no such file"):
        Kernel(GOOD / "absent.cpp", "top")
    with pytest.raises(HlsCheckError, match=r"holds no ap_int\.h"):
        Kernel(GOOD / "kernel.cpp", "sample", ap_types=GOOD)


def test_text_and_json_say_the_same():
    findings = lint(bad("linkage"))
    text, listed = to_text(findings), json.loads(to_json(findings))
    assert has_errors(findings) and text.endswith("2 errors, 1 warnings")
    assert [Finding(**item) for item in listed] == findings
    for finding in findings:
        place = f"{Path(finding.file)}:{finding.line}: {finding.severity}: "
        assert f"{place}{finding.message} [{finding.rule}]" in text


@pytest.mark.parametrize(
    "options, status",
    [
        (["lint", GOOD / "kernel.cpp", "--top", "sample", "-I", GOOD], 0),
        (["lint", BAD / "guarantee.cpp", "--top", "top"], 1),
        (["lint", BAD / "partition.cpp", "--top", "top"], 0),
        (["lint", BAD / "partition.cpp", "--top", "top", "--strict"], 1),
        (["lint", BAD / "partition.cpp", "--top", "top", "--strict", "--no-warnings"], 0),
        (["lint", BAD / "absent.cpp", "--top", "top"], 2),
    ],
)
def test_command_line(options, status, capsys):
    assert main([str(option) for option in options]) == status
    assert capsys.readouterr()[status == 2]


def test_command_line_json(capsys):
    assert main(["lint", str(BAD / "guarantee.cpp"), "--top", "top", "--json"]) == 1
    rules = [item["rule"] for item in json.loads(capsys.readouterr().out)]
    assert sorted(set(rules)) == ["guarantee", "storage"]
