"""ncnn, int8: its two model files written by hand, since nothing converts an int8 LSTM.

The .bin holds for each LSTM the input weights, the biases, the recurrent weights, and a scale for
each row of the two matrices; rows are gate after gate.
"""

import struct
import tempfile
from pathlib import Path

import numpy as np

from cpu.peers.peer import INT8_TOLERANCE, Peer

GATE_ORDER = (0, 1, 3, 2)  # i, f, o, g of PyTorch's i, f, g, o
FLOAT_TAG, INT8_TAG = 0, 0x000D4B38  # before a matrix, what its elements are
MAGIC = 7767517  # first line of a .param
LARGEST = 127
ALIGNMENT = 4  # bytes


def prepare(modules, x, threads):
    """See `Peer.prepare`; one sequence only, the operator has no batch."""
    import ncnn

    net = ncnn.Net()
    net.opt.num_threads = threads
    with tempfile.TemporaryDirectory() as folder:
        param, weights = (Path(folder) / name for name in ("lstms.param", "lstms.bin"))
        param.write_text(_param(modules))
        weights.write_bytes(b"".join(_weights(module) for module in modules))
        if net.load_param(str(param)) or net.load_model(str(weights)):
            raise ValueError("ncnn refuses the model")
    given = [ncnn.Mat(np.ascontiguousarray(a[:, 0])) for a in x]

    def call(given=given):
        extractor = net.create_extractor()
        for j, mat in enumerate(given):
            extractor.input(f"x{j}", mat)
        return [np.asarray(extractor.extract(f"h{j}")[1])[:, None] for j in range(len(given))]

    return call


def _param(modules):
    """The graph: inputs x0, x1, ..., outputs h0, h1, ..."""
    layers = [f"Input x{j} 0 1 x{j}" for j in range(len(modules))]
    for j, module in enumerate(modules):
        hidden, size = module.hidden_size, module.weight_ih_l0.numel()
        # outputs, elements of the input weights, direction, hidden units, int8 with scales
        layers.append(f"LSTM lstm{j} 1 1 x{j} h{j} 0={hidden} 1={size} 2=0 3={hidden} 8=1")
    return "\n".join([str(MAGIC), f"{len(layers)} {2 * len(modules)}", *layers, ""])


def _weights(module):
    w_ih, w_hh, *biases = (p.detach().numpy() for p in module.parameters())

    def ordered(array):
        gates = array.reshape(len(GATE_ORDER), module.hidden_size, -1)[list(GATE_ORDER)]
        return gates.reshape(array.shape)

    inputs, input_scales = _int8(ordered(w_ih))
    hidden, hidden_scales = _int8(ordered(w_hh))
    bias = struct.pack("<I", FLOAT_TAG) + ordered(biases[0] + biases[1]).tobytes()
    return inputs + bias + hidden + input_scales + hidden_scales


def _int8(matrix):
    """A tagged matrix of codes, and the codes a unit of each row, as bytes."""
    scales = LARGEST / np.abs(matrix).max(axis=1)
    codes = np.rint(matrix * scales[:, None]).astype(np.int8).tobytes()
    padding = bytes(-len(codes) % ALIGNMENT)
    return struct.pack("<I", INT8_TAG) + codes + padding, scales.astype(np.float32).tobytes()


PEER = Peer("ncnn int8", "ncnn", 8, INT8_TOLERANCE, prepare, batched=False)
