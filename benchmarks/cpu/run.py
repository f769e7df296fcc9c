"""The whole measurement, in one process."""

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Dict, List

import pynq_lstm as pl
from cpu import competitors, fashion, limits, networks, overhead, process, timing, variants
from cpu.measurement import Measurement
from cpu.peers import REQUIRED
from cpu.shapes import Shape

BATCHES = (1, 32)
THREADS = (1, process.MAX_THREADS)
INPUT_SEED, CALIBRATION_SEED = 2, 3


@dataclass(frozen=True, eq=False)
class Subject:
    """A network in every form that is measured.

    Attributes
    ----------
    shape : Shape
    modules : list of torch.nn.LSTM
    models : dict of str to CompressedModel
    left_out : dict of str to str
        Variants that could not be made, and why.
    own : dict of str to list of torch.nn.LSTM
        The float networks of the models that are not compressed from `modules`.
    """

    shape: Shape
    modules: List
    models: Dict
    left_out: Dict[str, str]
    own: Dict[str, List] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Outcome:
    """All that was measured.

    Attributes
    ----------
    measurements : list of Measurement
    limits : Limits
    subjects : list of Subject
        The random networks.
    accuracies : dict of str to Accuracy
        Of the shipped network; empty if it was not asked for.
    overheads : dict of str to Overhead
        By shape, what public calls add to the kernels.
    left_out : dict of str to str
        What was not measured at all, and why.
    """

    measurements: List[Measurement]
    limits: limits.Limits
    subjects: List[Subject]
    accuracies: Dict
    overheads: Dict
    left_out: Dict[str, str]


def measure(shapes, rounds, folder, with_fashion=True, say=print):
    """Compress, then measure the limits, then all tables.

    Parameters
    ----------
    shapes : list of Shape
    rounds : int
    folder : path
        Where the C files are compiled.
    with_fashion : bool
        Whether to measure the shipped network too.
    say : callable
        Told what goes on.

    Returns
    -------
    Outcome

    Raises
    ------
    RuntimeError
        A peer is missing without which the figures would mislead.
    """
    import torch

    cores, left_out, accuracies = process.cores(), {}, {}
    subjects = [_subject(shape, say) for shape in shapes]
    plan = [(subject, batch, None) for subject in subjects for batch in BATCHES]
    tables = [(threads, *job) for threads in THREADS for job in plan]
    if with_fashion:
        net = fashion.network()
        say("compress the shipped network")
        models, missing = variants.compress(net, fashion.ours(), fashion.calibration())
        accuracies = fashion.accuracies(net, models)
        subject = Subject(fashion.shape(net), fashion.lstms(net), models, missing)
        tables.insert(len(plan), (1, subject, 1, fashion.image()))
    if cores and len(cores) < process.MAX_THREADS:
        left_out[f"{process.MAX_THREADS} threads"] = f"this process has {len(cores)} core"
        tables = [table for table in tables if table[0] <= len(cores)]
    built = limits.build(folder)
    with _pinned(cores[-1:]):
        found = limits.measure(built)
        overheads = {s.shape.name: _overhead(s, rounds) for s in subjects}
    measurements = []
    for number, (threads, subject, batch, x) in enumerate(tables, 1):
        if x is None:
            x = networks.inputs(subject.shape, batch, INPUT_SEED)
        say(f"{number}/{len(tables)}: {subject.shape.name}, batch {batch}, threads {threads}")
        with _pinned(cores[-threads:]), torch.inference_mode():
            process.set_threads(threads)
            measurements.append(_table(subject, batch, threads, x, rounds))
    return Outcome(measurements, found, subjects, accuracies, overheads, left_out)


def _subject(shape, say):
    say(f"compress {shape}")
    weights = networks.weights(shape)
    modules = networks.lstms(weights)
    calibration = networks.inputs(shape, networks.CALIBRATION, CALIBRATION_SEED)
    models, left_out, own = {}, {}, {}
    for variant in variants.of_shape(shape):
        mine = modules
        if variant.rank > 1:
            own[variant.name] = mine = networks.lstms(networks.masked(weights, variant.rank))
        made, missing = variants.compress(
            pl.Network.from_torch(mine),
            (variant,),
            calibration if shape.models > 1 else calibration[0],
        )
        models.update(made)
        left_out.update(missing)
    return Subject(shape, modules, models, left_out, own)


def _overhead(subject, rounds):
    x = networks.inputs(subject.shape, 1, INPUT_SEED)
    model = subject.models[variants.SVD_P8]
    return overhead.measure(model, x if subject.shape.models > 1 else x[0], rounds)


@contextmanager
def _pinned(cores):
    before = process.cores()
    process.pin(cores)
    try:
        yield
    finally:
        process.pin(before)


def _table(subject, batch, threads, x, rounds):
    shape = subject.shape
    everyone = competitors.opened(
        subject.modules, subject.models, x, threads, shape.weights, subject.own
    )
    with everyone as (found, left_out):
        demand(left_out, batch)
        times = timing.in_turn({n: c.call for n, c in found.items()}, rounds, threads)
    left_out = {**subject.left_out, **left_out}
    return Measurement(shape.name, batch, threads, found, times, left_out)


def demand(left_out, batch):
    """Raise RuntimeError if a peer is left out without which the figures would mislead."""
    missing = [p.name for p in REQUIRED if p.name in left_out and (p.batched or batch == 1)]
    if missing:
        reasons = "; ".join(f"{name}: {left_out[name]}" for name in missing)
        raise RuntimeError(f"no comparison without {reasons}")
