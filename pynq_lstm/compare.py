"""How far a compressed model is from its float network, layer by layer and gate by gate."""

from dataclasses import asdict, dataclass
from typing import Dict, Tuple

import numpy as np

from pynq_lstm import numerics, reference
from pynq_lstm.compressed_network import CompressedNetwork
from pynq_lstm.errors import InputError
from pynq_lstm.model import GATES, CompressedModel
from pynq_lstm.network import Network
from pynq_lstm.packed import padded
from pynq_lstm.passes import lstms as lstms_of
from pynq_lstm.passes.flow import Flow
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
        By model, then layer, then direction.
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


def compare(network, model, x, refinements=None, lengths=None):
    """Run a network and its compressed model on the same input.

    Parameters
    ----------
    network : Network
    model : CompressedModel or CompressedNetwork
        Made from it, or of the same structure and sizes.
    x : ndarray or list, float32, or PackedSequence
        Shaped as `Network.infer` takes it.
    refinements : int, optional
        The prefix of the components to run; all by default.
    lengths : ndarray, (batch,), int, optional
        Valid steps of x; all by default. What lies behind them is in no figure.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        Not a network and what it was compressed to, or x that they cannot take.
    """
    _check(network, model)
    if isinstance(model, CompressedNetwork):
        passes, members = model.passes, model.members
        prefixes = model.served_by_passes(refinements)
    else:
        passes, members = (model,), (range(model.models),)
        prefixes = [model.served(refinements)]
    x, lengths = padded(x, lengths)
    x, _ = network.sequences.inputs(x)
    lengths = network.sequences.lengths(lengths, *x[0].shape[:2])
    lstms = lstms_of.of(network.stacks)
    exact, true = (Flow(lstms, network.stacks, network.wiring, x, lengths) for _ in range(2))
    layers, saturated = [None] * len(lstms), {}
    for one, own, prefix in zip(passes, members, prefixes):
        found, counts = _run_pass(one, [exact.read(k) for k in own], prefix)
        for kind, count in counts.items():
            saturated[kind] = saturated.get(kind, 0) + count
        for k, (out, h, c, pre) in zip(own, found):
            exact.give(k, out, h)
            layers[k], *ended = _compare_layer(network.layers[k], *true.read(k), out, c, pre)
            true.give(k, *ended)
    return Comparison(tuple(layers), saturated)


def _check(network, model):
    if not isinstance(network, Network):
        raise InputError(
            "network", type(network).__name__, "not a Network", "pass compare(network, model, x)"
        )
    if not isinstance(model, (CompressedModel, CompressedNetwork)):
        raise InputError(
            "model",
            type(model).__name__,
            "not a CompressedModel",
            "pass compare(network, model, x)",
        )
    if isinstance(model, CompressedNetwork):
        structure = model.stacks, model.wiring
    else:
        structure = network.stacks, network.wiring
        if not network.is_side_by_side:
            raise InputError(
                "model",
                type(model).__name__,
                "the network is more than LSTMs side by side",
                "pass the CompressedNetwork that compress(network) gives",
            )
    if (network.stacks, network.wiring) != structure:
        raise InputError(
            "model",
            model.wiring.to_dict(),
            "another structure than the network's",
            "pass the network that was compressed",
        )
    shapes = network.sequences
    if (shapes.input_sizes, shapes.hidden_sizes) != (model.input_sizes, model.hidden_sizes):
        raise InputError(
            "model",
            (model.input_sizes, model.hidden_sizes),
            f"sizes differ from the network's {(shapes.input_sizes, shapes.hidden_sizes)}",
            "pass the network that was compressed",
        )


def _run_pass(model, read, refinements):
    """out, last h, last c and codes of pre of each LSTM of a pass, and what was clipped.

    pre is (valid steps, 4 * hidden), step after step.
    """
    x, lengths = [data for data, _ in read], read[0][1]
    zeros = [np.zeros((len(lengths), size), np.float32) for size in model.hidden_sizes]
    *codes, clipped = conversion.to_codes(model, x, zeros, zeros, lengths)
    pre = [[] for _ in x]
    result = reference.run(
        model, *codes, lengths, refinements, lambda j, t, values: pre[j].append(values)
    )
    sides = conversion.from_codes(model, result)
    return list(zip(*sides, map(np.concatenate, pre))), {**clipped, **result.saturated}


def _compare_layer(layer, x, lengths, out, c, pre):
    """One LSTM run in float32 beside what its integers gave; `pre` are codes of the valid steps.

    Returns
    -------
    LayerComparison
    out, h : ndarray
        Of the float run.
    """
    float_pre = []
    zero = np.zeros((len(x), layer.hidden_size), np.float32)
    float_out, float_h, float_c = layer.run(
        x, zero, zero, lengths, lambda step, live, h, values, c: float_pre.append(values)
    )
    # what lies beyond the range of pre saturates in both worlds: sigmoid(8) is 0.9997
    limit = 2.0 ** (numerics.PRE_BITS - 1 - numerics.PRE_FRACTION_BITS)
    float_pre = np.clip(np.concatenate(float_pre), -limit, limit)
    difference = numerics.dequantise(pre, numerics.PRE_FRACTION_BITS) - float_pre
    gates = dict(zip(GATES, map(Error.of, np.split(difference, 4, axis=-1))))
    valid = np.arange(out.shape[1]) < lengths[:, None]
    compared = LayerComparison(Error.of((out - float_out)[valid]), Error.of(c - float_c), gates)
    return compared, float_out, float_h
