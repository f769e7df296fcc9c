"""The examples of docs/onnx.md run as they stand."""

import re
from pathlib import Path

import numpy as np
import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "onnx.md"


@pytest.mark.torch
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_examples_run(tmp_path, monkeypatch):
    torch = pytest.importorskip("torch")
    monkeypatch.chdir(tmp_path)
    scope = {}
    for example in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S):
        exec(compile(example, PAGE.name, "exec"), scope)
    x = np.random.default_rng(0).standard_normal((2, 7, 6)).astype(np.float32)
    with torch.no_grad():
        theirs = scope["lstm"](torch.from_numpy(x))[0]
    for name in ("net", "same"):
        np.testing.assert_allclose(scope[name].infer(x)[0], theirs, atol=1e-5)
    assert (tmp_path / "again.onnx").exists() and (tmp_path / "compressed.onnx").exists()
