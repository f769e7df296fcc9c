"""The examples of docs/networks.md run as they stand, and its picture is theirs."""

import re

import pytest
from test_readme import ROOT, blocks

PAGE = ROOT / "docs" / "networks.md"


@pytest.mark.torch
def test_examples_run(tmp_path, monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    scope = {}
    for example in blocks(PAGE):
        exec(compile(example, PAGE.name, "exec"), scope)
    assert [str(s) for s in scope["net"].wiring.sources[:3]] == ["x0", "x1", "x2"]
    assert scope["pyramid"].wiring == scope["same"].wiring
    drawn, kept = tmp_path / "network.svg", (ROOT / "docs" / "networks.svg").read_text()
    assert drawn.stat().st_size > 10_000
    shown = {text.get_text() for text in scope["ax"].texts} - {""}
    assert shown == set(re.findall(r"<text [^>]*>([^<]*)</text>", kept))
