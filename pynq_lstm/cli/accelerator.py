"""``pynq-lstm accelerator``."""

from pathlib import Path

from pynq_lstm.accelerator.cycles import wave_cycles
from pynq_lstm.accelerator.design import Design
from pynq_lstm.accelerator.energy import bounds, wave_energy
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.plan import Plan
from pynq_lstm.errors import InputError
from pynq_lstm.model import CompressedModel
from pynq_lstm.runtime.fpga.files import design_for, designs

HELP = "say whether a compressed model fits the accelerator, its time and energy (modelled)"
EXAMPLE = "example:\n  pynq-lstm accelerator model.safetensors --refinements 8"


def add_arguments(command):
    """Declare the arguments."""
    command.add_argument("model", help="file of a compressed model")
    command.add_argument(
        "--design", help="name of a design, or its file; default: the one for the model"
    )
    command.add_argument("--refinements", type=int, help="the prefix of the components")


def run(options):
    """Pack the model and model its cycles."""
    model = CompressedModel.load(options.model)
    design = design_for(model) if options.design is None else _design(options.design)
    refinements = model.served(options.refinements)
    image = pack(Plan.of_model(model), design)
    cycles = wave_cycles(image, refinements)
    return {
        "design": design.name,
        "basis": "modelled: assumed latencies, nothing was synthesised",
        "refinements": refinements,
        "cycles_per_step": cycles.wave,
        "microseconds_per_step": cycles.microseconds,
        "limited_by": cycles.limit,
        "utilisation": cycles.utilisation,
        "utilisation_of_the_step": cycles.wave_utilisation,
        "energy_per_step": _energy(image, refinements),
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


def _design(name):
    shipped = designs()
    if name in shipped:
        return shipped[name]
    if not Path(name).is_file():
        remedy = f"name one of {sorted(shipped)}, or a file"
        raise InputError("design", name, "no such design", remedy)
    return Design.load(name)


def show(answer):
    """For people: a line for each fact, then what is used of each memory."""
    energy = answer["energy_per_step"]
    saved = energy["clock_gating_would_save_at_most_nj"] / energy["total_nj"]
    lines = [
        f"{answer['design']}: {answer['basis']}",
        f"a step          {answer['cycles_per_step']:g} cycles, "
        f"{answer['microseconds_per_step']:.2f} us, limited by {answer['limited_by']}",
        f"multipliers     {answer['utilisation']:.0%} at work while they have a list, "
        f"{answer['utilisation_of_the_step']:.0%} over the step",
        f"energy a step   {_with_range(energy, 'total_nj')} nJ with its memory, "
        f"{energy['static_nj']:.3g} of it static",
        f"power           {_with_range(energy, 'watts')} W of the device at work; gating the "
        f"clocks of idle parts would save {saved:.0%} at most, and is not done",
        f"image           {answer['image_bytes']:,d} bytes",
    ]
    lines += [f"{k:16s}{used:,d} of {most:,d}" for k, (used, most) in answer["memory"].items()]
    return "\n".join(lines)


def _with_range(energy, name):
    low, high = energy[f"{name}_range"]
    return f"{energy[name]:.3g} ({low:.3g} to {high:.3g})"
