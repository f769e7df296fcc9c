"""LSTM-HW: the dense network on eight systolic arrays, at its best, modelled.

Ribes et al. 2020 compare with "8 parallel 1-D systolic arrays"; what is not said there is chosen in
the baseline's favour: docs/models.md, "LSTM-HW".
"""

from pynq_lstm.accelerator.energy_constants import NOMINAL
from pynq_lstm.accelerator.roofline import gops
from pynq_lstm.baselines.dense_costs import energy, resources
from pynq_lstm.baselines.sizes import budget, of_network
from pynq_lstm.baselines.systolic_design import best, bytes_a_cycle
from pynq_lstm.candidate import MODELLED, Candidate

BIAS_BYTES = 4


def lstm_hw(
    network,
    device="zcu104",
    clock_mhz=None,
    dsp=None,
    bits=8,
    activation_bits=8,
    call_cycles=0,
    mse=0.0,
    constants=NOMINAL,
):
    """The best dense design of a network.

    Parameters
    ----------
    network : Network, CompressedModel or sequence of (int, int)
        Or (inputs, hidden) of every LSTM; all take a step together.
    device : str, path or Device
    clock_mhz : float, optional
        Default: the device's.
    dsp : int, optional
        The most. Default: all of the device.
    bits : int
        Of a weight: 2, 4, 8 or 16.
    activation_bits : int
        8 or 16.
    call_cycles : int
        Cycles that every LSTM adds to each part. Default: none, in favour of the baseline; the
        kernels of this project lose some 25 in states and drains around the loops of a call.
    mse : float
        Of the weights, which their rounding loses; told, not computed.
    constants : EnergyConstants

    Returns
    -------
    Candidate
        `value` and `drop` are None.

    Raises
    ------
    DesignError
        An unknown device.
    InputError
        A network without LSTMs, widths that are not modelled, a budget that is none, or fewer
        DSPs than one for each array.
    """
    sizes = of_network(network)
    device, clock, dsp = budget(device, clock_mhz, dsp)
    design = best(sizes, device, clock, dsp, bits, activation_bits, call_cycles)
    microseconds, macs = design.cycles / clock, design.input.macs() + design.hidden.macs()
    units = sum(hidden for _, hidden in sizes)
    return Candidate(
        engine="lstm_hw",
        options={"method": "dense", "weight_bits": bits, "activation_bits": activation_bits},
        design=None,
        value=None,
        drop=None,
        mse=mse,
        bytes=-(-macs * bits // 8) + 4 * units * BIAS_BYTES,
        multiplications=macs,
        microseconds=microseconds,
        how=MODELLED,
        cycles=design.cycles,
        limit=design.limit,
        stages=_stages(design, device, clock, units),
        resources=resources(design, bits),
        energy=energy(design, bits, activation_bits, clock, units, constants),
        intensity=2 * macs / design.traffic,
        gops=gops(macs, microseconds),
    )


def _stages(design, device, clock_mhz, units):
    return {
        "input_part": design.input.cycles,
        "hidden_part": design.hidden.cycles,
        "sigma": -(-units // design.sigma_units),
        "feedback": design.feedback,
        "memory": design.traffic / bytes_a_cycle(device, clock_mhz),
    }
