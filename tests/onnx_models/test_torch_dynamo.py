"""PyTorch modules through the exporter that needs onnxscript, against PyTorch."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch_exports import Exported, check, export  # noqa: E402

pytestmark = pytest.mark.torch


@pytest.mark.parametrize(
    "reads, layers, both, batch_first, bias",
    [
        ("everything", 2, True, True, True),
        ("last h", 2, True, False, False),
        ("last step", 2, False, True, True),
        ("steps", 1, True, True, True),
    ],
)
def test_module(reads, layers, both, batch_first, bias):
    torch.manual_seed(0)
    lstm = torch.nn.LSTM(3, 4, layers, bias, batch_first, bidirectional=both)
    module = Exported(lstm, reads)
    # of fixed batch and time: torch.export cannot leave those of an nn.LSTM open
    model = export(module, torch.zeros(2, 5, 3), dynamo=True)
    check(module, model, np.random.default_rng(0))
