"""PyTorch modules for export, and what they give, as this package gives it."""

import io
import warnings

import numpy as np
import torch
import torch_lstms
from torch import nn

import pynq_lstm as pl


class Exported(nn.Module):
    """An nn.LSTM, with a linear layer on its last h or on every step, or with all it returns."""

    def __init__(self, lstm, reads):
        super().__init__()
        self.lstm, self.reads = lstm, reads
        self.linear = nn.Linear(lstm.hidden_size * (1 + lstm.bidirectional), 3)

    def forward(self, x):
        out, (h, c) = self.lstm(x)
        if self.reads == "everything":
            return out, h, c
        if self.reads == "steps":
            return self.linear(out)
        if self.reads == "last step":
            return self.linear(out[:, -1] if self.lstm.batch_first else out[-1])
        return self.linear(torch.cat([h[-2], h[-1]], 1) if self.lstm.bidirectional else h[-1])


def export(module, *given, dynamo=False, **options):
    """The file that torch.onnx.export writes, as a ModelProto."""
    import onnx

    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(module.eval(), given, file, dynamo=dynamo, verbose=False, **options)
    return onnx.load_from_string(file.getvalue())


def check(module, model, rng):
    """Whether a network from `model` gives what an `Exported` gives, also under lengths."""
    net, lstm = pl.Network.from_onnx(model), module.lstm
    assert net.stacks == (pl.Stack(lstm.num_layers, lstm.bidirectional),)
    assert net.wiring.to_dict() == {"m0": "x0"}
    x = rng.standard_normal((3, 7, lstm.input_size)).astype(np.float32)
    with torch.no_grad():
        given = torch.from_numpy(x)
        theirs = module(given if lstm.batch_first else given.transpose(0, 1).contiguous())
    out, (h, c) = net.infer(x)
    if module.reads == "everything":
        close(out, theirs[0] if lstm.batch_first else theirs[0].transpose(0, 1))
        close(h, theirs[1])
        close(c, theirs[2])
    elif module.reads == "steps":
        logits = net.infer_logits(x, every_step=True)
        close(logits, theirs if lstm.batch_first else theirs.transpose(0, 1))
    else:
        close(net.infer_logits(x), theirs)
    lengths = np.array([7, 2, 5])
    lstm.batch_first = True
    packed = torch_lstms.run(torch, lstm, x, lengths=lengths)
    out, (h, c) = net.infer(x, lengths=lengths)
    for ours, other in zip((out, h, c), packed):
        close(ours, torch.from_numpy(other))


def close(ours, theirs):
    np.testing.assert_allclose(ours, theirs.numpy(), atol=1e-5, rtol=0)
