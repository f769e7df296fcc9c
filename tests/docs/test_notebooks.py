"""The notebooks as they are kept: with outputs, of the emulator, fit to be read on a web page.

`make notebooks` runs them.
"""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PAGE = ROOT / "docs" / "notebooks.md"
LARGEST = 300_000  # bytes


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    """A notebook's path and what it holds."""
    return request.param, json.loads(request.param.read_text(encoding="utf-8"))


def outputs(content):
    return [output for cell in content["cells"] for output in cell.get("outputs", ())]


def test_all_are_there():
    assert [path.stem for path in NOTEBOOKS] == [
        "block_diagonal",
        "bring_up",
        "compression",
        "exploration",
        "language_model",
        "networks",
        "own_lstm",
        "pareto_front",
        "quick_start",
        "streaming",
    ]


def test_the_page_lists_them():
    page = PAGE.read_text(encoding="utf-8")
    listed = re.findall(r"^\| \[(\w+)\]\(\.\./notebooks/(\w+)\.ipynb\)", page, re.MULTILINE)
    assert sorted(name for name, _ in listed) == [path.stem for path in NOTEBOOKS]
    assert all(name == file for name, file in listed)


def test_it_shows_results_and_no_faults(notebook):
    path, content = notebook
    assert path.stat().st_size < LARGEST
    kinds = {output["output_type"] for output in outputs(content)}
    assert "error" not in kinds
    assert "stderr" not in {output.get("name") for output in outputs(content)}
    assert any("image/png" in output.get("data", ()) for output in outputs(content))
    numbers = [c["execution_count"] for c in content["cells"] if c["cell_type"] == "code"]
    assert numbers == list(range(1, len(numbers) + 1)), "run from top to bottom"


def test_it_says_what_is_modelled(notebook):
    _, content = notebook
    assert "modelled" in "".join(content["cells"][0]["source"])
    shown = json.dumps(outputs(content))
    assert "emulator" in shown and "modelled" in shown


def test_it_tells_nothing_of_the_machine(notebook):
    _, content = notebook
    text = "".join("".join(output.get("text", ())) for output in outputs(content))
    assert not re.search(r"/(home|root|tmp|work|usr)/", text)
    assert set(content["metadata"]) == {"kernelspec", "language_info"}


def test_it_decides_first_where_it_runs_and_says_so(notebook):
    """PYNQ_LSTM_EMULATE=1 where there is no board: by the same call in the first cell of all."""
    path, content = notebook
    sources = ["".join(c["source"]) for c in content["cells"] if c["cell_type"] == "code"]
    required = "required=True" if path.stem == "bring_up" else ""
    call = f"\nprint(emulate_without_board({required}))  # sets PYNQ_LSTM_EMULATE=1 where "
    assert sources[0].count(call) == 1
    before, _ = sources[0].split(call)
    assert not re.search(r"\b(load|infer|open_board)\(|import pynq\b", before)
    assert "environ[" not in "".join(sources) and "assert place" not in "".join(sources)
    head = "".join(content["cells"][0]["source"])
    assert "`PYNQ_LSTM_EMULATE=1` on an emulated" not in head  # nobody has to set it
    assert "pynq" in head


def test_its_links_exist(notebook):
    path, content = notebook
    text = "".join("".join(cell["source"]) for cell in content["cells"])
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (path.parent / target).exists(), target


@pytest.mark.parametrize(
    "name, said, held",
    [
        ("networks", "the integers are the same: ", "np.testing.assert_array_equal("),
        ("networks", "largest difference of the logits: ", "assert np.abs("),
        ("exploration", "the CPU names the same:", "np.testing.assert_array_equal("),
    ],
)
def test_what_it_says_of_equal_answers_it_holds(name, said, held):
    """A run that printed False, or a large difference, would end well."""
    content = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
    (source,) = [text for c in content["cells"] if said in (text := "".join(c["source"]))]
    assert held in source.partition(said)[0]
