"""Run every notebook of notebooks/ on the emulator; ``--save`` keeps what they show in the files.

``--short`` sets PYNQ_LSTM_SHORT=1: notebooks that train or sweep then do less of it.
``--without torch pynq`` hides these packages from them, as if they were not installed; without
pynq they must run on the CPU. What is not hidden must be there: a notebook fails that says it
found none.
``--results`` writes docs/results/notebooks.json: the seconds of each.
Needs nbclient and ipykernel: ``make notebooks``.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))

import notebook_times  # noqa: E402

NOTEBOOKS = ROOT / "notebooks"
SHORT = "PYNQ_LSTM_SHORT"
CELL_SECONDS = 240
LARGEST = 300_000  # bytes of a notebook with its pictures
# with what a notebook ends that needs a board or pynq, where it has neither
ENDS_WITHOUT_PYNQ = {"bring_up": "DeviceError: board = None: no board is here"}
LACKING = {"onnx": "no onnx here", "torch": "no PyTorch here"}  # what they say without a package
HIDING = "import sys\nsys.modules.update(dict.fromkeys({names!r}))\n"


def run(path, ends=None):
    """Run a notebook in a folder of its own.

    Parameters
    ----------
    path : Path
    ends : str, optional
        How the last line of the error begins that it must end with.

    Returns
    -------
    tuple of NotebookNode, list of str
        The notebook with its outputs, and what is wrong with them.
    """
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook,
            timeout=CELL_SECONDS,
            kernel_name="python3",
            resources={"metadata": {"path": folder}},
            record_timing=False,
            coalesce_streams=True,
        )
        try:
            client.execute()
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            last = f"{getattr(error, 'ename', '')}: {getattr(error, 'evalue', '')}"
            if ends and last.startswith(ends):
                return notebook, []
            return notebook, [str(error)]
    if ends:
        return notebook, [f"does not end with: {ends}"]
    for cell in notebook.cells:
        if "outputs" in cell:
            cell.outputs = [output for output in cell.outputs if not _script(output)]
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return notebook, faults(notebook)


def _script(output):
    """Whether an output is nothing but JavaScript: what `import pynq` gives the editor."""
    return list(output.get("data", ())) == ["application/javascript"]


def faults(notebook):
    """Outputs that a reader should not see: errors, and warnings on stderr."""
    return [
        "".join(output.get("traceback", ())) or output.text
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if output.output_type == "error" or output.get("name") == "stderr"
    ]


def hide(names, folder):
    """Let the kernels, which inherit the environment, find no package of these names.

    Python imports `sitecustomize` when it starts; what is None in `sys.modules` is not found.
    """
    Path(folder, "sitecustomize.py").write_text(HIDING.format(names=names), encoding="utf-8")
    inherited = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join([str(folder), *([inherited] if inherited else [])])


def elsewhere(notebook, place):
    """What is wrong where its models do not run on a place, as its first cell says."""
    if f"models run on: {place}" in _said(notebook):
        return []
    return [f"its models do not run on {place}"]


def lacking(notebook, hidden):
    """Sentences on packages that it did not find, but for those that were hidden from it."""
    said = _said(notebook)
    told = [sentence for name, sentence in LACKING.items() if name not in hidden]
    return [f"it says: {sentence}" for sentence in told if sentence in said]


def _said(notebook):
    outputs = (one for cell in notebook.cells for one in cell.get("outputs", ()))
    return "".join(one.get("text", "") for one in outputs)


def run_all(paths, options):
    """Run notebooks one after another; returns seconds by name, and whether one of them failed."""
    failed, seconds = False, {}
    no_pynq = "pynq" in options.without
    for path in paths:
        begin = time.perf_counter()
        ends = ENDS_WITHOUT_PYNQ.get(path.stem) if no_pynq else None
        notebook, wrong = run(path, ends)
        seconds[path.stem] = time.perf_counter() - begin
        if not (wrong or ends):
            wrong += elsewhere(notebook, "the CPU" if no_pynq else "an emulated ZCU104")
            wrong += lacking(notebook, options.without)
        text = nbformat.writes(notebook) + "\n"
        if len(text.encode()) > LARGEST:
            wrong.append(f"larger than {LARGEST:,d} bytes")
        for problem in wrong:
            print(f"{path.name}: {problem}", file=sys.stderr)
        said = "FAILED" if wrong else "ok"
        print(f"{path.name}: {said}, {seconds[path.stem]:.0f} s", flush=True)
        if options.save and not wrong:
            temporary = path.with_suffix(".tmp")
            temporary.write_text(text, encoding="utf-8")
            os.replace(temporary, path)
        failed |= bool(wrong)
    return seconds, failed


def parsed(arguments):
    """The options; ends the program where some do not go together."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--save", action="store_true", help="write the outputs into the files")
    parser.add_argument("--short", action="store_true", help="train and sweep less; no --save")
    parser.add_argument("--results", action="store_true", help="write the seconds of all of them")
    parser.add_argument(
        "--without", nargs="+", default=[], metavar="PACKAGE", help="hidden from them"
    )
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all of notebooks/")
    options = parser.parse_args(arguments)
    if options.save and (options.short or options.without):
        parser.error("--save keeps what whole runs show: leave --short and --without out")
    if options.results and (options.short or options.without or options.notebooks):
        parser.error("--results is of whole runs of all of them")
    return options


def main(arguments=None):
    """Run them; returns 1 if one of them shows an error or a warning, or is too large."""
    options = parsed(arguments)
    os.environ[SHORT] = str(int(options.short))  # the kernels inherit it
    before = notebook_times.state()
    with tempfile.TemporaryDirectory() as folder:
        if options.without:
            hide(options.without, folder)
        paths = options.notebooks or sorted(NOTEBOOKS.glob("*.ipynb"))
        seconds, failed = run_all(paths, options)
    if options.results and not failed:
        notebook_times.write(seconds, before)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
