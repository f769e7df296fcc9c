"""The main job on real data: compress at several budgets, save, reload, classify, time."""

import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Optional

import numpy as np

from pynq_lstm.compression.compress import compress
from pynq_lstm.compression.weights import weight_error
from pynq_lstm.examples import fashion_mnist
from pynq_lstm.examples.budgets import RANKS
from pynq_lstm.examples.intervals import wilson
from pynq_lstm.examples.rows import Row
from pynq_lstm.model import CompressedModel
from pynq_lstm.model_size import multiplications, parameters, stored_bytes
from pynq_lstm.runtime.sessions import load

BATCH = 250
TIMED_IMAGES = 100


@dataclass(frozen=True)
class Candidate:
    """A way to classify: the float network, or a session on a compressed model.

    Attributes
    ----------
    name, backend : str
    classify : callable
        x (2, batch, 28, 28) float32 to logits (batch, 10).
    model : CompressedModel or None
    """

    name: str
    backend: str
    classify: Callable
    model: Optional[CompressedModel] = None


class Task:
    """Images to classify, and the network that is compressed for it.

    Parameters
    ----------
    images : ndarray, (count, 28, 28), uint8
    labels : ndarray, (count,), uint8
    """

    def __init__(self, images, labels):
        self.network = fashion_mnist.network()
        self.x = fashion_mnist.branches(images)
        self.labels = labels

    def measure(self, budgets, backend="auto", progress=iter):
        """The float network, then every budget.

        Parameters
        ----------
        budgets : list of Budget
        backend : str
        progress : callable
            Wraps the list of budgets, as tqdm does.

        Returns
        -------
        list of Row
        """
        with ExitStack() as stack:
            candidates = [Candidate("float32", "NumPy", self.network.infer_logits)]
            accuracies = [self.accuracy(self.network.infer_logits)]
            for budget in progress(budgets):
                session = stack.enter_context(load(self._compressed(budget.options), backend))
                candidates.append(
                    Candidate(budget.name, session.backend, session.infer_logits, session.model)
                )
                accuracies.append(self.accuracy(session.infer_logits))
            seconds = self.seconds_per_image(candidates)
        return [
            self._row(candidate, accuracy, accuracies[0], time_taken)
            for candidate, accuracy, time_taken in zip(candidates, accuracies, seconds)
        ]

    def prefix_accuracies(self, ranks=RANKS, backend="auto"):
        """One stored model of the largest rank, run with its first components only.

        It has greedy components, the only ones of which any number is a model.

        Returns
        -------
        dict
            Refinements to percent.
        """
        with load(
            self._compressed({"refinements": max(ranks), "solver": "greedy"}), backend
        ) as session:
            return {
                k: self.accuracy(lambda x, k=k: session.infer_logits(x, refinements=k))
                for k in ranks
            }

    def accuracy(self, classify):
        """Percent of the images that ``classify(x) -> logits`` gets right."""
        right = 0
        for begin in range(0, len(self.labels), BATCH):
            logits = classify(self.x[:, begin : begin + BATCH])
            right += int((logits.argmax(1) == self.labels[begin : begin + BATCH]).sum())
        return 100 * right / len(self.labels)

    def seconds_per_image(self, candidates):
        """Median seconds of a call with one image, for each candidate.

        All take their turn at each image, so that a change of the machine's speed
        meets all of them. The first round, and the first call of a turn, are not counted.
        """
        seconds = np.empty((min(TIMED_IMAGES, len(self.labels)) + 1, len(candidates)))
        for k, row in enumerate(seconds):
            x = self.x[:, k % len(self.labels)][:, None]
            for n, candidate in enumerate(candidates):
                candidate.classify(x)  # its weights are in the caches again
                begin = time.perf_counter()
                candidate.classify(x)
                row[n] = time.perf_counter() - begin
        return np.median(seconds[1:], axis=0).tolist()

    def _compressed(self, options):
        """Compressed, saved and read again."""
        model = compress(
            self.network, calibration=fashion_mnist.calibration(), progress=False, **options
        )
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.safetensors"
            model.save(path)
            return CompressedModel.load(path)

    def _row(self, candidate, accuracy, baseline, seconds):
        model, words, dense = candidate.model, 0, 0
        for layer in self.network.layers:
            words += layer.w_ih.size + layer.w_hh.size
            dense += layer.w_ih.nbytes + layer.w_hh.nbytes + layer.bias.nbytes
        dense += self.network.head.weight.nbytes + self.network.head.bias.nbytes
        interval = wilson(round(accuracy / 100 * len(self.labels)), len(self.labels))
        common = (
            candidate.name,
            model and model.max_refinements,
            accuracy,
            baseline - accuracy,
            interval,
        )
        if model is None:
            return Row(*common, 0.0, 0.0, dense, words, words, 1.0, seconds, candidate.backend)
        error, size = weight_error(self.network, model), stored_bytes(model)
        return Row(
            *common,
            error.mse,
            error.relative,
            size,
            parameters(model),
            multiplications(model),
            size / dense,
            seconds,
            candidate.backend,
        )
