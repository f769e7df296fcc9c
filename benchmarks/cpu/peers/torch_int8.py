"""PyTorch, dynamic int8: weights are int8, activations are quantised in every call."""

import warnings

from cpu.peers import torch_float
from cpu.peers.peer import INT8_TOLERANCE, Peer


def prepare(modules, x, threads):
    """See `Peer.prepare`; `process.set_threads` sets the threads."""
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it is deprecated: it is what users have
        quantised = torch.ao.quantization.quantize_dynamic(
            torch.nn.ModuleList(modules), {torch.nn.LSTM}, dtype=torch.qint8
        )
    return torch_float.prepare(quantised, x, threads)


PEER = Peer("PyTorch dynamic int8", "torch", 8, INT8_TOLERANCE, prepare)
