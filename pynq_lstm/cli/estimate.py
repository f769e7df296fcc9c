"""``pynq-lstm estimate``."""

from pathlib import Path

from pynq_lstm import any_file
from pynq_lstm.accelerator import starts
from pynq_lstm.accelerator.buffers import wave_beats
from pynq_lstm.accelerator.cycles import load_cycles, wave_cycles
from pynq_lstm.accelerator.design import BEAT, Design
from pynq_lstm.accelerator.devices.device import KINDS, NAMES, Device
from pynq_lstm.accelerator.energy import bounds, wave_energy
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.plan import Plan
from pynq_lstm.accelerator.resources import counts
from pynq_lstm.compressed_network import CompressedNetwork
from pynq_lstm.errors import BackendError, DesignError, InputError
from pynq_lstm.exploration.target import Target, most
from pynq_lstm.passes import naming
from pynq_lstm.runtime import supported
from pynq_lstm.runtime.fpga.files import design_for
from pynq_lstm.runtime.network_starts import STARTS

HELP = "model cycles, time, energy and resources on the accelerator, and whether all fits"
EXAMPLE = """\
All of it is modelled. A network runs in one start of the kernel where that can be: a step then
is one of all its LSTMs. Else it runs pass by pass, and each of them is told. A model
that is larger than the design is an error that names what is too large.

exit code: 0 where the design fits the device, 1 where it does not

examples:
  pynq-lstm estimate model.safetensors --refinements 8
  pynq-lstm estimate model.safetensors --overlay svd_lstm_wide --device kv260"""
ALIASES = ("accelerator",)  # its name until 0.1.0
_BASIS = "modelled: assumed latencies, nothing was synthesised"


def add_arguments(command):
    """Declare the arguments."""
    command.add_argument("model", help="file of a compressed model or network")
    command.add_argument(
        "--overlay",
        "--design",
        metavar="NAME",
        help="a design: the name of one that ships, its file or its folder; default: the one for "
        "the model",
    )
    command.add_argument(
        "--device",
        help=f"whether the design fits this one: {', '.join(NAMES)}, or a JSON file that "
        "describes one; default: that of the design's part",
    )
    command.add_argument("--refinements", type=int, help="the prefix of the components")
    command.add_argument(
        "--starts",
        choices=STARTS,
        default="auto",
        help="of a network: one start of the kernel, or passes; default: one where it can be",
    )


def run(options):
    """Pack the model, the network or each of its passes, and model its cycles."""
    model = any_file.load(options.model)
    refinements = model.served(options.refinements)
    if isinstance(model, CompressedNetwork):
        design, facts = _network(model, options.overlay, refinements, options.starts)
    else:
        design, facts = _alone(model, options.overlay, refinements)
    return {"design": design.name, "basis": _BASIS, **facts, **_room(design, options.device)}


def exit_code(answer):
    """0: the design fits the device; 1: it does not."""
    return 0 if answer["fits"] else 1


def _room(design, device):
    """What the design takes of a device."""
    try:
        device = Device.of_part(design.part) if device is None else Device.of(device)
    except DesignError as error:
        if device is not None:
            raise
        remedy = "name --device, or a JSON file that describes one"
        raise InputError("device", None, f"none is known by {error.value}", remedy) from None
    target, used = Target.of(device, design.clock_mhz), counts(design)
    return {
        "device": device.name,
        "fits": target.holds(used),
        "resources": {
            kind: {"used": most(used, kind), "available": target.available[kind]} for kind in KINDS
        },
    }


def _network(network, overlay, refinements, asked):
    """All of it in one start, or in passes."""
    with naming.named(BackendError, 0, network.members[0], network.lstms, network.wiring):
        design = _design_for(network.passes[0], overlay)
    if asked == "passes":
        found, why = starts.passes(network, design, refinements), "passes were asked for"
    elif asked == "one":
        found, why = (starts.one(network, design, refinements),), None
    else:
        found, why = starts.of(network, design, refinements)
    facts = _passes(network, found, why) if why else _one_start(network, *found)
    return design, {**facts, "refinements": refinements}


def _one_start(network, start):
    return {
        "starts": "one",
        "lstms": [lstm.name(network.wiring) for lstm in network.lstms],
        "waves_behind_the_steps": start.image.plan.largest_lag,
        **_facts(start.image, start.refinements),
    }


def _passes(network, found, why):
    """Each pass, and their sums over a step of the external inputs."""
    passes = [
        {
            "lstms": [network.lstms[k].name(network.wiring) for k in start.lstms],
            "one_step_in": start.rate,
            **_facts(start.image, start.refinements),
        }
        for start in found
    ]
    often = [start.often for start in found]
    once = [start.rate is None for start in found]

    def summed(field, counts, inner=None):
        values = (one[field] if inner is None else one[field][inner] for one in passes)
        return sum(value * count for value, count in zip(values, counts))

    return {
        "starts": "passes",
        "why_passes": why,
        "cycles_per_step": summed("cycles_per_step", often),
        "microseconds_per_step": starts.microseconds(found),
        "cycles_once_a_sequence": summed("cycles_per_step", once),
        "energy_nj_per_step": summed("energy_per_step", often, "total_nj"),
        "bytes_per_step": {
            way: summed("bytes_per_step", often, way) for way in ("read", "written")
        },
        "load_cycles": sum(one["load_cycles"] for one in passes),
        "between_passes": "h goes through memory to this machine, which puts together what the "
        "next pass reads, and each pass is loaded anew: not in the cycles of a step",
        "passes": passes,
    }


def _alone(model, overlay, refinements):
    """The design for a model, and what is modelled of it there."""
    design = _design_for(model, overlay)
    return design, _facts(pack(Plan.of_model(model), design), refinements)


def _design_for(model, name):
    supported.check("fpga", model)
    return _design(model, name)


def _facts(image, refinements):
    """What is modelled of an image."""
    cycles = wave_cycles(image, refinements)
    return {
        "refinements": refinements,
        "cycles_per_step": cycles.wave,
        "microseconds_per_step": cycles.microseconds,
        "limited_by": cycles.limit,
        "utilisation": cycles.utilisation,
        "utilisation_of_the_step": cycles.wave_utilisation,
        "energy_per_step": _energy(image, refinements),
        "bytes_per_step": dict(zip(("read", "written"), (n * BEAT for n in wave_beats(image)))),
        "load_cycles": load_cycles(image),
        "image_bytes": image.beats.size,
        "prefixes_with_their_own_time": sorted({p.prefix for p in image.programs}),
        "memory": {name: list(used) for name, used in image.usage.items()},
    }


def _energy(image, refinements):
    """The terms of a step, and what the lower and the higher constants make of the sums."""
    low, high = bounds(wave_energy, image, refinements)
    return {
        "basis": "modelled: published energies of other chips; clocks are not gated",
        **wave_energy(image, refinements).to_json(),
        "total_nj_range": [low.total, high.total],
        "watts_range": [low.watts, high.watts],
    }


def _design(model, overlay):
    """Of a file, whatever its name; else as a session finds it."""
    if overlay is not None and Path(overlay).is_file():
        return Design.load(overlay)
    return design_for(model, overlay)


def show(answer):
    """For people: a line for each fact, then what is used of each memory."""
    lines = [f"{answer['design']}: {answer['basis']}"]
    if "lstms" in answer:
        lines.append(f"one start       {'; '.join(answer['lstms'])}")
        lines.append(
            f"a sequence      as many steps as it has, and {answer['waves_behind_the_steps']} more"
        )
    if "why_passes" in answer:
        lines.append(f"passes          {answer['why_passes']}")
    for p, one in enumerate(answer.get("passes", ())):
        rate = one["one_step_in"]
        often = {None: ", once a sequence", 1: ""}.get(rate, f", one step in {rate}")
        lines.append(f"pass {p:<11d}{'; '.join(one['lstms'])}{often}")
        lines += [f"  {line}" for line in _lines(one)]
    lines += _sums(answer) if "passes" in answer else _lines(answer)
    verdict = "fits" if answer["fits"] else "does not fit"
    lines.append(f"the design      {verdict} {answer['device']}; of LUTs and FFs the upper end")
    lines += [
        f"  {kind:14s}{one['used']:,g} of {one['available']:,d}"
        for kind, one in answer["resources"].items()
    ]
    return "\n".join(lines)


def _sums(answer):
    moved, once = answer["bytes_per_step"], answer["cycles_once_a_sequence"]
    more = f", and {once:g} once a sequence" if once else ""
    return [
        f"all passes      {answer['cycles_per_step']:g} cycles a step of the external inputs, "
        f"{answer['microseconds_per_step']:.2f} us{more}; "
        f"{answer['energy_nj_per_step']:.3g} nJ with their memory",
        f"memory          {moved['read']:g} bytes read and {moved['written']:g} written a step; "
        f"{answer['load_cycles']:,d} cycles to load all passes, at every call",
        f"between passes  {answer['between_passes']}",
    ]


def _lines(answer):
    energy = answer["energy_per_step"]
    saved = energy["clock_gating_would_save_at_most_nj"] / energy["total_nj"]
    moved = answer["bytes_per_step"]
    lines = [
        f"a step          {answer['cycles_per_step']:g} cycles, "
        f"{answer['microseconds_per_step']:.2f} us, limited by {answer['limited_by']}",
        f"multipliers     {answer['utilisation']:.0%} at work while they have a list, "
        f"{answer['utilisation_of_the_step']:.0%} over the step",
        f"energy a step   {_with_range(energy, 'total_nj')} nJ with its memory, "
        f"{energy['static_nj']:.3g} of it static",
        f"power           {_with_range(energy, 'watts')} W of the device at work; gating the "
        f"clocks of idle parts would save {saved:.0%} at most, and is not done",
        f"memory          {moved['read']} bytes read and {moved['written']} written a step",
        f"image           {answer['image_bytes']:,d} bytes, {answer['load_cycles']:,d} cycles to "
        "load",
    ]
    lines += [f"{k:16s}{used:,d} of {most:,d}" for k, (used, most) in answer["memory"].items()]
    return lines


def _with_range(energy, name):
    low, high = energy[f"{name}_range"]
    return f"{energy[name]:.3g} ({low:.3g} to {high:.3g})"
