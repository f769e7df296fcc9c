"""What an exploration saves runs in the emulator at once: the model on its own design."""

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "budgets"))

import small_networks

import pynq_lstm as pl

SVDN = {"engines": ("svdn",), "max_mse": 0.02, "form": "stacked", "u_tile": 4}
BLOCKS = {"engines": ("block_diagonal",), "max_mse": 1.0, "block_rank": 4}
KINDS = {  # of a network, what is asked, and the passes and the design of the answer
    "svdn": (small_networks.network, {"rank": 3}, SVDN, 1, "explored_svd"),
    "passes": (small_networks.stacked, {}, {**SVDN, "max_mse": 0.05}, 2, "explored_svd"),
    "blocks": (small_networks.network, {}, BLOCKS, 1, "explored_block_diagonal"),
    "blocks_in_passes": (small_networks.stacked, {}, BLOCKS, 2, "explored_block_diagonal"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_runs(device, tmp_path, kind):
    rng = np.random.default_rng(0)
    make, sizes, asked, passes, design = KINDS[kind]
    network = make(rng, inputs=6, hidden=10, **sizes)
    calibration = small_networks.inputs(rng, network, 10)
    others = {"tries": 0, "baselines": False, "progress": False, "weight_bits": 8}
    found = pl.explore(network, calibration=calibration, **others, **asked)
    assert len(getattr(found.model, "passes", [found.model])) == passes
    assert found.design.name == design
    folder = found.save(tmp_path / "answer")
    x = small_networks.inputs(rng, network, 5)
    answers = []
    for backend, more in (("emulator", {"device": device, "overlay": folder}), ("reference", {})):
        with pl.load(folder / "model.safetensors", backend=backend, **more) as session:
            answers.append((session.infer(x)[0], session.infer_logits(x)))
    (emulated, logits), (reference, others) = answers
    np.testing.assert_array_equal(logits, others)
    assert len(emulated) == len(reference) > 0
    for one, other in zip(emulated, reference):
        np.testing.assert_array_equal(one, other)
