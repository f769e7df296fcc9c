"""What `make notebooks` makes of a run: times, places, what is hidden; nothing is run here."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tool(monkeypatch):
    """tools/run_notebooks.py, with stand-ins for what only the notebooks' environment has."""
    nbformat, nbclient, exceptions = (ModuleType(name) for name in ("a", "b", "c"))
    nbformat.writes = lambda notebook: json.dumps(notebook.cells)
    nbformat.read = lambda path, as_version: SimpleNamespace(cells=[])
    nbclient.NotebookClient = None
    for name in ("CellExecutionError", "CellTimeoutError", "DeadKernelError"):
        setattr(exceptions, name, type(name, (Exception,), {}))
    for name, module in (
        ("nbformat", nbformat),
        ("nbclient", nbclient),
        ("nbclient.exceptions", exceptions),
    ):
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.delitem(sys.modules, "run_notebooks", raising=False)
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    for name in ("PYNQ_LSTM_SHORT", "PYTHONPATH"):  # as they were before, in the end
        monkeypatch.setenv(name, os.environ.get(name, ""))
    import run_notebooks

    yield run_notebooks
    sys.modules.pop("run_notebooks")


def shown(place, *more):
    """A notebook that says where its models run, and more."""
    said = [{"text": f"models run on: {place}\n"}, *({"text": text} for text in more)]
    return SimpleNamespace(cells=[{"outputs": said}])


@pytest.fixture
def written(tool, monkeypatch, tmp_path):
    """What --results writes, by notebooks that took these seconds."""
    import results

    monkeypatch.setattr(results, "RESULTS", tmp_path)

    def write(*arguments, place="an emulated ZCU104 (PYNQ_LSTM_EMULATE=1)", wrong=()):
        monkeypatch.setattr(tool, "run", lambda path, ends: (shown(place), list(wrong)))
        status = tool.main([str(word) for word in arguments])
        path = tmp_path / "notebooks.json"
        return status, json.loads(path.read_text()) if path.exists() else None

    return write


def test_the_seconds_of_each_are_written(written):
    status, report = written("--results")
    names = [path.name for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
    assert status == 0 and [one["figure"] for one in report["figures"]] == names
    assert all(one["goal"] == "< 60" and one["verdict"] == "met" for one in report["figures"])
    assert report["conditions"].keys() >= {"cpu", "cores", "back end", "its kernels", "load before"}


def test_what_takes_longer_is_missed(tool, monkeypatch, tmp_path):
    import notebook_times
    import results

    monkeypatch.setattr(results, "RESULTS", tmp_path)
    notebook_times.write({"a": 59.9, "b": 60.1}, {})
    report = json.loads((tmp_path / "notebooks.json").read_text())
    assert [one["verdict"] for one in report["figures"]] == ["met", "missed"]


def test_the_page_of_results_takes_it(written):
    import table

    _, report = written("--results")
    page = table.section(report)
    assert page.startswith("## Notebooks\n\n`make notebooks`, commit ")
    assert "| measured | < 60 | met |" in page


@pytest.mark.parametrize("wrong, place", [(["a warning"], "an emulated ZCU104"), ([], "the CPU")])
def test_nothing_is_written_where_one_fails(written, wrong, place, capsys):
    assert written("--results", place=place, wrong=wrong) == (1, None)
    assert (
        wrong[0] if wrong else "its models do not run on an emulated"
    ) in capsys.readouterr().err


def test_without_pynq_they_run_on_the_cpu(written, tool, monkeypatch):
    monkeypatch.setattr(tool, "hide", lambda names, folder: None)
    assert written("--short", "--without", "torch", "pynq", place="the CPU; no board")[0] == 0
    assert written("--short", "--without", "pynq")[0] == 1
    assert written("--short", "--without", "torch", place="the CPU; no board")[0] == 1


@pytest.mark.parametrize("name, said", [("torch", "PyTorch"), ("onnx", "onnx")])
def test_a_package_that_was_not_found_must_be_hidden(tool, monkeypatch, name, said, capsys):
    """An environment of before onnx was asked for ran the ONNX cell, and showed nothing of it."""
    notebook = shown("an emulated ZCU104", f"no {said} here: pip install it\n")
    monkeypatch.setattr(tool, "run", lambda path, ends: (notebook, []))
    monkeypatch.setattr(tool, "hide", lambda names, folder: None)
    assert tool.main(["--short", "networks.ipynb"]) == 1
    assert f"networks.ipynb: it says: no {said} here" in capsys.readouterr().err
    assert tool.main(["--short", "networks.ipynb", "--without", name]) == 0


def made(target, folder, *variables):
    """What make would do for a target, in an environment of notebooks that is set up as of old."""
    for name in (".ready", ".notebooks"):
        (folder / name).touch()
    command = ["make", "-n", target, f"NOTEBOOKS={folder}", *variables]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    ).stdout


def test_an_environment_of_before_gets_onnx(tmp_path):
    for target in ("notebooks", "notebooks-cpu"):
        assert "'onnx>=" in made(target, tmp_path, "SHORT=1")


def test_torch_is_hidden_where_it_is_left_out(tmp_path):
    """It may be there from a run before; the notebooks may then say that it is not."""
    assert "--without torch" in made("notebooks", tmp_path, "SHORT=1", "TORCH=")
    assert "--without" not in made("notebooks", tmp_path, "SHORT=1")


@pytest.mark.parametrize("more", [["--short"], ["--without", "torch"], ["a.ipynb"]])
def test_figures_are_of_whole_runs_of_all(tool, more, capsys):
    with pytest.raises(SystemExit):
        tool.main(["--results", *more])
    assert "whole runs of all" in capsys.readouterr().err


def test_what_is_hidden_is_not_found(tool, tmp_path, monkeypatch):
    """As `importlib.util.find_spec` and `import` look; others stay."""
    tool.hide(["json", "numpy"], tmp_path)
    program = "import importlib.util as i; print([bool(i.find_spec(n)) for n in ('json', 'csv')])"
    done = subprocess.run(
        [sys.executable, "-c", f"{program}\nimport numpy"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == "[False, True]\n" and "ModuleNotFoundError" in done.stderr
    assert os.environ["PYTHONPATH"].split(os.pathsep)[0] == str(tmp_path)


def test_what_needs_pynq_must_end_with_its_message(tool, monkeypatch):
    class Ends:
        def __init__(self, *_, **__):
            pass

        def execute(self):
            error = tool.CellExecutionError()
            error.ename, error.evalue = "DeviceError", "board = None: no board is here, and"
            raise error

    monkeypatch.setattr(tool, "NotebookClient", Ends)
    assert tool.run("bring_up.ipynb", tool.ENDS_WITHOUT_PYNQ["bring_up"])[1] == []
    assert tool.run("bring_up.ipynb")[1] and tool.run("bring_up.ipynb", "InputError: x")[1]
    monkeypatch.setattr(Ends, "execute", lambda self: None)
    assert tool.run("bring_up.ipynb", "DeviceError: ")[1] == ["does not end with: DeviceError: "]
