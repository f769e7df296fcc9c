"""Ranges that the scales are chosen from: the float network run on calibration data."""

from dataclasses import dataclass
from typing import List

import numpy as np

from pynq_lstm.errors import CalibrationError, InputError

LARGEST = float(np.finfo(np.float32).max) / 2
SYNTHETIC_BATCH, SYNTHETIC_TIME = 16, 32


@dataclass(frozen=True)
class Ranges:
    """Largest magnitudes met, one for each model.

    Attributes
    ----------
    x, c : list of float
    d : dict of list of ndarray, (components,)
        By part: of the dot products of every u with x, or with the previous h.
    """

    x: List[float]
    c: List[float]
    d: dict


def calibration_input(network, calibration, input_range):
    """The data to run: those given, or uniform noise over `input_range`.

    Parameters
    ----------
    network : Network
    calibration : ndarray or list, shaped as `Session.infer` takes x, or None
    input_range : pair of float, or None
        Lowest and highest value of x; without `calibration`, 16 seeded random
        sequences of 32 steps are drawn from it.

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
        low, high = _range(input_range)
    if calibration is not None:
        try:
            return shapes.inputs(calibration)[0]
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
    shape = (SYNTHETIC_BATCH, SYNTHETIC_TIME)
    return [
        random.uniform(low, high, shape + (size,)).astype(np.float32) for size in shapes.input_sizes
    ]


def measure(network, x, input_range, u):
    """Run the float network and take the largest magnitudes.

    Parameters
    ----------
    network : Network
    x : list of ndarray, (batch, time, input), float32
    input_range : pair of float, or None
    u : dict
        By part, integer vectors u, (components, inputs).

    Returns
    -------
    Ranges
    """
    largest = np.abs(_range(input_range)).max() if input_range is not None else 0.0
    ranges = Ranges([], [], {"input": [], "hidden": []})
    for j, (layer, data) in enumerate(zip(network.layers, x)):
        x_range = max(float(np.abs(data).max()), float(largest))
        if x_range == 0:
            raise CalibrationError(
                f"calibration[{j}]", 0.0, "zero everywhere", "pass typical inputs of this model"
            )
        vectors = u["hidden"][:, : layer.hidden_size].T.astype(np.float32)
        seen = {"c": 0.0, "d": np.zeros(vectors.shape[1])}

        def observe(step, live, h, pre, c, seen=seen, vectors=vectors):
            seen["c"] = max(seen["c"], float(np.abs(c).max()))
            seen["d"] = np.maximum(seen["d"], np.abs(h @ vectors).max(axis=0))

        zero = np.zeros((len(data), layer.hidden_size), np.float32)
        layer.run(data, zero, zero, np.full(len(data), data.shape[1]), observe)
        from_x = data @ u["input"][:, : layer.input_size].T.astype(np.float32)
        ranges.x.append(x_range)
        ranges.c.append(seen["c"])
        ranges.d["hidden"].append(seen["d"])
        ranges.d["input"].append(np.abs(from_x).max(axis=(0, 1)))
    return ranges


def _range(input_range):
    try:
        low, high = (float(v) for v in input_range)
    except (TypeError, ValueError, OverflowError):
        low = high = np.nan
    if not -LARGEST <= low < high <= LARGEST:  # NaN neither
        raise CalibrationError(
            "input_range", input_range, "not a finite range", "pass (lowest, highest) of x"
        )
    return low, high
