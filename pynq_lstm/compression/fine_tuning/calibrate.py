"""From a model with nn.LSTM to one with `QuantisedLSTM`, and the scales of the latter."""

import contextlib

import torch
from torch import nn

from pynq_lstm.compression.fine_tuning.module import QuantisedLSTM
from pynq_lstm.compression.fine_tuning.trained import places, trained


def quantise_modules(model, options=None, maximum=False):
    """Put a `QuantisedLSTM` in the place of every nn.LSTM.

    Parameters
    ----------
    model : nn.Module
        Changed in place; an nn.LSTM itself cannot be, so its replacement is returned.
    options : BlockDiagonalOptions
    maximum : bool
        As `QuantisedLSTM`.

    Returns
    -------
    nn.Module
        `model`, or what stands for it. Parameters are the same objects under the same names.

    Raises
    ------
    CompressionError
        There is no nn.LSTM in it, or one with projections; the model is as it was.
    """
    if isinstance(model, nn.LSTM):
        return QuantisedLSTM(model, options, maximum)
    found, made = places(model), {}
    for _, _, child in found:  # one that stands in two places stays one
        if child not in made:
            made[child] = QuantisedLSTM(child, options, maximum)
    for parent, name, child in found:  # none is replaced before all can be
        setattr(parent, name, made[child])
    return model


def quantised(model):
    """Every `QuantisedLSTM` in `model`, in the order of its modules."""
    return [module for module in model.modules() if isinstance(module, QuantisedLSTM)]


def due(step, interval):
    """Whether scales are to be chosen before this step of training, counted from 0.

    Every `interval` steps; from fresh weights, which grow fast, also before steps 1, 2, 4, ...
    """
    return step % interval == 0 or step < interval and step & (step - 1) == 0


@torch.no_grad()
def calibrate(model, batches, call=None):
    """Choose the scales of the present mode (``train`` or ``eval``) from a float run.

    Call it in both modes where there is dropout before an LSTM, and again now and then while
    training: weights grow, and with them what the scales must hold.

    Parameters
    ----------
    model : nn.Module
        With `QuantisedLSTM` or `SvdLSTM` in it.
    batches : iterable
        A few typical batches.
    call : callable, optional
        ``call(model, batch)`` runs one; by default ``model(batch)``.

    Raises
    ------
    CalibrationError
        A module met no data, or only zeros.
    """
    with observing(model):
        for batch in batches:
            model(batch) if call is None else call(model, batch)


@contextlib.contextmanager
def observing(model):
    """Inside, the LSTMs of `model` run in float and take ranges; at the end scales are chosen."""
    modules = trained(model)
    for module in modules:
        module.observe()
    try:
        yield
    except BaseException:
        for module in modules:
            module.settle(keep=False)
        raise
    for module in modules:
        module.settle()
