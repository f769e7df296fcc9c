"""NumPy with its BLAS, float32: what runs where nothing can be installed, written with care."""

import numpy as np

from cpu.peers.peer import FLOAT_TOLERANCE, Peer


def prepare(modules, x, threads):
    """See `Peer.prepare`; `process.set_threads` sets the threads."""
    calls = [_lstm(module, a) for module, a in zip(modules, x)]
    return lambda: [call() for call in calls]


def _lstm(module, x):
    """One LSTM; a gate's sigmoid is tanh(z / 2) / 2 + 1 / 2, so that one tanh serves all four."""
    w_ih, w_hh, *biases = (p.detach().numpy() for p in module.parameters())
    hidden = module.hidden_size
    time, batch, size = x.shape
    scale = np.repeat(np.float32([0.5, 0.5, 1, 0.5]), hidden)  # i, f, g, o
    shift = np.repeat(np.float32([0.5, 0.5, 0, 0.5]), hidden)
    w, r = (np.ascontiguousarray((m * scale[:, None]).T) for m in (w_ih, w_hh))
    bias = (biases[0] + biases[1]) * scale
    out = np.empty((time, batch, hidden), np.float32)
    gates = np.empty((batch, 4 * hidden), np.float32)
    i, f, g, o = (gates[:, k * hidden : (k + 1) * hidden] for k in range(4))

    def call():
        pre = (x.reshape(time * batch, size) @ w).reshape(time, batch, 4 * hidden)
        pre += bias
        c = np.zeros((batch, hidden), np.float32)
        for t in range(time):
            if t:
                np.matmul(out[t - 1], r, out=gates)
                np.add(gates, pre[t], out=gates)
            else:
                gates[:] = pre[0]
            np.tanh(gates, out=gates)
            np.multiply(gates, scale, out=gates)
            np.add(gates, shift, out=gates)
            np.multiply(c, f, out=c)
            np.multiply(i, g, out=g)
            np.add(c, g, out=c)
            np.tanh(c, out=out[t])
            np.multiply(out[t], o, out=out[t])
        return out

    return call


PEER = Peer("NumPy float32", "numpy", 32, FLOAT_TOLERANCE, prepare)
