"""Running a model needs NumPy, cffi and safetensors only; compression and pictures need more."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import pynq_lstm

SCRIPT = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {blocked}:
            raise ImportError(name)

sys.meta_path.insert(0, Refuse())
import numpy as np
import pynq_lstm as pl
from pynq_lstm.runtime import session
from pynq_lstm.cli import main
model = pl.CompressedModel.load({path!r})
with pl.load(model) as opened:
    print(opened.infer(np.zeros((1, 2, 6), np.float32))[0].shape)
"""


BELOW = {  # what a part of the package does not know of, wherever the import stands
    "passes": ("compression", "budgets", "runtime", "exploration", "cli"),
    "compression": ("budgets", "runtime", "exploration", "accelerator", "cli"),
    "budgets": ("exploration", "cli"),
}


def imported(path):
    """Names of the modules that a file imports, inside of functions, too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names)


@pytest.mark.parametrize("part", BELOW)
def test_dependencies_point_one_way(part):
    root = Path(pynq_lstm.__file__).parent
    files = sorted((root / part).rglob("*.py"))
    found = {str(path.relative_to(root)): set(imported(path)) for path in files}
    assert len(files) > 5 and any("pynq_lstm.errors" in names for names in found.values())
    above = tuple(f"pynq_lstm.{name}" for name in BELOW[part])
    wrong = {path: [n for n in names if n.startswith(above)] for path, names in found.items()}
    assert {path: names for path, names in wrong.items() if names} == {}


def test_running_needs_little(tmp_path):
    import numpy as np
    from example_matrices import random_network

    net = random_network(np.random.default_rng(0), [(6, 8)])
    path = str(tmp_path / "model.safetensors")
    pynq_lstm.compress(net, input_range=(-1, 1), refinements=2).save(path)
    blocked = {"torch", "matplotlib", "threadpoolctl", "tqdm", "pynq", "onnx", "h5py", "scipy"}
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(blocked=blocked, path=path)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (ran.stdout, ran.returncode) == ("(1, 2, 8)\n", 0), ran.stderr
