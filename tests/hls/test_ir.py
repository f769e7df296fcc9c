"""The LLVM IR whitelist: empty for the good kernel, and every seeded bad file rejected."""

import json
import shutil

import pytest
from hls_lint import HlsCheckError, Kernel
from hls_lint.cli import main
from hls_lint.ir import check_ir, compile_ir, inspect_ir
from lint.cases import BAD_IR, good

pytestmark = [
    pytest.mark.hls,
    pytest.mark.skipif(not shutil.which("clang++"), reason="needs clang++"),
]
BAD_NAMES = sorted(path.stem for path in BAD_IR.glob("*.cpp"))


def test_good_kernel():
    report = check_ir(good())
    assert report.ok, str(report)
    assert report.functions > 20


@pytest.mark.parametrize("name", BAD_NAMES)
def test_bad_file(name):
    path = BAD_IR / f"{name}.cpp"
    report = check_ir(Kernel(path, "top"))
    assert not report.ok
    wanted = [line[11:] for line in path.read_text().splitlines() if line.startswith("// expect: ")]
    assert wanted
    for what in wanted:
        kind, _, callee = what.partition(" ")
        if kind == "foreign":
            assert any(callee in found for found in report.foreign), (callee, report.foreign)
        else:
            assert getattr(report, kind) > 0
    counted = {"indirect_calls", "variable_allocas", "floating"}
    for kind in counted - {what.partition(" ")[0] for what in wanted}:
        assert getattr(report, kind) == 0


def test_stream_accesses_stay_visible():
    text = compile_ir(good())
    assert "E4readEv(" in text and "E5writeERK" in text


def test_nothing_at_all_is_not_accepted():
    assert not inspect_ir("; an empty module\n").ok


def test_source_that_does_not_compile(tmp_path):
    source = tmp_path / "kernel.cpp"
    source.write_text("this is no C++\n")
    with pytest.raises(HlsCheckError, match="error:"):
        compile_ir(Kernel(source, "top"))


def test_command_line(capsys):
    assert main(["ir", str(BAD_IR / "pointer.cpp"), "--top", "top", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["ok"] is False and told["indirect_calls"] == 1
