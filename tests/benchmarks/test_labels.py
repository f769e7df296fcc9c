"""docs/results.md says of every figure how it was made, and by which command."""

import json
import sys
from pathlib import Path

import doc_commands
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

import labels  # noqa: E402
import table  # noqa: E402

FILES = sorted((ROOT / "docs" / "results").glob("*.json"))


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def report(request):
    return json.loads(request.param.read_text(encoding="utf-8"))


def test_every_file_has_its_place_and_its_command(report):
    assert report["name"] in table.ORDER
    doc_commands.check(labels.command(report["name"]))


def test_every_figure_is_labelled(report):
    head, rule, *rows = [
        line for line in table.section(report).splitlines() if line.startswith("|")
    ]
    column = [cell.strip() for cell in head.split("|")].index("how")
    assert len(rows) == len(report["figures"])
    for row in rows:
        assert row.split(" | ")[column - 1] in labels.WORDS, row


def test_what_the_accelerator_takes_is_not_called_measured(report):
    """A time, rate or share of the accelerator comes from a model, whatever its file says."""
    for entry in report["figures"]:
        if entry["unit"] == "points":
            continue  # a drop of accuracy: that of the integers, which every back end gives
        if any(word in entry["figure"] for word in ("-HW", "svd_lstm", "block_diagonal_lstm")):
            assert labels.how(report["name"], entry) != "measured", entry["figure"]


def test_the_page_is_of_these_files():
    page = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    for name in table.ORDER:
        if (ROOT / "docs" / "results" / f"{name}.json").exists():
            assert f"\n`{labels.command(name)}`, commit " in page, f"make table for {name}"


def test_make_results_makes_all_but_those_that_the_page_names():
    asked = {"training", "ordinary-network", "gate-errors-ordinary", "bench-compression"}
    asked |= {"paper-svd", "first-use"}
    assert all(name in table.HEAD for name in asked)
    made = doc_commands.prerequisites("results")
    for name in table.ORDER:
        target = labels.command(name).split()[1]
        by_name = (
            target in asked or target.startswith("paper-pbd") and target != "paper-pbd-hardware"
        )
        assert (target in made) is not by_name, target
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "make results  measure most figures" in makefile


@pytest.mark.parametrize(
    "entry, word",
    [
        ({"figure": "a", "unit": "us"}, "measured"),
        ({"figure": "a", "unit": "us a step, modelled"}, "modelled"),
        ({"figure": "a", "unit": "us", "basis": "modelled: a simulation"}, "modelled"),
        ({"figure": "modelled time", "unit": "us", "basis": "quoted, section 5"}, "quoted"),
        ({"figure": "estimated time of b", "unit": "us"}, "modelled"),
        ({"figure": "A's time over B's (modelled), c, this processor", "unit": "times"},
         "measured over modelled"),
        ({"figure": "A's time over B's (modelled), c, Cortex-A53", "unit": "times"}, "modelled"),
    ],
)  # fmt: skip
def test_what_a_figure_says_itself_comes_first(entry, word):
    assert labels.how("paper_svd", entry) == word


def test_an_unknown_file_is_refused():
    with pytest.raises(KeyError, match="brand_new"):
        labels.how("brand_new", {"figure": "a", "unit": "us"})
