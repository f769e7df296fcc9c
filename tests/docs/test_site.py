"""What `make docs` builds from: every page has a place, every public name is in the reference.

The build itself needs Sphinx, and has a target of its own.
"""

import importlib
import re
import sys
import xml.etree.ElementTree as ElementTree
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

import pynq_lstm as pl
from pynq_lstm import baselines, errors, plots

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
sys.path.insert(0, str(ROOT / "tools"))

import drawings  # noqa: E402
import offline_site  # noqa: E402


def listed(page):
    """Entries of the tables of contents of a page."""
    text = page.read_text(encoding="utf-8")
    trees = re.findall(r"^```\{toctree\}\n(.*?)^```$", text, re.S | re.M)
    return [line for line in "\n".join(trees).splitlines() if line and line[0] != ":"]


def test_every_page_has_a_place():
    for page in (DOCS / "index.md", DOCS / "api.md"):
        for entry in listed(page):
            assert list(DOCS.glob(f"{entry}.md")), (page.name, entry)
    patterns = listed(DOCS / "index.md")
    for page in DOCS.glob("*.md"):
        in_index = any(fnmatchcase(page.stem, pattern) for pattern in patterns)
        assert in_index or page.stem == "index", page.name
    assert {f"api/{page.stem}" for page in (DOCS / "api").iterdir()} == set(listed(DOCS / "api.md"))


def test_every_public_name_is_in_the_reference():
    text = "".join(page.read_text(encoding="utf-8") for page in (DOCS / "api").iterdir())
    told = set(re.findall(r"^\.\. auto(?:class|function):: (\w+)$", text, re.M))
    of_errors = {name for name, value in vars(errors).items() if isinstance(value, type)}
    public = {*pl.__all__, *plots.__all__, *baselines.__all__, *of_errors} - {"__version__"}
    assert public <= told


def test_what_is_in_the_reference_exists():
    for page in (DOCS / "api").iterdir():
        module = None
        for directive, name in re.findall(
            r"^\.\. (\w+):: ([\w.]+)$", page.read_text(encoding="utf-8"), re.M
        ):
            if directive == "currentmodule":
                module = importlib.import_module(name)
            else:
                assert getattr(module, name).__doc__, (page.name, name)


@pytest.mark.parametrize("name", ["accelerator", "svdn", "block_diagonal"])
def test_drawings_are_the_scripts(name):
    """`make pictures` draws them; all words lie within, and nothing is fetched."""
    kept = (DOCS / "drawings" / f"{name}.svg").read_text(encoding="utf-8")
    assert kept == getattr(drawings, name)().text_of(), "make pictures"
    assert len(kept) < 20_000
    root = ElementTree.fromstring(kept)
    width, height = (float(n) for n in root.get("viewBox").split()[2:])
    words = list(root.iter("{http://www.w3.org/2000/svg}text"))
    assert len(words) > 10
    for text in words:
        x, y, size = (float(text.get(key)) for key in ("x", "y", "font-size"))
        wide = 0.58 * size * len(text.text)
        left = x if text.get("text-anchor") == "start" else x - wide / 2
        assert left >= 0 and left + wide <= width and size <= y <= height - 4, text.text


def test_the_drawn_mask_is_the_mask():
    """Of 8 x 8 elements one in 4, drawn twice, and 8 scales: 16 + 16 + 8 coloured boxes."""
    text = drawings.block_diagonal().text_of()
    assert sum(text.count(f'fill="{colour}"') for colour in drawings.CLASSES) == 40


@pytest.mark.parametrize(
    "name, text, fetched",
    [
        ("a.html", '<script src="https://cdn.example/x.js"></script>', 1),
        ("a.html", '<link rel="stylesheet" href="//fonts.example/x.css">', 1),
        ("a.html", '<img src="http://a.example/x.png"><a href="https://b.example">', 1),
        ("a.css", "@import 'https://a.example/x.css'; b {background: url(//c.example/d)}", 2),
        ("a.html", '<a href="https://b.example"><script src="_static/x.js"></script>', 0),
    ],
)
def test_a_site_that_fetches_is_refused(name, text, fetched, tmp_path, capsys):
    (tmp_path / name).write_text(text)
    assert len(list(offline_site.elsewhere(tmp_path))) == fetched
    assert offline_site.main(tmp_path) == min(fetched, 1)
    assert capsys.readouterr().out.count("fetches") == fetched
