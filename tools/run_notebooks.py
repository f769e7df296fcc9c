"""Run every notebook of notebooks/; ``--save`` keeps what they show in the files.

``--short`` sets PYNQ_LSTM_SHORT=1: notebooks that train or sweep then do less of it.
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

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
SHORT = "PYNQ_LSTM_SHORT"
CELL_SECONDS = 240
LARGEST = 300_000  # bytes of a notebook with its pictures


def run(path):
    """Run a notebook in a folder of its own.

    Parameters
    ----------
    path : Path

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
            return notebook, [str(error)]
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


def main(arguments=None):
    """Run them; returns 1 if one of them shows an error or a warning, or is too large."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--save", action="store_true", help="write the outputs into the files")
    parser.add_argument("--short", action="store_true", help="train and sweep less; no --save")
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all of notebooks/")
    options = parser.parse_args(arguments)
    if options.short and options.save:
        parser.error("--save keeps what whole runs show: leave --short out")
    os.environ[SHORT] = str(int(options.short))  # the kernels inherit it
    failed = False
    for path in options.notebooks or sorted(NOTEBOOKS.glob("*.ipynb")):
        begin = time.perf_counter()
        notebook, wrong = run(path)
        text = nbformat.writes(notebook) + "\n"
        if len(text.encode()) > LARGEST:
            wrong.append(f"larger than {LARGEST:,d} bytes")
        for problem in wrong:
            print(f"{path.name}: {problem}", file=sys.stderr)
        print(f"{path.name}: {'FAILED' if wrong else 'ok'}, {time.perf_counter() - begin:.0f} s")
        if options.save and not wrong:
            temporary = path.with_suffix(".tmp")
            temporary.write_text(text, encoding="utf-8")
            os.replace(temporary, path)
        failed |= bool(wrong)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
