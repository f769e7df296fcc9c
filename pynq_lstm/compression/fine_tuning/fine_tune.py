"""`fine_tune`: the training loop of every method that trains on its own grid."""

import copy
from dataclasses import asdict, dataclass, fields
from typing import Any, Dict, List

import torch
from torch import nn

from pynq_lstm.compression.fine_tuning import checkpoint as checkpoints
from pynq_lstm.compression.fine_tuning.distillation import Loss
from pynq_lstm.compression.fine_tuning.methods import METHODS, BlockDiagonal
from pynq_lstm.compression.fine_tuning.plan import Plan
from pynq_lstm.compression.fine_tuning.run import Run, count_batches, some_batches
from pynq_lstm.compression.fine_tuning.side_by_side import as_module, is_ours
from pynq_lstm.compression.fine_tuning.trained import trained
from pynq_lstm.errors import CompressionError


@dataclass(frozen=True, eq=False)
class FineTuned:
    """What `fine_tune` returns.

    Attributes
    ----------
    model : nn.Module
        In evaluation mode, with the method's modules in it: `QuantisedLSTM` or `SvdLSTM`.
    history : list of dict
        Of each epoch: "loss", mean over its steps, and "validation" where it was asked for.
    method : BlockDiagonal or Svd
        What makes the export.
    """

    model: nn.Module
    history: List[Dict[str, float]]
    method: Any = BlockDiagonal()

    def export(self, head: Any = None, provenance: Any = None):
        """The `CompressedModel` of the LSTMs, or the `CompressedNetwork` where they have layers,
        directions, a wiring or groups; of bare LSTMs and of a `Network` the head comes along.
        """
        if head is None and is_ours(self.model):
            head = self.model.head
        return self.method.export(self.model, head, provenance)


def fine_tune(
    model,
    data,
    method="block_diagonal",
    *,
    loss=None,
    logits=None,
    head=None,
    validate=None,
    teacher=None,
    optimizer=None,
    checkpoint=None,
    progress=None,
    identity=None,
    **settings,
):
    """Train a model whose LSTMs are compressed in every step.

    "block_diagonal": each step masks and quantises the weights, quantises x, h, c and the
    gates, and passes the gradient straight through, as Algorithm 1 of Zheng et al. has it.
    "svd": what is trained are the scalars s, the vectors u and v, under their tile masks and
    on their grids, and the biases of rank-1 components that `compress` starts from. Either
    starts from the weights that `model` has, and trains the rest of it as well.

    Parameters
    ----------
    model : nn.Module, Network, TorchNetwork, nn.LSTM or list of nn.LSTM
        Each nn.LSTM in it is replaced in place. Bare LSTMs run side by side and need `head`;
        those of a `Network`, which brings its own, run as it wires them; method
        "block_diagonal" takes no models that read one another. A ``to_torch_module()`` is taken
        as its network: what was trained is in the result's ``model``, not in it. Which of them
        share u and v with method "svd" is said by `share`, as `compress` takes it; default: all
        of a pass. In any other nn.Module each nn.LSTM has components of its own.
    data : iterable
        Batches, iterated anew in each epoch (a DataLoader, a list). Bare LSTMs and a `Network`
        read ``batch[0]``: (batch, time, input), or a list of such where they have several
        inputs; with method "svd" of layers, directions or a wiring packed sequences, too.
    method : str
        "block_diagonal" or "svd".
    loss : callable, optional
        ``loss(model, batch)``, a scalar tensor. Default: the cross entropy of the logits for
        ``batch[-1]``, class numbers; of packed sequences with targets of every step, (batch,
        time), those behind the end of a sequence do not count.
    logits : callable, optional
        ``logits(model, batch)``, classes last, for the default loss and for the teacher's.
        Default: ``model(batch[0])``; of bare LSTMs those of the last step for targets (batch,).
    head : nn.Linear, optional
        For bare LSTMs: reads their joined hidden states; trained as it is.
    validate : callable, optional
        ``validate(model)``, a finite number, lower is better, after each epoch in evaluation
        mode.
        The weights of the best epoch are returned then, else those of the last.
    teacher : nn.Module or True, optional
        Whose logits are learnt as well, with the weight ``distillation`` at ``temperature``;
        True: a copy of `model` as it is passed. It is put in evaluation mode.
    optimizer : callable, optional
        Makes one of the named parameters; default AdamW.
    checkpoint : path, optional
        Written after each epoch; with the same arguments a later call goes on from there, to
        the same result.
    progress : bool, optional
        A progress bar on stderr; default: on terminals only.
    identity : str, optional
        Of what a checkpoint belongs to besides settings and shapes, such as a hash of the data;
        one of another identity is refused.
    **settings
        Fields of `Plan`; of `BlockDiagonalOptions` and `BlockDiagonal`, or of `SvdOptions` and
        `Svd`.

    Returns
    -------
    FineTuned
        The same for the same arguments, seed, machine and library versions.

    Raises
    ------
    CompressionError
        An unknown method or setting, no nn.LSTM, one twice or one that the method cannot take, no
        head where one is needed, groups that do not fit, a checkpoint of something else, or a loss
        or a validation that is not finite.
    CalibrationError
        The data give no scales.
    """
    kind, options, plan = _settings(method, settings)
    torch.manual_seed(plan.seed)
    model = as_module(model, head, kind.runs_networks)
    teacher = _teacher(teacher, model)
    own = Loss(loss, logits, teacher, plan.distillation, plan.temperature)
    for module in trained(model):
        if module.options != options:
            raise CompressionError(
                "model", module.options, f"was quantised before, not as {options}",
                "pass the same options again, or the model as it was",
            )  # fmt: skip
    count_batches(data)  # refused before the model is changed
    kind.check(model, options, progress)
    if not trained(model):
        kind.prepare(model, options, some_batches(data, plan), own, progress)
    kind.begin(model)
    taught = teacher is not None and _shapes(teacher)
    known = (asdict(options), asdict(plan), kind.identity(), taught, _shapes(model))
    identity = repr(known if identity is None else (*known, identity))
    run = Run(model, data, own, plan, optimizer, validate)
    if checkpoint is not None:
        checkpoints.resume(checkpoint, run, identity)
    with _bar(plan.epochs, run.epoch, progress) as moving:
        while run.epoch < plan.epochs:
            moving.set_postfix(run.run_epoch())
            moving.update()
            if checkpoint is not None:
                checkpoints.save(checkpoint, run, identity)
    run.take_best()
    kind.conclude(model.eval(), some_batches(data, plan), own)
    return FineTuned(model, run.history, kind)


def _settings(method, settings):
    """The method, its options and the plan, from one list of keywords."""
    if not isinstance(method, str) or method not in METHODS:
        raise CompressionError("method", method, "unknown", f"choose from {list(METHODS)}")
    kinds = (METHODS[method], METHODS[method].Options, Plan)
    known = [[f.name for f in fields(kind) if f.init] for kind in kinds]
    for name, value in settings.items():
        if not any(name in names for names in known):
            raise CompressionError(name, value, "no setting", f"choose from {sum(known, [])}")
    return [
        kind(**{name: value for name, value in settings.items() if name in names})
        for kind, names in zip(kinds, known)
    ]


def _teacher(teacher, model):
    if teacher is None or isinstance(teacher, nn.Module):
        return teacher and teacher.eval()
    if teacher is not True:
        raise CompressionError(
            "teacher", type(teacher).__name__, "not a module", "pass an nn.Module, or True"
        )
    return copy.deepcopy(model).eval()


def _shapes(model):
    return [(name, tuple(p.shape)) for name, p in model.named_parameters()]


def _bar(total, done, progress):
    from tqdm import tqdm

    disable = None if progress is None else not progress
    return tqdm(
        total=total, initial=done, desc="fine-tune", unit="epoch", disable=disable, leave=False
    )
