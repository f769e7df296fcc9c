"""From trained `SvdLSTM` to an integer model with the same weights."""

from dataclasses import replace

import numpy as np
from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

from pynq_lstm.compression import calibration
from pynq_lstm.compression.fine_tuning.export import as_head
from pynq_lstm.compression.fine_tuning.svd_join import joined
from pynq_lstm.compression.fine_tuning.trained import trained
from pynq_lstm.compression.parts import limit_dot_products
from pynq_lstm.compression.quantization import quantise
from pynq_lstm.compression.weights import weight_error
from pynq_lstm.compression.x_grid import XGrid
from pynq_lstm.errors import CalibrationError
from pynq_lstm.layer import Layer
from pynq_lstm.model import PARTS
from pynq_lstm.network import Network


def float_network(model, head=None):
    """The `Network` whose weights the codes stand for, as they are trained now."""
    layers = []
    for module in trained(model):
        arrays = [*module.matrices(), module.bias_sum]
        layers.append(Layer(*(a.detach().cpu().numpy() for a in arrays)))
    return Network(layers, as_head(head))


def export_svd(model, met, head=None, provenance=None):
    """Make the integer model of the LSTMs in `model`, side by side in the order of its modules.

    Its u and v are the codes that were trained, s and biases these on the integer grid. The
    scales of c and p are chosen from the tuned network's run on `met`, that of x is the one of
    the modules' evaluation.

    Parameters
    ----------
    model : nn.Module
        With `SvdLSTM` in it.
    met : list of calibration.Steps
        Typical inputs of each.
    head : nn.Linear or Head, optional
    provenance : mapping, optional

    Returns
    -------
    CompressedModel
        It serves the whole only: its components were trained together.

    Raises
    ------
    CompressionError
        No integers hold it, or LSTMs trained apart have tiles of different sizes.
    """
    from threadpoolctl import threadpool_limits

    modules = trained(model)
    options = modules[0].options
    groups = list(dict.fromkeys(module.components for module in modules))
    network = float_network(model, head)
    told = {"method": "svd", "solver": options.solver, "calibration": "data",
            "fine-tuned": "u, s, v and biases", **(provenance or {})}  # fmt: skip
    parts = {}
    for side in PARTS:
        part = joined([getattr(group, side).components() for group in groups])
        parts[side], halved = limit_dot_products(part, options.activation_bits)
        if halved:
            told[f"{side} components with a halved grid of u"] = halved
    grids = [XGrid(float(module.x_range[0] or module.x_range[1])) for module in modules]
    with threadpool_limits(limits=1):
        ranges = calibration.measure(network, met, grids, parts)
        # of x what was trained, whichever batches came now: beyond it x saturated there, too
        ranges = replace(ranges, x=[grid.at_least for grid in grids])
        made = quantise(network, parts, options, ranges, told)
        error = weight_error(network, made)
    told = {**made.provenance, "weight mse": error.mse, "relative weight error": error.relative}
    return replace(made, prefixes=(made.max_refinements,), provenance=told)


def inputs_of(model, modules, batches, call):
    """What some LSTMs of a model read in some batches.

    Parameters
    ----------
    model : nn.Module
    modules : list of nn.LSTM or SvdLSTM
        In it.
    batches : iterable
    call : callable
        ``call(model, batch)`` runs one.

    Returns
    -------
    list of calibration.Steps
        Of each, shorter sequences padded with zeros.

    Raises
    ------
    CalibrationError
        The batches do not reach one of them.
    """
    found = {module: [] for module in modules}

    def take(module, arguments, named):
        found[module].append(_padded(module, arguments[0] if arguments else named["input"]))

    hooks = [module.register_forward_pre_hook(take, with_kwargs=True) for module in modules]
    try:
        for batch in batches:
            call(model, batch)
    finally:
        for hook in hooks:
            hook.remove()
    for module, met in found.items():
        if not met:
            raise CalibrationError(
                "data", str(module), "no batch reaches this LSTM",
                "pass batches that run all LSTMs of the model",
            )  # fmt: skip
    return [_stacked(found[module]) for module in modules]


def _padded(module, x):
    """x, (batch, time, input), and its valid steps."""
    lengths = None
    if isinstance(x, PackedSequence):
        x, lengths = pad_packed_sequence(x, batch_first=True)
    elif x.ndim == 2:
        x = x[None]
    elif not module.batch_first:
        x = x.transpose(0, 1)
    x = x.detach().cpu().float().numpy()
    return calibration.Steps.whole(x) if lengths is None else calibration.Steps(x, lengths.numpy())


def _stacked(met):
    time = max(steps.x.shape[1] for steps in met)
    padded = [np.pad(x, ((0, 0), (0, time - x.shape[1]), (0, 0))) for x, _ in met]
    return calibration.Steps(np.concatenate(padded), np.concatenate([n for _, n in met]))
