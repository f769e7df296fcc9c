"""The order of the four gates in the weights of others; this package has i, f, g, o.

g is the cell's candidate, which ONNX and Keras call c.
"""

import numpy as np

OWN = "ifgo"
ORDERS = {
    "torch": "ifgo",  # nn.LSTM, "Variables"
    "onnx": "iofg",  # operator LSTM, inputs W, R and B
    "keras": "ifgo",  # LSTMCell, kernel: i, f, c, o
}


def reordered(array, source, target=OWN, axis=0):
    """An array with the blocks of its four gates in another order.

    Parameters
    ----------
    array : ndarray, (..., 4 * hidden, ...)
    source, target : str
        Orders, as ``"iofg"``.
    axis : int
        Where the gates stand.

    Returns
    -------
    ndarray
        Of the same shape and dtype.
    """
    blocks = dict(zip(source, np.split(array, 4, axis)))
    return np.concatenate([blocks[gate] for gate in target], axis)
