"""What an exploration saves runs in the emulator at once: the model on its own design."""

import sys
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1] / "budgets"))

import small_networks

import pynq_lstm as pl


def test_an_answer_runs(device, tmp_path):
    rng = np.random.default_rng(0)
    network = small_networks.network(rng, inputs=6, hidden=10, rank=3)
    calibration = small_networks.inputs(rng, network, 10)
    found = pl.explore(
        network,
        max_mse=0.02,
        calibration=calibration,
        engines=("svdn",),
        tries=0,
        baselines=False,
        progress=False,
        weight_bits=8,
        form="stacked",
        u_tile=4,
    )
    folder = found.save(tmp_path / "answer")
    x = small_networks.inputs(rng, network, 5)
    answers = []
    for backend, more in (("emulator", {"device": device, "overlay": folder}), ("reference", {})):
        with pl.load(folder / "model.safetensors", backend=backend, **more) as session:
            answers.append(session.infer(x))
    for one, other in zip(*(a[0] for a in answers)):
        np.testing.assert_array_equal(one, other)
    assert found.design.name == "explored_svd"
