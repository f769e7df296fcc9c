"""What the LSTMs of a module read while batches run."""

import numpy as np
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from pynq_lstm.compression import calibration
from pynq_lstm.errors import CalibrationError


def inputs_of(model, modules, batches, call):
    """What some LSTMs of a model read in some batches.

    Parameters
    ----------
    model : nn.Module
    modules : list of nn.LSTM or SvdLSTM
        In it.
    batches : iterable
    call : callable
        ``call(model, batch)`` runs one.

    Returns
    -------
    list of calibration.Steps
        Of each, shorter sequences padded with zeros.

    Raises
    ------
    CalibrationError
        The batches do not reach one of them.
    """
    found = {module: [] for module in modules}

    def take(module, arguments, named):
        found[module].append(_padded(module, arguments[0] if arguments else named["input"]))

    hooks = [module.register_forward_pre_hook(take, with_kwargs=True) for module in modules]
    try:
        for batch in batches:
            call(model, batch)
    finally:
        for hook in hooks:
            hook.remove()
    for module, met in found.items():
        if not met:
            raise CalibrationError(
                "data", str(module), "no batch reaches this LSTM",
                "pass batches that run all LSTMs of the model",
            )  # fmt: skip
    return [_stacked(found[module]) for module in modules]


def _padded(module, x):
    """x, (batch, time, input), and its valid steps."""
    lengths = None
    if isinstance(x, PackedSequence):
        x, lengths = pad_packed_sequence(x, batch_first=True)
    elif x.ndim == 2:
        x = x[None]
    elif not module.batch_first:
        x = x.transpose(0, 1)
    x = x.detach().cpu().float().numpy()
    return calibration.Steps.whole(x) if lengths is None else calibration.Steps(x, lengths.numpy())


def _stacked(met):
    time = max(steps.x.shape[1] for steps in met)
    padded = [np.pad(x, ((0, 0), (0, time - x.shape[1]), (0, 0))) for x, _ in met]
    return calibration.Steps(np.concatenate(padded), np.concatenate([n for _, n in met]))
