"""How far a compressed model is from its float network, layer by layer and gate by gate."""

from dataclasses import asdict, dataclass
from typing import Dict, Tuple

import numpy as np

from pynq_lstm import numerics, reference
from pynq_lstm.errors import InputError
from pynq_lstm.model import GATES, CompressedModel
from pynq_lstm.network import Network


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
    """
    for name, value, kind in (("network", network, Network), ("model", model, CompressedModel)):
        if not isinstance(value, kind):
            raise InputError(
                name,
                type(value).__name__,
                f"not a {kind.__name__}",
                "pass compare(network, model, x)",
            )
    shapes = network.sequences
    if (shapes.input_sizes, shapes.hidden_sizes) != (model.input_sizes, model.hidden_sizes):
        raise InputError(
            "model",
            (model.input_sizes, model.hidden_sizes),
            f"sizes differ from the network's {(shapes.input_sizes, shapes.hidden_sizes)}",
            "pass the network that was compressed",
        )
    x, _ = shapes.inputs(x)
    lengths = np.full(len(x[0]), x[0].shape[1])
    refinements = model.served(refinements)
    integer_pre = [[] for _ in x]
    codes = [
        numerics.quantise(a, scale, model.activation_bits)
        for a, scale in zip(x, model.x_inverse_scale)
    ]
    zeros = [np.zeros((len(lengths), size), np.int64) for size in model.hidden_sizes]
    result = reference.run(
        model,
        [a for a, _ in codes],
        zeros,
        zeros,
        lengths,
        refinements,
        lambda j, t, pre: integer_pre[j].append(pre),
    )
    layers = tuple(
        _compare_layer(layer, x[j], lengths, model, j, result, integer_pre[j])
        for j, layer in enumerate(network.layers)
    )
    return Comparison(layers, {"x": sum(n for _, n in codes), **result.saturated})


def _compare_layer(layer, x, lengths, model, j, result, integer_pre):
    float_pre = []
    zero = np.zeros((len(x), layer.hidden_size), np.float32)
    out, _, c = layer.run(
        x, zero, zero, lengths, lambda step, live, h, pre, c: float_pre.append(pre)
    )
    pre = numerics.dequantise(np.stack(integer_pre), numerics.PRE_FRACTION_BITS)
    # what lies beyond the range of pre saturates in both worlds: sigmoid(8) is 0.9997
    limit = 2.0 ** (numerics.PRE_BITS - 1 - numerics.PRE_FRACTION_BITS)
    difference = np.split(pre - np.clip(np.stack(float_pre), -limit, limit), 4, axis=-1)
    codes = result.out[j], result.c[j]
    grids = model.hidden_fraction_bits, model.cell_fraction_bits[j]
    integer_out, integer_c = (numerics.dequantise(a, bits) for a, bits in zip(codes, grids))
    return LayerComparison(
        Error.of(integer_out - out),
        Error.of(integer_c - c),
        {gate: Error.of(d) for gate, d in zip(GATES, difference)},
    )
