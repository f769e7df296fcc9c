"""The main job on real data: compress at several budgets, save, reload, classify, time."""

import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from pynq_lstm.compression.compress import compress
from pynq_lstm.compression.weights import weight_error
from pynq_lstm.examples import fashion_mnist
from pynq_lstm.model import CompressedModel
from pynq_lstm.model_size import multiplications, parameters, stored_bytes
from pynq_lstm.runtime.sessions import load
from pynq_lstm.statistics import wilson

RANKS = (2, 4, 8, 16, 32)
# a quarter of the tiles of every vector; the input's u has 28 elements, the others 128
TILES = {"u_tile": (7, 16), "v_tile": 16, "zero_u_tiles": (1, 2), "zero_v_tiles": 2}
BATCH = 250
TIMED_IMAGES = 200


@dataclass(frozen=True)
class Budget:
    """Options of one compression, with a name for people."""

    name: str
    options: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes
    ----------
    name : str
    refinements : int or None
    accuracy, drop : float
        Percent of the images, and points below the float network.
    interval : tuple of float
        95 % interval of the accuracy, percent.
    mse, relative_error : float
        Of the weights; 0 for the float network.
    stored_bytes, parameters, multiplications : int
        Bytes of the file's tensors, words of the weights, products of a step.
    fraction : float
        Stored bytes over the float network's.
    seconds_per_image : float
        One image a call, median.
    backend : str
    """

    name: str
    refinements: int
    accuracy: float
    drop: float
    interval: tuple
    mse: float
    relative_error: float
    stored_bytes: int
    parameters: int
    multiplications: int
    fraction: float
    seconds_per_image: float
    backend: str

    def to_dict(self):
        """For JSON."""
        return asdict(self)


def budgets(ranks=RANKS):
    """The budgets of the demonstration: every rank whole, with pruned tiles, and at 4 bits."""
    forms = (("8 bits", {}), ("8 bits, tiles pruned", TILES),
             ("4 bits", {"weight_bits": 4}),
             ("4 bits, tiles pruned", {"weight_bits": 4, **TILES}))  # fmt: skip
    return [Budget(name, {"refinements": r, **options}) for name, options in forms for r in ranks]


class Task:
    """The images to classify and the float network's answer.

    Parameters
    ----------
    images : ndarray, (count, 28, 28), uint8
    labels : ndarray, (count,), uint8
    """

    def __init__(self, images, labels):
        self.network = fashion_mnist.network()
        self.x = fashion_mnist.branches(images)
        self.labels = labels
        self.float_bytes = sum(
            array.nbytes for layer in self.network.layers
            for array in (layer.w_ih, layer.w_hh, layer.bias)
        ) + self.network.head.weight.nbytes + self.network.head.bias.nbytes  # fmt: skip

    def accuracy(self, classify):
        """Percent of the images that `classify(x) -> logits` gets right."""
        right = 0
        for begin in range(0, len(self.labels), BATCH):
            logits = classify(self.x[:, begin : begin + BATCH])
            right += int((logits.argmax(1) == self.labels[begin : begin + BATCH]).sum())
        return 100 * right / len(self.labels)

    def seconds_per_image(self, classify):
        """Median over calls with one image each, the first not counted."""
        seconds = []
        for k in range(min(TIMED_IMAGES, len(self.labels))):
            begin = time.perf_counter()
            classify(self.x[:, k : k + 1])
            seconds.append(time.perf_counter() - begin)
        return float(np.median(seconds[1:] or seconds))

    def float_row(self):
        """The uncompressed network in NumPy."""
        words = sum(layer.w_ih.size + layer.w_hh.size for layer in self.network.layers)
        accuracy = self.accuracy(self.network.infer_logits)
        return Row("float32", None, accuracy, 0.0, self._interval(accuracy), 0.0, 0.0,
                   self.float_bytes, words, words, 1.0,
                   self.seconds_per_image(self.network.infer_logits), "NumPy")  # fmt: skip

    def row(self, budget, baseline, backend="auto"):
        """Compress, save, reload, classify; `baseline` is the float network's accuracy."""
        model = compress(self.network, calibration=fashion_mnist.calibration(), progress=False,
                         **budget.options)  # fmt: skip
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.safetensors"
            model.save(path)
            model = CompressedModel.load(path)
        error = weight_error(self.network, model)
        with load(model, backend) as session:
            accuracy = self.accuracy(session.infer_logits)
            size = stored_bytes(model)
            return Row(budget.name, model.max_refinements, accuracy, baseline - accuracy,
                       self._interval(accuracy), error.mse, error.relative, size,
                       parameters(model), multiplications(model), size / self.float_bytes,
                       self.seconds_per_image(session.infer_logits), session.backend)  # fmt: skip

    def prefix_accuracies(self, ranks=RANKS, backend="auto"):
        """One stored model of the largest rank, run with the first components only.

        Returns
        -------
        dict
            Refinements to percent.
        """
        model = compress(self.network, calibration=fashion_mnist.calibration(), progress=False,
                         refinements=max(ranks))  # fmt: skip
        with load(model, backend) as session:
            return {k: self.accuracy(lambda x, k=k: session.infer_logits(x, refinements=k))
                    for k in ranks}  # fmt: skip

    def _interval(self, accuracy):
        return wilson(round(accuracy / 100 * len(self.labels)), len(self.labels))
