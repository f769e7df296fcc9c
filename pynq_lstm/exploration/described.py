"""What a `Candidate` says of a model on a design."""

import json

from pynq_lstm.accelerator import resources
from pynq_lstm.accelerator.buffers import wave_beats
from pynq_lstm.accelerator.cycles import wave_cycles
from pynq_lstm.accelerator.design_common import BEAT
from pynq_lstm.accelerator.energy import wave_energy
from pynq_lstm.budgets import costs
from pynq_lstm.candidate import MODELLED
from pynq_lstm.exploration.fit import images

KINDS = ("dsp", "bram36", "uram", "memory_bits", "lut", "ff")


def fields(network, engine, options, model, design, value, drop):
    """The fields of a `Candidate`.

    Parameters
    ----------
    network : Network
        The float one.
    engine : str
    options : dict
        Of `compress`.
    model : CompressedModel or CompressedNetwork
    design : Design or BlockDesign
    value, drop : float or None

    Returns
    -------
    dict
        As JSON takes it.
    """
    packed = images(costs.passes(model), design)
    waves = [wave_cycles(image) for image in packed]
    slowest = max(waves, key=lambda wave: wave.wave)
    cycles = float(sum(wave.wave for wave in waves))
    stages = {name: float(sum(w.processes[name] for w in waves)) for name in waves[0].processes}
    used = resources.counts(design)
    cost = costs.of(model)
    operations = 2 * sum(layer.w_ih.size + layer.w_hh.size for layer in network.layers)
    moved = BEAT * sum(sum(wave_beats(image)) for image in packed)
    microseconds = cycles / design.clock_mhz
    return {
        "engine": engine,
        "options": plain(options),
        "design": plain(as_values(design)),
        "value": value,
        "drop": drop,
        "mse": float(model.provenance["weight mse"]),
        "bytes": int(cost["bytes"]),
        "multiplications": int(cost["multiplications"]),
        "microseconds": microseconds,
        "how": MODELLED,
        "cycles": cycles,
        "limit": slowest.limit,
        "stages": stages,
        "resources": {kind: plain(getattr(used, kind)) for kind in KINDS},
        "energy": float(sum(wave_energy(image).total for image in packed)),
        "intensity": operations / moved,
        "gops": operations / microseconds / 1000,
    }


def as_values(design):
    """The fields of its design.json."""
    return json.loads(design.to_json())


def plain(value):
    """As JSON gives it back: pairs are lists, numbers Python's own."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(one) for one in value]
    return value.item() if hasattr(value, "item") else value
