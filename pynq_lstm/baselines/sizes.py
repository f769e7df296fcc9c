"""Sizes of the LSTMs that a baseline computes, and checks of what it is asked for."""

from numbers import Integral

from pynq_lstm.accelerator.devices import Device
from pynq_lstm.accelerator.roofline import positive
from pynq_lstm.compressed_network import CompressedNetwork
from pynq_lstm.errors import InputError
from pynq_lstm.model import CompressedModel
from pynq_lstm.network import Network


def of_network(network):
    """Inputs and hidden units of every LSTM of one layer and direction.

    Parameters
    ----------
    network : Network, CompressedModel, CompressedNetwork or sequence of (int, int)

    Returns
    -------
    tuple of (int, int)

    Raises
    ------
    InputError
        None of them, or sizes that are no positive integers.
    """
    if isinstance(network, Network):
        return tuple((layer.input_size, layer.hidden_size) for layer in network.layers)
    if isinstance(network, (CompressedModel, CompressedNetwork)):
        pairs = (zip(one.input_sizes, one.hidden_sizes) for one in models_of(network))
        return tuple(pair for own in pairs for pair in own)
    remedy = "pass a network, a model, or pairs (inputs, hidden)"
    if not isinstance(network, (list, tuple)) or not network:
        raise InputError("network", type(network).__name__, "no LSTMs", remedy)
    for k, pair in enumerate(network):
        numbers = isinstance(pair, (list, tuple)) and len(pair) == 2
        if not numbers or not all(_count(value) for value in pair):
            raise InputError(f"network[{k}]", pair, "not two positive integers", remedy)
    return tuple((int(inputs), int(hidden)) for inputs, hidden in network)


def models_of(model):
    """The models that run one after another: the passes of a network, or the model alone."""
    return list(model.passes) if isinstance(model, CompressedNetwork) else [model]


def budget(device, clock_mhz, dsp):
    """The device, its clock and its DSPs where nothing else is asked for.

    Raises
    ------
    DesignError
        An unknown device.
    InputError
        A clock or a number of DSPs that is not positive, or more DSPs than there are.
    """
    device = Device.of(device)
    clock = positive("clock_mhz", device.clock_mhz if clock_mhz is None else clock_mhz)
    dsp = device.dsp if dsp is None else dsp
    if not _count(dsp):
        raise InputError("dsp", dsp, "not a positive integer", f"use 1 to {device.dsp}")
    if dsp > device.dsp:
        raise InputError("dsp", dsp, f"more than the {device.dsp} of {device.name}", "use fewer")
    return device, clock, int(dsp)


def _count(value):
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) > 0
