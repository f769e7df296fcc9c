"""The example of README.md runs as it stands, and says what it promises."""

import re
from pathlib import Path

from doc_pages import PAGES

ROOT = Path(__file__).resolve().parents[2]


def blocks(path):
    return re.findall(r"```python\n(.*?)```", path.read_text(encoding="utf-8"), re.S)


def test_example_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (example,) = blocks(ROOT / "README.md")
    lines = [line for line in example.splitlines() if line.strip()]
    assert len(lines) <= 10
    scope = {}
    exec(compile(example, "README.md", "exec"), scope)
    assert re.match(r"accuracy 0\.\d+ on (cpu|reference)", capsys.readouterr().out)
    assert scope["out"].shape == (2, 1, 28, 128)
    assert (tmp_path / "model.safetensors").exists()


def test_links_exist():
    for page in PAGES.values():
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
            assert target.startswith("http") or (page.parent / target).exists(), (page, target)


def test_pages_name_what_exists():
    """Files and modules that the documents quote are there."""
    for page in PAGES.values():
        for name in re.findall(
            r"`((?:pynq_lstm|docs|benchmarks|tests)/[\w./]+)`", page.read_text(encoding="utf-8")
        ):
            assert (ROOT / name).exists(), (page.name, name)


def test_versions_agree():
    from pynq_lstm.version import __version__

    stated = re.search(r"^version = (.*)$", (ROOT / "setup.cfg").read_text(encoding="utf-8"), re.M)
    assert stated[1] == __version__
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
