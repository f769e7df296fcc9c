"""docs/results.md: ranges, lists and bars within the cells of its tables."""

import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

import table  # noqa: E402


def page_of(more, value=1, name="budgets", conditions=None):
    """The row, cell by cell, of a file with one figure."""
    entry = {
        "figure": "a",
        "value": value,
        "unit": "us",
        **({"basis": "measured"} if name != "budgets" else {}),
        **more,
    }
    report = {"name": name, "figures": [entry], "conditions": conditions or {}, "commit": "c"}
    return table.section(report).splitlines()


@pytest.mark.parametrize(
    "key, value, shown",
    [
        ("interval_95", [1.5, 2], "1.5 to 2"),
        ("GOPS_a_watt_range", [493.4, 720.25], "493.4 to 720.25"),
        ("simulated", [94.0, 974.0], "94 to 974"),
        ("used", [101641, 226300], "101641 to 226300"),
        ("used", [1, 2, 3], "1, 2, 3"),
        ("sweeps", [6, 6], "6, 6"),
        ("front_us", [0.8, 1.4, 2.72], "0.8, 1.4, 2.72"),
        ("interval_95", [[1, 2], [3, 4]], "1 to 2; 3 to 4"),
        ("pairs", [[1, 2], [3, 4]], "1, 2; 3, 4"),
        ("drop", None, ""),
        ("chosen", "(0,) | (1,)", "(0,) \\| (1,)"),
        ("parts", {"range": [1, 2], "seeds": [0, 1]}, "range 1 to 2, seeds 0, 1"),
    ],
)
def test_a_cell(key, value, shown):
    row = page_of({key: value})[-1]
    assert row == f"| a | 1 us | measured | {shown} |"


def test_two_numbers_of_a_value_are_a_range():
    assert page_of({}, value=[1.17, 8.47])[-1] == "| a | 1.17 to 8.47 us | measured |"


def test_conditions_say_lists():
    line = page_of({}, conditions={"seeds": [0, 1], "schedule": {"dropout": [0.5, 0.5]}})[2]
    assert line.endswith("commit c; seeds 0, 1, schedule dropout 0.5, 0.5.")


def test_titles_are_of_files_and_differ():
    assert set(table.TITLES) <= set(table.ORDER)
    heads = [page_of({}, name=name)[0] for name in table.ORDER if name != "training"]
    assert len(set(heads)) == len(heads)
    assert page_of({}, name="paper_svd")[0] == "## The SVD paper"


def test_every_row_has_the_cells_of_its_head():
    for name in table.ORDER:
        path = ROOT / "docs" / "results" / f"{name}.json"
        if not path.exists():
            continue
        text = table.section(json.loads(path.read_text(encoding="utf-8")))
        rows = [line.replace("\\|", "") for line in text.splitlines() if line.startswith("|")]
        assert len({row.count("|") for row in rows}) == 1, name


def test_no_figure_of_hardware_hides_in_a_column_of_measured_ones():
    """bench_stacks measures errors and models times: its columns say which."""
    page = table.section(
        json.loads((ROOT / "docs" / "results" / "bench_stacks.json").read_text(encoding="utf-8"))
    )
    columns = [cell.strip() for cell in page.splitlines()[4].split("|")]
    times = [column for column in columns if "microseconds" in column]
    assert len(times) == 2 and all(column.startswith("modelled ") for column in times)


def test_a_sentence_of_the_conditions_ends_once():
    assert page_of({}, conditions={"simulation": "never synthesised."})[2].endswith("synthesised.")
    assert ".." not in page_of({}, conditions={"simulation": "never synthesised."})[2]
