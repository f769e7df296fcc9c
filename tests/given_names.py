"""What the pages of docs/ take as given: your network, your data, a folder with your file.

Each is as small as may be, and of the shapes that the page speaks of.
"""

from pathlib import Path

import numpy as np

import pynq_lstm as pl


def of_page(name):
    """The names that the blocks of a page find, by page; files are put into the current folder."""
    return _GIVEN.get(name, dict)()


def _task(**sizes):
    import small_networks

    rng = np.random.default_rng(0)
    net = small_networks.network(rng, **sizes)
    x, labels = small_networks.labelled(rng, net, 30)
    return {"net": net, "x": x, "labels": labels, "typical": small_networks.inputs(rng, net, 10)}


def _model():
    given = _task(inputs=4, hidden=6)
    model = pl.compress(given["net"], calibration=given["typical"], refinements=2)
    model.save("model.safetensors")
    return model, given["x"]


def _cpu():
    return {"x": _model()[1]}


def _shapes():
    model, x = _model()
    steps = [[one[0, t] for one in x] for t in range(3)]
    return {"session": pl.load(model), "sensor": steps, "inputs": [x, x], "x": x}


def _models():
    from pynq_lstm.accelerator.design import Design
    from pynq_lstm.accelerator.packing.image import pack
    from pynq_lstm.accelerator.plan import Plan

    design = Design.load(Path(pl.__file__).parent / "overlays" / "svd_lstm" / "design.json")
    return {"image": pack(Plan.of_model(_model()[0]), design)}


def _pictures():
    from exploration_examples import exploration

    return {"found": exploration()}


def _keras():
    from keras_files import dense, lstm, write

    rng = np.random.default_rng(0)
    layers = [lstm(rng, 6, 8), lstm(rng, 8, 8, return_sequences=False), dense(rng, 8, 3)]
    write(Path("model.keras"), layers)
    return {}


def _fine_tuning():
    import torch
    from torch import nn

    torch.manual_seed(0)

    class Reads(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm, self.linear = nn.LSTM(6, 8, batch_first=True), nn.Linear(8, 3)

        def forward(self, x):
            return self.linear(self.lstm(x)[0][:, -1])

    labels = torch.arange(12) % 3
    pairs = [([torch.rand(12, 5, 6), torch.rand(12, 5, 6)], labels) for _ in range(3)]
    return {
        "rows": nn.LSTM(6, 8, batch_first=True),
        "columns": nn.LSTM(6, 8, batch_first=True),
        "head": nn.Linear(16, 3),
        "low": nn.LSTM(6, 16, batch_first=True),
        "high": nn.LSTM(22, 16, batch_first=True),
        "joined": pairs,
        "pairs": pairs[:2],
        "held_out": pairs[2],
        "model": Reads(),
        "network": Reads(),
        "batches": [(x[0], target) for x, target in pairs],
    }


_GIVEN = {
    "compression.md": lambda: _task(inputs=3, hidden=4),
    "cpu.md": _cpu,
    "explore.md": lambda: _task(inputs=4, hidden=6),
    "fine_tuning.md": _fine_tuning,
    "keras.md": _keras,
    "models.md": _models,
    "pictures.md": _pictures,
    "shapes.md": _shapes,
}
