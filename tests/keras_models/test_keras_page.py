"""The examples of docs/keras.md run as they stand."""

import re
from pathlib import Path

import numpy as np
from keras_files import dense, lstm, run, write

PAGE = Path(__file__).resolve().parents[2] / "docs" / "keras.md"


def test_examples_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    layers = [lstm(rng, 6, 8), lstm(rng, 8, 8, return_sequences=False), dense(rng, 8, 3)]
    write(Path("model.keras"), layers)
    scope = {}
    for example in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S):
        exec(compile(example, PAGE.name, "exec"), scope)
    x = rng.standard_normal((2, 7, 6)).astype(np.float32)
    np.testing.assert_allclose(scope["net"].infer_logits(x), run(layers, x), atol=1e-5)
    assert scope["model"].members and scope["logits"].shape == (4, 3)
