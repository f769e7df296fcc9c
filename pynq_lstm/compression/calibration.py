"""Ranges that the scales are chosen from: the float network run on calibration data."""

from dataclasses import dataclass
from typing import List, Tuple

import numpy as np

from pynq_lstm.compression import x_grid
from pynq_lstm.errors import CalibrationError, InputError

SYNTHETIC_BATCH, SYNTHETIC_TIME = 16, 32
SYNTHETIC_STEPS, LONGEST_TIME = 4, 4096  # of the slowest model; of the whole
CHUNK = 64  # sequences run at once, which bounds the memory
SAMPLES = 4096  # steps whose dot products are kept


class DotProducts:
    """What the dot products of one part reach in one model.

    Parameters
    ----------
    vectors : ndarray, (inputs, components), float32, or None
        Vectors of codes as columns; None for the inputs themselves.
    components : int
    stride : int
        Every stride-th step is kept as a sample.

    Attributes
    ----------
    largest : ndarray, (components,)
    """

    def __init__(self, vectors, components, stride):
        self._vectors, self._stride, self._skip, self._kept = vectors, stride, 0, []
        self.largest = np.zeros(components)

    def add(self, steps):
        """Take in the inputs of some steps, (steps, inputs), float32."""
        d = steps if self._vectors is None else steps @ self._vectors
        self.largest = np.maximum(self.largest, np.abs(d).max(axis=0))
        self._kept.append(d[self._skip :: self._stride])
        self._skip = (self._skip - len(d)) % self._stride

    @property
    def sample(self):
        """Dot products of evenly chosen steps, (samples, components), float32."""
        return np.concatenate(self._kept)


@dataclass(frozen=True)
class Ranges:
    """What was met, one entry for each model.

    Attributes
    ----------
    x, c : list of float
        Largest magnitudes.
    d : dict of list of DotProducts
        By part: of every vector of codes with x, or with the previous h.
    cells : list of DotProducts
        c itself.
    grids : tuple of XGrid
        What x has to be like beside that.
    """

    x: List[float]
    c: List[float]
    d: dict
    cells: List[DotProducts]
    grids: Tuple[x_grid.XGrid, ...]


def calibration_input(network, calibration, input_range):
    """The data to run: those given, or uniform noise over `input_range`.

    Parameters
    ----------
    network : Network
    calibration : ndarray or list, shaped as `Session.infer` takes x, or None
    input_range : pair of float, or None
        Lowest and highest value of x; without `calibration`, 16 seeded random
        sequences of 32 steps, or of more for slower models, are drawn from it.

    Returns
    -------
    list of ndarray, (batch, time, input), float32

    Raises
    ------
    CalibrationError
        Neither is given, or what is given is unusable.
    """
    shapes = network.sequences
    if input_range is not None:
        low, high = x_grid.checked_range(input_range)
    if calibration is not None:
        try:
            data = shapes.inputs(calibration)[0]
            shapes.lengths(None, *data[0].shape[:2])
            return data
        except InputError as error:
            raise CalibrationError(
                f"calibration: {error.field}", error.value, error.problem, error.remedy
            ) from None
    if input_range is None:
        raise CalibrationError(
            "calibration",
            None,
            "no data to choose the scales from",
            "pass calibration= with a few typical inputs, or input_range=(low, high)",
        )
    random = np.random.default_rng(0)
    shape = SYNTHETIC_BATCH, max(SYNTHETIC_TIME, SYNTHETIC_STEPS * shapes.slowest)
    if shape[1] > LONGEST_TIME:
        raise CalibrationError(
            "calibration",
            None,
            f"a model takes one step in {shapes.slowest}: too few of noise of {LONGEST_TIME}",
            "pass calibration= with a few typical inputs",
        )
    return [
        random.uniform(low, high, shape + (size,)).astype(np.float32) for size in shapes.input_sizes
    ]


def measure(network, x, input_range, parts):
    """Run the float network and take what it reaches.

    Parameters
    ----------
    network : Network
    x : list of ndarray, (batch, time, input), float32
    input_range : pair of float, None, or sequence of XGrid
        Of all models, or what is known of the x of each.
    parts : dict of PartComponents, DenseComponents or block_scales.Elements
        By part.

    Returns
    -------
    Ranges
    """
    grids = x_grid.each(input_range, len(network.layers))
    ranges = Ranges([], [], {"input": [], "hidden": []}, [], grids)
    for j, (layer, data) in enumerate(zip(network.layers, x)):
        x_range = max(float(np.abs(data).max()), grids[j].at_least)
        if x_range == 0:
            raise CalibrationError(
                f"calibration[{j}]", 0.0, "zero everywhere", "pass typical inputs of this model"
            )
        stride = -(-data.shape[0] * data.shape[1] // SAMPLES)
        sizes = {"input": layer.input_size, "hidden": layer.hidden_size}
        d = {n: _products(parts[n].vectors(j), size, stride) for n, size in sizes.items()}
        cells = DotProducts(None, layer.hidden_size, stride)
        for k in range(0, len(data), CHUNK):
            _run(layer, data[k : k + CHUNK], d, cells)
        ranges.x.append(x_range)
        ranges.c.append(float(cells.largest.max()))
        ranges.cells.append(cells)
        for name, products in d.items():
            ranges.d[name].append(products)
    return ranges


def _products(vectors, size, stride):
    if vectors is None:
        return DotProducts(None, size, stride)
    return DotProducts(vectors[:, :size].T.astype(np.float32), len(vectors), stride)


def _run(layer, data, d, cells):
    """Run some sequences, take in their dot products and c."""

    def observe(step, live, h, pre, c):
        d["hidden"].add(h)
        cells.add(c)

    zero = np.zeros((len(data), layer.hidden_size), np.float32)
    layer.run(data, zero, zero, np.full(len(data), data.shape[1]), observe)
    d["input"].add(data.reshape(-1, layer.input_size))
