"""`fine_tune`: Algorithm 1 of Zheng et al. as a training loop."""

from dataclasses import asdict, dataclass, fields
from typing import Any, Dict, List

import torch
from torch import nn

from pynq_lstm.compression.block_options import BlockDiagonalOptions
from pynq_lstm.compression.fine_tuning import checkpoint as checkpoints
from pynq_lstm.compression.fine_tuning.calibrate import quantise_modules, quantised
from pynq_lstm.compression.fine_tuning.export import export
from pynq_lstm.compression.fine_tuning.plan import Plan
from pynq_lstm.compression.fine_tuning.run import Run
from pynq_lstm.compression.fine_tuning.side_by_side import SideBySide, cross_entropy
from pynq_lstm.errors import CompressionError

_PLAN = [f.name for f in fields(Plan)]
_OPTIONS = [f.name for f in fields(BlockDiagonalOptions)]


@dataclass(frozen=True, eq=False)
class FineTuned:
    """What `fine_tune` returns.

    Attributes
    ----------
    model : nn.Module
        In evaluation mode, with `QuantisedLSTM` in it.
    history : list of dict
        Of each epoch: "loss", mean over its steps, and "validation" where it was asked for.
    """

    model: nn.Module
    history: List[Dict[str, float]]

    def export(self, head: Any = None, provenance: Any = None):
        """The `CompressedModel` of the LSTMs; of a `SideBySide` its head comes along."""
        if head is None and isinstance(self.model, SideBySide):
            head = self.model.head
        return export(self.model, head, provenance)


def fine_tune(
    model,
    data,
    method="block_diagonal",
    *,
    loss=None,
    head=None,
    validate=None,
    maximum=False,
    optimizer=None,
    checkpoint=None,
    progress=None,
    **settings,
):
    """Train a model whose LSTMs are pruned and quantised in every step.

    Each step masks and quantises the weights, quantises x, h, c and the gates, and passes the
    gradient straight through, as Algorithm 1 of Zheng et al. has it. It starts from the
    weights that `model` has: trained dense ones, or fresh ones.

    Parameters
    ----------
    model : nn.Module, nn.LSTM or list of nn.LSTM
        Each nn.LSTM in it becomes a `QuantisedLSTM` with the same parameters, in place. Bare
        LSTMs run side by side and need `head`.
    data : iterable
        Batches, iterated anew in each epoch (a DataLoader, a list).
    method : str
        "block_diagonal".
    loss : callable, optional
        ``loss(model, batch)``, a scalar tensor. Default: the cross entropy of ``model(x)`` for
        batches (x, target).
    head : nn.Linear, optional
        For bare LSTMs: reads their joined hidden states.
    validate : callable, optional
        ``validate(model)``, a number, lower is better, after each epoch in evaluation mode.
        The weights of the best epoch are returned then, else those of the last.
    maximum : bool
        See `QuantisedLSTM`: the run-time maximum of eq. (12), which cannot be exported.
    optimizer : callable, optional
        Makes one of the named parameters; default AdamW.
    checkpoint : path, optional
        Written after each epoch; with the same arguments a later call goes on from there, to
        the same result.
    progress : bool, optional
        A progress bar on stderr; default: on terminals only.
    **settings
        Fields of `BlockDiagonalOptions` and of `Plan`.

    Returns
    -------
    FineTuned
        The same for the same arguments, seed, machine and library versions.

    Raises
    ------
    CompressionError
        An unknown method or setting, no nn.LSTM, no head where one is needed, a checkpoint of
        something else, or a loss that is not finite.
    CalibrationError
        The data give no scales.
    """
    options, plan = _settings(method, settings)
    torch.manual_seed(plan.seed)
    if isinstance(model, nn.LSTM) or not isinstance(model, nn.Module):
        model = _joined(model, head)
    if not quantised(model):
        quantise_modules(model, options, maximum)
    for module in quantised(model):
        if module.options != options:
            raise CompressionError(
                "model", module.options, f"was quantised before, not as {options}",
                "pass the same options again, or the model as it was",
            )  # fmt: skip
    identity = repr((asdict(options), asdict(plan), maximum, _shapes(model)))
    run = Run(model, data, loss or cross_entropy, plan, optimizer, validate)
    if checkpoint is not None:
        checkpoints.resume(checkpoint, run, identity)
    with _bar(plan.epochs, run.epoch, progress) as moving:
        while run.epoch < plan.epochs:
            moving.set_postfix(run.run_epoch())
            moving.update()
            if checkpoint is not None:
                checkpoints.save(checkpoint, run, identity)
    run.take_best()
    return FineTuned(model.eval(), run.history)


def _settings(method, settings):
    if method != "block_diagonal":
        raise CompressionError("method", method, "unknown", "choose 'block_diagonal'")
    for name, value in settings.items():
        if name not in _PLAN + _OPTIONS:
            raise CompressionError(name, value, "no setting", f"choose from {_OPTIONS + _PLAN}")
    options = BlockDiagonalOptions(**{k: v for k, v in settings.items() if k in _OPTIONS})
    return options, Plan(**{k: v for k, v in settings.items() if k in _PLAN})


def _joined(lstms, head):
    lstms = [lstms] if isinstance(lstms, nn.LSTM) else lstms
    listed = isinstance(lstms, (list, tuple)) and lstms
    if not listed or not all(isinstance(lstm, nn.LSTM) for lstm in lstms):
        raise CompressionError(
            "model", type(lstms).__name__, "neither a module nor LSTMs", "pass an nn.Module"
        )
    if not isinstance(head, nn.Linear):
        raise CompressionError(
            "head", type(head).__name__, "bare LSTMs give no logits", "pass an nn.Linear"
        )
    return SideBySide(lstms, head)


def _shapes(model):
    return [(name, tuple(p.shape)) for name, p in model.named_parameters()]


def _bar(total, done, progress):
    from tqdm import tqdm

    disable = None if progress is None else not progress
    return tqdm(
        total=total, initial=done, desc="fine-tune", unit="epoch", disable=disable, leave=False
    )
