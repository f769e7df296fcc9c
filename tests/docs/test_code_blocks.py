"""Every block of code of the documents runs, or the lists here say why it does not."""

import shlex
from collections import Counter

import doc_commands
import given_names
import pytest
from doc_pages import LANGUAGES, PAGES, blocks, commands, execute

from pynq_lstm.cli.main import main

# blocks that are not run, by page and reason; a page that gains or loses one changes this list
NOT_RUN = {
    ("board.md", "the files of an overlay are not here"): 1,
    ("board.md", "there is no board; README.md runs these calls on the CPU"): 1,
    ("tools/dataflow/README.md", "a sketch; tests/hls runs such calls"): 1,
}
# and those that run where a package is: with pynq in tests/driver, the others below
NEED = {
    ("explore.md", "pynq"): 1,
    ("fine_tuning.md", "torch"): 4,
    ("getting_started.md", "torch"): 3,
    ("networks.md", "matplotlib"): 1,
    ("networks.md", "torch"): 3,
    ("onnx.md", "onnx"): 3,
    ("onnx.md", "torch"): 3,
    ("pictures.md", "matplotlib"): 1,
}
if "first_use.md" in PAGES:  # `make first-use` writes it
    NEED["first_use.md", "torch"] = 1
ALL = [block for name in PAGES for block in blocks(name)]
PYTHON = [block for block in ALL if block.language == "python"]


def _pages():
    for name in PAGES:
        of_page = [block for block in blocks(name) if block.language in ("python", "sh")]
        needs = {need for block in of_page for need in block.needs} - {"pynq"}
        runs = [b for b in of_page if b.language == "python" or b.note == "run"]
        if runs:
            marks = [pytest.mark.torch] if "torch" in needs else []
            yield pytest.param(name, sorted(needs), runs, id=name, marks=marks)


@pytest.mark.parametrize("name, needs, runs", list(_pages()))
def test_a_page_runs(name, needs, runs, request, tmp_path, monkeypatch, capsys):
    """From top to bottom in one namespace and one folder, as a reader would."""
    for package in needs:
        pytest.importorskip(package)
    if "torch" in needs:
        request.getfixturevalue("one_thread")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYNQ_LSTM_EMULATE", raising=False)
    scope = given_names.of_page(name)
    for block in runs:
        if block.language == "sh":
            for line in commands(block):
                assert main(shlex.split(line)[1:]) == 0, (name, line, capsys.readouterr().err)
        elif not block.reason and "pynq" not in block.needs:
            execute(block, scope)


def test_what_does_not_run_is_listed():
    assert Counter((b.page, b.reason) for b in PYTHON if b.reason) == NOT_RUN


def test_what_needs_a_package_is_listed():
    assert Counter((b.page, need) for b in PYTHON for need in b.needs) == NEED


def test_every_block_says_what_it_is():
    for block in ALL:
        assert block.language in LANGUAGES, (block.page, block.line, block.language)
        known = block.note in ("", "run") or block.needs or block.reason
        assert known, (block.page, block.line, block.note)
        assert block.note != "run" or block.language == "sh", (block.page, block.line)


@pytest.mark.parametrize(
    "block", [b for b in ALL if b.language == "sh"], ids=lambda b: f"{b.page}:{b.line}"
)
def test_commands_are_ones(block):
    """Parsers take them, targets, extras, modules and files are there."""
    for line in commands(block):
        doc_commands.check(line)


def test_commands_in_the_text_are_ones():
    for name, path in PAGES.items():
        for line in doc_commands.quoted(path.read_text(encoding="utf-8")):
            doc_commands.check_begin(line, name)


@pytest.mark.parametrize(
    "line",
    [
        "pynq-lstm compres net.onnx",
        "pynq-lstm info --colour",
        "make no-such-target",
        "pip install '.[no-such-extra]'",
        "python -m pynq_lstm.no_such_module",
        "pytest tests/no_such_folder",
        "nothing-known",
    ],
)
def test_what_is_none_is_refused(line):
    with pytest.raises(AssertionError):
        doc_commands.check(line)


def test_blocks_are_found():
    """Notes, lines, fences, indented ones; nothing within a fence is taken twice."""
    page = (
        "# A\n\n<!-- with torch, onnx -->\n```python\nx = 1\n\n    y\n```\n\n"
        "    make demo   # a\n    A=1 pynq-lstm info \\\n        m\n\n    b = c\n\n"
        "<!-- not run: no -->\n```python\n```\n\n    import os\n"
    )
    first, second, third, fourth = blocks("A.md", page)
    assert (first.line, first.language, first.needs) == (5, "python", ["torch", "onnx"])
    assert first.text == "x = 1\n\n    y\n" and not first.reason
    assert second.language == "sh" and commands(second)[:2] == ["make demo", "pynq-lstm info m"]
    assert (third.reason, third.text) == ("no", "")
    assert (fourth.language, fourth.text) == ("", "import os\n")
