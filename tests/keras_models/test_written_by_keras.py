"""Files that Keras itself wrote, against the outputs that it computed: see README.md."""

from pathlib import Path

import numpy as np
import pytest

import pynq_lstm as pl

HERE = Path(__file__).resolve().parent
FILES = sorted(p for p in HERE.glob("keras_*_*/*") if p.suffix in (".keras", ".h5"))
STACKS = {
    "both": (pl.Stack(1, True),),
    "turned": (pl.Stack(2, reverse=True),),
    "steps": (pl.Stack(1, True), pl.Stack()),
    "stacked": (pl.Stack(2),),
}


def test_there_are_files():
    assert len(FILES) == 12


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.name}")
@pytest.mark.filterwarnings("ignore:this file holds weights only", "ignore:layer 'masking")
def test_outputs(path):
    name = path.name.partition(".")[0]
    net = pl.Network.from_keras(path)
    assert net.stacks == STACKS[name]
    with np.load(path.with_name(f"{name}.npz")) as data:
        x, y = data["x"], data["y"]
    found = net.infer_logits(x, every_step=y.ndim == 3)
    if name == "both":  # its softmax is left out
        found = np.exp(found) / np.exp(found).sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(found, y, atol=1e-5, rtol=0)
