"""PyTorch, float32: `nn.LSTM` as it comes."""

from cpu.peers.peer import FLOAT_TOLERANCE, Peer


def prepare(modules, x, threads):
    """See `Peer.prepare`; `process.set_threads` sets the threads."""
    import torch

    given = [torch.from_numpy(a) for a in x]
    return lambda: [module(a)[0].numpy() for module, a in zip(modules, given)]


PEER = Peer("PyTorch float32", "torch", 32, FLOAT_TOLERANCE, prepare)
