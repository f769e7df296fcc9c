"""The page that `make first-use` writes fits the others, and its script runs."""

import re
import sys
from fnmatch import fnmatchcase
from pathlib import Path

import doc_commands
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


def test_seconds_stand_beside_a_command():
    shown = first_use.line("python mine.py", 2.633, "ran on: cpu\n")
    assert re.fullmatch(r"\$ python mine\.py +# 2\.6 s\nran on: cpu\n", shown)
    words = " ".join(PAGE.split())
    assert "there where this page is written and so are not timed" in words
    assert "PyTorch in it, which come first, with their own times" in words


def test_all_that_is_run_is_told_and_timed(monkeypatch):
    """What comes before the clone is no part of the goal; nothing is run here."""
    ran, written = [], {}
    monkeypatch.setattr(first_use.metadata, "version", lambda name: "2.13.0+cpu")
    monkeypatch.setattr(first_use, "timed", lambda command, *_: ran.append(command) or (50.0, ""))
    monkeypatch.setattr(first_use.results, "write", lambda *given: written.update(given=given))
    monkeypatch.setattr(
        first_use.results, "replace", lambda path, content: written.update(page=content.decode())
    )
    first_use.main()
    name, (whole, *figures), _ = written["given"]
    assert name == "first_use" and whole["value"] == 150 and whole["verdict"] == "met"
    assert [one["figure"].startswith("before: ") for one in figures] == [True] * 2 + [False] * 3
    told = doc_pages.blocks("first_use.md", written["page"])[1].text.splitlines()
    assert told[-1] == "# from git clone to the answer: 150.0 s"
    assert len(told) == len(ran) + 1 == 6
    for shown, command in zip(told, ran):
        typed = re.fullmatch(r"\$ (.*?) +# 50\.0 s", shown)[1]
        assert first_use.meant(typed) == command
        for one in typed.split("; "):
            if not one.startswith((". ", "python mine.py")):
                doc_commands.check(one)
    assert f"file://{ROOT}" in ran[2] and "torch==2.13.0" in ran[1].split()


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
