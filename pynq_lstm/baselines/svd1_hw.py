"""SVD1-HW: every LSTM compressed by itself, through the SVD engine, modelled.

Either all go one after another through one engine that has all DSPs, or each has an engine of its
own with its share of them, side by side; whichever takes less. docs/models.md, "SVD1-HW".
"""

from pynq_lstm.accelerator import buffers, kernel_memories
from pynq_lstm.accelerator.design import LANES
from pynq_lstm.accelerator.design_common import BEAT
from pynq_lstm.accelerator.devices.device import ULTRASCALE
from pynq_lstm.accelerator.energy_constants import NOMINAL
from pynq_lstm.accelerator.memories import block_bits
from pynq_lstm.accelerator.resource_logic import CHECK_DSPS
from pynq_lstm.accelerator.roofline import dense_macs, gops
from pynq_lstm.accelerator.weight_traffic import weight_bytes
from pynq_lstm.baselines.lane_search import fastest
from pynq_lstm.baselines.placement import place
from pynq_lstm.baselines.sizes import budget, of_network
from pynq_lstm.candidate import MODELLED, Candidate
from pynq_lstm.errors import CapacityError, DesignError, InputError
from pynq_lstm.model import CompressedModel
from pynq_lstm.model_size import multiplications, stored_bytes

SEQUENTIAL, SIDE_BY_SIDE = "one after another", "side by side"


def svd1_hw(models, device="zcu104", clock_mhz=None, dsp=None, constants=NOMINAL):
    """The better of both ways to run LSTMs that share nothing.

    Parameters
    ----------
    models : sequence of CompressedModel
        Of method "svd" and of one LSTM each; all take a step together.
    device : str, path or Device
    clock_mhz : int, optional
        Default: the device's.
    dsp : int, optional
        The most. Default: all of the device.
    constants : EnergyConstants

    Returns
    -------
    Candidate
        ``options["engines"]`` says how they run; `value` and `drop` are None.

    Raises
    ------
    DesignError
        An unknown device, or one of another family than UltraScale+.
    InputError
        No models, others than those of one LSTM by SVD, or a budget that is none.
    CapacityError
        Neither way holds them, or so few DSPs make no engine.
    """
    models = _checked(models)
    device, clock, dsp = budget(device, clock_mhz, dsp)
    if device.family != ULTRASCALE:
        problem = "not of UltraScale+, whose memories and DSPs are counted"
        raise DesignError("device", device.name, problem, "name one of that family")
    if clock != int(clock):
        raise InputError("clock_mhz", clock, "not a whole number", "use one, as designs have")
    ways, refused = {}, None
    for name, make in ((SEQUENTIAL, _sequential), (SIDE_BY_SIDE, _side_by_side)):
        try:
            ways[name] = make(models, int(clock), dsp - CHECK_DSPS, device.part)
        except (CapacityError, DesignError) as error:
            refused = error
    if not ways:
        raise refused
    candidates = [_candidate(models, *way, device, constants) for way in ways.items()]
    return min(candidates, key=lambda one: one.microseconds)


def _checked(models):
    remedy = 'compress each LSTM alone with method="svd"'
    if isinstance(models, CompressedModel) or not models:
        raise InputError("models", type(models).__name__, "not a list of models", remedy)
    for k, model in enumerate(models):
        single = isinstance(model, CompressedModel) and model.models == 1 and model.method == "svd"
        if not single:
            raise InputError(f"models[{k}]", type(model).__name__, "not one LSTM by SVD", remedy)
    return list(models)


def _sequential(models, clock, dsp, part):
    return [fastest(models, clock, dsp, part)]


def _side_by_side(models, clock, dsp, part):
    """Engines with equal shares; then what is left over goes to nobody."""
    alike = {}
    for model in models:
        if id(model) not in alike:
            alike[id(model)] = fastest([model], clock, dsp // len(models), part)
    return [alike[id(model)] for model in models]


def _candidate(models, way, engines, device, constants):
    slowest = max(engines, key=lambda engine: engine.cycles.wave)
    clock = slowest.image.design.clock_mhz
    memories = [memory for engine in engines for memory in engine.memories]
    memories += kernel_memories.interfaces()  # one reads and one writes for all engines
    where = place(memories, device)
    streamed = where.missing * sum(weight_bytes(engine.image) for engine in engines)
    # the second lane is empty, so that half of the beats of x and h are not there
    traffic = streamed + BEAT * sum(sum(buffers.wave_beats(one.image)) for one in engines) / LANES
    moving = traffic / device.usable_bytes_a_second * 1e6 * clock
    cycles = max(slowest.cycles.wave, moving)
    sizes = [of_network(model)[0] for model in models]
    errors = [model.provenance.get("weight mse", 0.0) for model in models]
    macs = dense_macs(sizes)
    return Candidate(
        engine="svd1_hw",
        options={"method": "svd", "engines": way},
        design=None,
        value=None,
        drop=None,
        mse=sum(mse * dense_macs([size]) for mse, size in zip(errors, sizes)) / macs,
        bytes=sum(map(stored_bytes, models)),
        multiplications=sum(map(multiplications, models)),
        microseconds=cycles / clock,
        how=MODELLED,
        cycles=cycles,
        limit="memory" if moving > slowest.cycles.wave else slowest.cycles.limit,
        stages={**slowest.cycles.processes, "memory": moving},
        resources=_resources(engines, where, memories),
        energy=_energy(engines, streamed, cycles / clock, constants),
        intensity=2 * macs / traffic,
        gops=gops(macs, cycles / clock),
    )


def _resources(engines, where, memories):
    own, around = zip(*(engine.logic() for engine in engines))
    found = {
        "dsp": CHECK_DSPS + sum(engine.dsp for engine in engines),
        "bram36": where.bram36,
        "uram": where.uram,
        "memory_bits": block_bits(memories) * (1 - where.missing),
    }
    for kind, stored in (("lut", where.lutram), ("ff", 0)):
        sums = (sum(one[kind][k] for one in own) + around[0][kind][k] for k in range(2))
        found[kind] = tuple(round(value + stored) for value in sums)
    return found


def _energy(engines, streamed, microseconds, constants):
    computing, dram = (sum(terms) for terms in zip(*(e.energy(constants) for e in engines)))
    dram += streamed * 8 * constants.dram / 1000
    return computing + dram + constants.static * microseconds * 1000
