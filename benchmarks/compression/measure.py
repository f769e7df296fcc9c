"""One row of one share and seed: compressed, tuned, exported, and run as integers."""

import time

import numpy as np
import torch

from benchmarks.compression import rows
from benchmarks.compression.task import Batches, Remembered, logits
from pynq_lstm import load
from pynq_lstm.compression.fine_tuning import calibrate, fine_tune
from pynq_lstm.compression.fine_tuning.distillation import Loss
from pynq_lstm.compression.fine_tuning.methods import Svd
from pynq_lstm.compression.fine_tuning.plan import Plan
from pynq_lstm.compression.fine_tuning.run import Run
from pynq_lstm.compression.options import SvdOptions
from pynq_lstm.compression.weights import weight_error
from pynq_lstm.model_size import parameters

PLAN = ("epochs", "learning_rate")


def measure(task, name, row, share, seed, checkpoint, epochs=None):
    """Measure it.

    Parameters
    ----------
    task : Task
    name, row : str
        Of `rows.SETS`, of `rows.ROWS`.
    share : float
        Percent of the parameters.
    seed : int
        Of the order of the examples.
    checkpoint : Path
        Of the tuning, which goes on from it.
    epochs : int, optional
        Instead of those of the network.

    Returns
    -------
    dict
        For JSON; "right" are strings of 0 and 1, one for each test example. None where the share
        is too small for the row.
    """
    asked = rows.settings(name, row, share, task.dense_words)
    if asked is None:
        return None
    asked["epochs"] = epochs or asked["epochs"]
    if rows.ROWS[row].control:
        return _control(task, Plan(seed=seed, **asked))
    alone = rows.ROWS[row].alone
    begin = time.perf_counter()
    raw = _raw(task, asked, task.model(alone))
    compressed = time.perf_counter() - begin
    test, validation = task.test, task.validation
    begin = time.perf_counter()
    taught = task.train.taught_by(task.model(alone))
    batches = Batches(taught, task.batch, task.noise)
    tuned = fine_tune(
        task.model(alone), batches, "svd", logits=logits, teacher=Remembered(), seed=seed,
        validate=_lost(task), calibration=task.calibration, checkpoint=checkpoint, progress=False,
        **asked,
    )  # fmt: skip
    seconds = time.perf_counter() - begin
    model = tuned.export(tuned.model.head)
    integer = _logits(model, test)
    simulated = test.logits(tuned.model).numpy()
    return {
        "words": parameters(model),
        "share": 100 * parameters(model) / task.dense_words,
        "relative error": weight_error(task.network, raw).relative,
        "right": {
            "float": _bits(test, _logits(task.network, test)),
            "raw": _bits(test, _logits(raw, test)),
            "tuned": _bits(test, integer),
            "simulated": _bits(test, simulated),
        },
        "validation": {
            "float": _percent(validation, _logits(task.network, validation)),
            "tuned": _percent(validation, _logits(model, validation)),
        },
        "largest difference of logits": float(np.abs(integer - simulated).max()),
        "compression seconds": round(compressed, 1),
        "tuning seconds": round(seconds, 1),
    }


def _control(task, plan):
    """The float network tuned as the others are, by the same loop: nothing in it is replaced."""
    begin = time.perf_counter()
    taught = task.train.taught_by(task.model(False))
    loss = Loss(None, logits, Remembered(), plan.distillation, plan.temperature)
    torch.manual_seed(plan.seed)
    batches = Batches(taught, task.batch, task.noise)
    tuning = Run(task.model(False), batches, loss, plan, validate=_lost(task))
    while tuning.epoch < plan.epochs:
        tuning.run_epoch()
    tuning.take_best()
    model = tuning.model.eval()
    test, validation = task.test, task.validation
    return {
        "right": {
            "float": _bits(test, _logits(task.network, test)),
            "tuned": _bits(test, test.logits(model)),
        },
        "validation": {"tuned": _percent(validation, validation.logits(model))},
        "tuning seconds": round(time.perf_counter() - begin, 1),
    }


def _lost(task):
    """The cross entropy on the validation split, by which the best epoch is chosen."""
    known = task.validation

    def lost(model):
        return float(torch.nn.functional.cross_entropy(known.logits(model), known.labels))

    return lost


def _raw(task, asked, model):
    """The integer model without tuning, from the same start."""
    options = SvdOptions(**{key: value for key, value in asked.items() if key not in PLAN})
    method, loss = Svd(task.calibration), Loss(logits=logits)
    batches = [task.train.batch(torch.arange(8 * task.batch) % len(task.train))]
    method.check(model, options)
    method.prepare(model, options, batches, loss, progress=False)
    method.begin(model)
    calibrate(model.eval(), batches, loss)
    method.conclude(model, batches, loss)
    return method.export(model, model.head, None)


def _logits(model, examples):
    """Logits of a float network, or of an integer model on the CPU back end."""
    x = [part.numpy() for part in examples.x]
    x = x[0] if len(x) == 1 else x
    lengths = None if examples.lengths is None else examples.lengths.numpy()
    if hasattr(model, "infer_logits"):
        return model.infer_logits(x, lengths=lengths)
    with load(model, "cpu") as session:
        return session.infer_logits(x, lengths=lengths)


def _bits(examples, found):
    return "".join("01"[int(right)] for right in examples.right(found))


def _percent(examples, found):
    return 100 * float(examples.right(found).mean())
