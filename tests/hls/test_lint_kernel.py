"""The kernel in all designs: no errors of the lint, an LLVM IR of streams and memory only."""

import shutil
from pathlib import Path

import pytest
from hls_lint import Kernel, has_errors, lint, to_text
from hls_lint.ir import VIEWS, check_ir

from pynq_lstm.accelerator.config import config_header
from pynq_lstm.accelerator.design import Design

pytestmark = pytest.mark.hls

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "hls_src"
DESIGNS = {path.parent.name: path for path in sorted(ROOT.glob("overlays/*/design.json"))}
OF_VITIS = ("svd_lstm", "block_diagonal_lstm")  # also checked as Vitis sees them, with ap_int


@pytest.fixture
def kernel(tmp_path):
    def made(design, view, headers=None):
        design = Design.load(DESIGNS[design])
        text = config_header(design)
        (tmp_path / "config.h").write_text(text, encoding="utf-8")
        return Kernel(
            SOURCES / design.kernel / f"{design.kernel}.cpp",
            design.kernel,
            include=(SOURCES, tmp_path),
            library=(SOURCES / "shims",),
            ap_types=headers,
            defines=VIEWS[view],
        )

    return made


def check_lint(kernel):
    pytest.importorskip("clang.cindex", reason="the lint needs libclang")
    findings = lint(kernel)
    assert not has_errors(findings), to_text(findings)


@pytest.mark.parametrize("design", DESIGNS)
def test_lint(kernel, design):
    check_lint(kernel(design, "native"))


@pytest.mark.parametrize("design", OF_VITIS)
def test_lint_with_ap_int(kernel, ap_types, design):
    check_lint(kernel(design, "mixed", ap_types))


@pytest.mark.skipif(not shutil.which("clang++"), reason="needs clang++")
@pytest.mark.parametrize("design", DESIGNS)
def test_ir(kernel, design):
    report = check_ir(kernel(design, "native"))
    assert report.ok, str(report)


@pytest.mark.skipif(not shutil.which("clang++"), reason="needs clang++")
@pytest.mark.parametrize("view", ["mixed", "force_ap"])
@pytest.mark.parametrize("design", OF_VITIS)
def test_ir_with_ap_int(kernel, ap_types, design, view):
    report = check_ir(kernel(design, view, ap_types))
    assert report.ok, str(report)
