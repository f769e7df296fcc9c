"""PyTorch's LSTMs as the networks of this package are called: batch first, NumPy in and out."""


def run(torch, module, x, state=None, lengths=None):
    """Run a batch-first nn.LSTM.

    Parameters
    ----------
    x : ndarray, (batch, time, input) or (time, input)
    state : pair of ndarray, (layers * D, batch, hidden), optional
    lengths : ndarray, (batch,), optional

    Returns
    -------
    out, h, c : ndarray
    """
    given, start = torch.from_numpy(x), None
    if state is not None:
        start = tuple(torch.from_numpy(side) for side in state)
    with torch.no_grad():
        if lengths is None:
            out, (h, c) = module(given, start)
        else:
            packed = torch.nn.utils.rnn.pack_padded_sequence(
                given, torch.from_numpy(lengths), batch_first=True, enforce_sorted=False
            )
            out, (h, c) = module(packed, start)
            out, _ = torch.nn.utils.rnn.pad_packed_sequence(
                out, batch_first=True, total_length=x.shape[1]
            )
    return out.numpy(), h.numpy(), c.numpy()
