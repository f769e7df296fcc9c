"""How far a compressed model is from its float network, layer by layer and gate by gate."""

from dataclasses import asdict, dataclass
from typing import Dict, Tuple

import numpy as np

from pynq_lstm import numerics, reference
from pynq_lstm.errors import InputError
from pynq_lstm.model import GATES, CompressedModel
from pynq_lstm.network import Network
from pynq_lstm.runtime import conversion


@dataclass(frozen=True)
class Error:
    """Distance of the integer values from the float ones.

    Attributes
    ----------
    mean, rms, max : float
        Of the absolute differences.
    """

    mean: float
    rms: float
    max: float

    @classmethod
    def of(cls, difference):
        """Summarise an array of differences."""
        magnitude = np.abs(difference.astype(np.float64))
        return cls(
            float(magnitude.mean()), float(np.sqrt((magnitude**2).mean())), float(magnitude.max())
        )


@dataclass(frozen=True)
class LayerComparison:
    """One LSTM: its output, last cell state, and the pre-activations of its gates.

    Attributes
    ----------
    out, c : Error
    gates : dict of Error
        "i", "f", "g", "o".
    """

    out: Error
    c: Error
    gates: Dict[str, Error]


@dataclass(frozen=True)
class Comparison:
    """Both networks on the same input, each with its own state.

    Attributes
    ----------
    layers : tuple of LayerComparison
    saturated : dict
        Values that the integer model clipped, by kind.
    """

    layers: Tuple[LayerComparison, ...]
    saturated: Dict[str, int]

    def to_dict(self):
        """For JSON."""
        return asdict(self)

    def __str__(self):
        lines = ["layer  of     mean      rms       max"]
        for j, layer in enumerate(self.layers):
            for name, e in (("out", layer.out), ("c", layer.c), *layer.gates.items()):
                lines.append(f"{j:5d}  {name:4s} {e.mean:8.5f}  {e.rms:8.5f}  {e.max:8.5f}")
        return "\n".join(lines)


def compare(network, model, x, refinements=None):
    """Run a network and its compressed model on the same input.

    Parameters
    ----------
    network : Network
    model : CompressedModel
        Of the same sizes.
    x : ndarray or list, float32
        Shaped as `Session.infer` takes it.
    refinements : int, optional
        The prefix of the components to run; all by default.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        Not a network and its model, or x that they cannot take.
    CompressionError
        The network has layers, directions or connections, which models do not have yet.
    """
    for name, value, kind in (("network", network, Network), ("model", model, CompressedModel)):
        if not isinstance(value, kind):
            raise InputError(
                name,
                type(value).__name__,
                f"not a {kind.__name__}",
                "pass compare(network, model, x)",
            )
    network.side_by_side()
    shapes = network.sequences
    if (shapes.input_sizes, shapes.hidden_sizes) != (model.input_sizes, model.hidden_sizes):
        raise InputError(
            "model",
            (model.input_sizes, model.hidden_sizes),
            f"sizes differ from the network's {(shapes.input_sizes, shapes.hidden_sizes)}",
            "pass the network that was compressed",
        )
    x, _ = shapes.inputs(x)
    refinements = model.served(refinements)
    h, c = shapes.state(None, len(x[0]), batched=True)
    lengths = shapes.lengths(None, *x[0].shape[:2])
    *codes, clipped = conversion.to_codes(model, x, h, c, lengths)
    pre = [[] for _ in x]
    result = reference.run(
        model, *codes, lengths, refinements, lambda j, t, values: pre[j].append(values)
    )
    out, _, cells = conversion.from_codes(model, result)
    layers = tuple(
        _compare_layer(layer, x[j], lengths, out[j], cells[j], np.stack(pre[j]))
        for j, layer in enumerate(network.layers)
    )
    return Comparison(layers, {**clipped, **result.saturated})


def _compare_layer(layer, x, lengths, out, c, pre):
    """One LSTM run in float32 beside what its integers gave; `pre` are codes, step by step."""
    float_pre = []
    zero = np.zeros((len(x), layer.hidden_size), np.float32)
    float_out, _, float_c = layer.run(
        x, zero, zero, lengths, lambda step, live, h, values, c: float_pre.append(values)
    )
    # what lies beyond the range of pre saturates in both worlds: sigmoid(8) is 0.9997
    limit = 2.0 ** (numerics.PRE_BITS - 1 - numerics.PRE_FRACTION_BITS)
    float_pre = np.clip(np.stack(float_pre), -limit, limit)
    difference = numerics.dequantise(pre, numerics.PRE_FRACTION_BITS) - float_pre
    gates = dict(zip(GATES, map(Error.of, np.split(difference, 4, axis=-1))))
    return LayerComparison(Error.of(out - float_out), Error.of(c - float_c), gates)
