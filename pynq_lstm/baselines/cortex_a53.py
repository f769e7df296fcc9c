"""What a step takes on a Cortex-A53, estimated: nothing was measured on a board.

Counts are those of ``docs/results/aarch64_instructions.json`` (`make aarch64-instructions`):
instructions that the kernels execute under emulation, and llvm-mca's cycles of their inner loops.
docs/aarch64.md says what both are worth.

    cycles of the products    MACs, instructions a MAC, cycles an instruction of the inner loop
    cycles of the cells       hidden units of all LSTMs, instructions a unit, one a cycle
    memory                    the weights, where they are more than the second cache holds

Left out: Python around the kernels (15,000 instructions a call), caches below the second.
"""

from dataclasses import dataclass
from numbers import Integral

from pynq_lstm.accelerator.devices import Device
from pynq_lstm.errors import InputError
from pynq_lstm.model_size import stored_bytes

# Instructions a MAC at H = 256, by the LSTMs that share the weights: of u, of v.
INSTRUCTIONS = {2: (0.2202, 0.2577), 1: (0.2353, 0.2934)}
# Cycles an instruction of the inner loops, llvm-mca: 137 of 106, 83 of 56.
CYCLES = {2: 137 / 106, 1: 83 / 56}
# Of the 333,235 instructions of the kernels for the demonstration (28 steps of two LSTMs of 128
# units, R = 8) those that are left without 738,304 MACs, a unit and step.
CELL_INSTRUCTIONS = 20.7
L2_BYTES = 1 << 20  # DS891: shared by the cores


@dataclass(frozen=True)
class Estimate:
    """A step of all LSTMs.

    Attributes
    ----------
    microseconds, cycles : float
    limit : str
        "instructions" or "memory".
    """

    microseconds: float
    cycles: float
    limit: str


def estimate(models, device, threads=1):
    """Time of a step.

    Parameters
    ----------
    models : sequence of CompressedModel
        Of methods "svd" or "dense"; run one after another.
    device : str, path or Device
    threads : int
        Cores that share the work without loss.

    Returns
    -------
    Estimate

    Raises
    ------
    InputError
        A device without a processor, or more threads than it has cores.
    DesignError
        An unknown device.
    """
    device = Device.of(device)
    whole = isinstance(threads, Integral) and not isinstance(threads, bool)
    if not device.host_cores:
        raise InputError("on", device.name, "has no processor", "choose another device")
    if not whole or not 1 <= threads <= device.host_cores:
        most = device.host_cores
        raise InputError("threads", threads, "not a number of cores", f"use 1 to {most}")
    computing = sum(map(model_cycles, models)) / threads
    stored = sum(map(stored_bytes, models))
    moving = 0.0
    if stored > L2_BYTES:
        moving = stored / device.usable_bytes_a_second * device.host_mhz * 1e6
    cycles = max(computing, moving)
    limit = "memory" if moving > computing else "instructions"
    return Estimate(cycles / device.host_mhz, cycles, limit)


def model_cycles(model):
    """Cycles of a step of all LSTMs of a model on one core, from its counts alone."""
    sharing = 2 if model.method == "svd" and model.models > 1 else 1
    with_u, with_v = INSTRUCTIONS[sharing]
    u, v = macs(model)
    products = (u * with_u + v * with_v) * CYCLES[sharing]
    return products + CELL_INSTRUCTIONS * sum(model.hidden_sizes)


def macs(model):
    """Multiply-accumulates of a step with u, or with whole rows, and with v.

    Returns
    -------
    u, v : int
    """
    u = v = 0
    for part, sizes in ((model.input, model.input_sizes), (model.hidden, model.hidden_sizes)):
        for inputs, hidden in zip(sizes, model.hidden_sizes):
            own = part.multiplications(inputs, hidden, model.max_refinements)
            own -= part.p_count(inputs, hidden, model.max_refinements)  # those with s
            columns = part.multiplications(inputs, 0, model.max_refinements)
            columns -= part.p_count(inputs, 0, model.max_refinements)
            mine = own if model.method == "dense" else columns
            u, v = u + mine, v + own - mine
    return u, v
