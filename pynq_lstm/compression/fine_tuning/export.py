"""From trained modules to integer models, which compute the same."""

import numpy as np
from torch import nn

from pynq_lstm.compressed_network import CompressedNetwork
from pynq_lstm.compression.block_diagonal import BlockScales, quantise_block_diagonal
from pynq_lstm.compression.fine_tuning.calibrate import quantised
from pynq_lstm.compression.fine_tuning.constants import BIAS_LIMIT, Constants
from pynq_lstm.compression.fine_tuning.module import QuantisedLSTM
from pynq_lstm.errors import CompressionError
from pynq_lstm.head import Head
from pynq_lstm.network import Layer, Network
from pynq_lstm.passes import order
from pynq_lstm.stack import Stack
from pynq_lstm.wiring import Wiring, names


def export(modules, head=None, provenance=None):
    """Make the integer model of trained LSTMs that run side by side.

    Its codes of h and c equal what the modules compute in evaluation, difference 0, for every
    input: the same functions made both.

    Parameters
    ----------
    modules : QuantisedLSTM, a module that holds them, or a sequence of either
        Of one layer each; both directions of a bidirectional LSTM become two models, and the
        reverse one reads the sequence backwards.
    head : nn.Linear or Head, optional
        On the concatenated hidden states.
    provenance : mapping, optional

    Returns
    -------
    CompressedModel

    Raises
    ------
    CompressionError
        Several layers (`export_network` takes them), options that differ, the
        run-time maximum of eq. (12), or weights whose integers need a coarser grid than the
        one that was trained.
    CalibrationError
        They were never calibrated.
    """
    listed = _listed(modules)
    for module in listed:
        if module.num_layers > 1:
            raise CompressionError(
                "num_layers", module.num_layers, "one model holds LSTMs side by side",
                "use export_network, or export_layers, which makes one model of each layer",
            )  # fmt: skip
    return _layer(listed, 0, head, provenance)


def export_layers(module, head=None, provenance=None):
    """A model for each layer of one LSTM, the first layer first.

    The outputs of a layer, (models, ...) one for each direction, joined along the last axis
    are the input of each model of the next; `head` goes to the last.

    Returns
    -------
    tuple of CompressedModel
    """
    (module,) = _listed(module)
    last = module.num_layers - 1
    return tuple(
        _layer([module], layer, head if layer == last else None, provenance)
        for layer in range(module.num_layers)
    )


def export_network(modules, head=None, provenance=None):
    """Make the network of trained LSTMs of any layers and directions, side by side.

    Its codes of h and c equal what the modules compute in evaluation, difference 0.

    Parameters
    ----------
    modules : QuantisedLSTM, a module that holds them, or a sequence of either
        Each with an external input of its own: what a module of yours does between its LSTMs is
        not in the network.
    head : nn.Linear or Head, optional
        On the joined last h of the top layers, both directions of each.
    provenance : mapping, optional

    Returns
    -------
    CompressedNetwork
        Each layer of all of them is a pass.

    Raises
    ------
    CompressionError, CalibrationError
        As `export`, but for several layers.
    ModelFormatError
        A head of another size.
    """
    listed = _listed(modules)
    wiring = Wiring.of(None, names.default(len(listed)))
    stacks = tuple(Stack(module.num_layers, module.bidirectional) for module in listed)
    groups = [
        _layer([m for m in listed if m.num_layers > layer], layer, None, provenance)
        for layer in range(max(stack.num_layers for stack in stacks))
    ]
    told = {"trained": "Algorithm 1", **(provenance or {})}
    members = order.members(wiring, stacks)
    return CompressedNetwork(groups, members, stacks, wiring, as_head(head), told)


def _listed(modules):
    if isinstance(modules, QuantisedLSTM):
        return [modules]
    modules = modules if isinstance(modules, (list, tuple)) else [modules]
    found = [lstm for module in modules for lstm in quantised(module)]
    if not found:
        raise CompressionError(
            "modules", [type(m).__name__ for m in modules], "no QuantisedLSTM among them",
            "quantise_modules puts one in the place of each nn.LSTM",
        )  # fmt: skip
    return found


def _layer(modules, layer, head, provenance):
    options = modules[0].options
    for module in modules:
        if module.options != options:
            raise CompressionError(
                "options", module.options, f"differ from {options}", "export them one by one"
            )
    layers, constants = [], []
    for module in modules:
        for suffix in module.suffixes(layer):
            weights = [w.detach() for w in module.weights(suffix)]
            constants.append(_constants(module.directions[suffix], weights))
            arrays = [w[0].cpu().float().numpy() for w in weights]
            layers.append(Layer(*arrays[:2], np.clip(arrays[2], -BIAS_LIMIT, BIAS_LIMIT)))
    found = [made.setting.scales for made in constants]
    scales = BlockScales(
        *(tuple(getattr(s, name)[0] for s in found) for name in BlockScales.__dataclass_fields__)
    )
    network = Network(tuple(layers), as_head(head))
    provenance = {"trained": "Algorithm 1", **(provenance or {})}
    model = quantise_block_diagonal(network, options, scales, provenance)
    for j, made in enumerate(constants):
        _check(model, j, made)
    return model


def _constants(direction, weights):
    if direction.maximum:
        raise CompressionError(
            "maximum", True, "a run-time maximum is not in the integers", "train without it"
        )
    mode = direction.training
    try:
        direction.training = False  # the scales of evaluation
        return Constants(direction.setting(), *weights)
    finally:
        direction.training = mode


def as_head(head):
    """An nn.Linear as a `Head`; anything else as it is."""
    if not isinstance(head, nn.Linear):
        return head
    weight = head.weight.detach().cpu().float().numpy()
    bias = np.zeros(len(weight), np.float32)
    return Head(weight, bias if head.bias is None else head.bias.detach().cpu().float().numpy())


def _check(model, j, made):
    """Refuse a model whose grids are not those that the module computes with."""
    shift = made.setting.pre_shift[0]
    same = model.pre_shift[j] == shift
    for part, own in zip((model.input, model.hidden), made.parts):
        m = np.ldexp(part.m[j].astype(np.float64), -part.m_shift[j])
        used = part.w[j].any(axis=0)
        same &= bool((own.m.double().cpu().numpy().ravel() == m)[used].all())
        gain = 2.0 ** (part.sum_shift[j] - model.pre_shift[j])
        codes = own.codes[0].t().double().cpu().numpy()
        same &= bool((codes == part.w[j] * gain).all())
    if not same:
        raise CompressionError(
            f"scales[{j}]", made.setting.scales,
            "the integers need a coarser grid than was trained",
            "calibrate in evaluation mode and export again",
        )  # fmt: skip
