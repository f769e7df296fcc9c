"""Blocks of the documents that need pynq, on the emulated board; what they build on comes first.

tests/docs/test_code_blocks.py runs the others.
"""

import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
sys.path.append(str(TESTS / "budgets"))

import given_names  # noqa: E402
from doc_pages import PAGES, blocks, execute  # noqa: E402

NEEDING = [name for name in PAGES if any("pynq" in block.needs for block in blocks(name))]


def test_there_is_one():
    assert NEEDING == ["explore.md"]


@pytest.mark.parametrize("name", NEEDING)
def test_a_page_runs(name, device, tmp_path, monkeypatch, capsys):
    """`device` is the emulated board that is pynq's active device."""
    monkeypatch.chdir(tmp_path)
    scope = given_names.of_page(name)
    for block in blocks(name):
        if block.language == "python" and set(block.needs) <= {"pynq"} and not block.reason:
            execute(block, scope)
    assert "emulator" in capsys.readouterr().out
