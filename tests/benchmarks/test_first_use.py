"""The page that `make first-use` writes fits the others, and its script runs."""

import re
import sys
from fnmatch import fnmatchcase
from pathlib import Path

import doc_pages
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

import first_use  # noqa: E402

PAGE = first_use.page("$ python mine.py\nran on: cpu\n")


def test_its_blocks_are_such_as_the_other_pages_have():
    script, told = doc_pages.blocks("first_use.md", PAGE)
    assert (script.language, script.needs, script.text) == ("python", ["torch"], first_use.SCRIPT)
    assert (told.language, told.text) == ("text", "$ python mine.py\nran on: cpu\n")


def test_the_page_has_a_place_in_the_index():
    text = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    start = re.search(r"^:caption: Start\n(.*?)^```$", text, re.S | re.M)[1].splitlines()
    fits = [entry for entry in start if fnmatchcase(first_use.PAGE.stem, entry)]
    assert len(fits) == 1
    beside = [p.stem for p in first_use.PAGE.parent.glob("*.md") if fnmatchcase(p.stem, fits[0])]
    assert set(beside) <= {"first_use", "tasks"}


def test_a_page_that_is_there_has_this_script():
    if first_use.PAGE.exists():
        assert first_use.page("")[:-4] in first_use.PAGE.read_text(encoding="utf-8")


@pytest.mark.torch
def test_the_script_runs(tmp_path, monkeypatch, capsys):
    pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYNQ_LSTM_EMULATE", raising=False)
    exec(compile(first_use.SCRIPT, "mine.py", "exec"), {})
    shown = capsys.readouterr().out
    assert re.search(r"^ran on: (cpu|reference)$", shown, re.M)
    assert float(re.search(r"mean error ([\d.]+)", shown)[1]) < 0.05
    assert (tmp_path / "mine.safetensors").exists()
