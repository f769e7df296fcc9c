"""Cycles, throughput, idle cycles, energy and resources of the block-diagonal engine, modelled."""

import sys

import numpy as np
import results
import timed_runs  # makes the helpers of the tests importable
from accelerator import ASSUMED, design_of, resource_figures, step_figures
from timed_runs import Simulator

sys.path.insert(0, str(results.ROOT / "tests"))
from random_block_models import sized_block_model

from pynq_lstm.accelerator.energy import bounds, run_energy, wave_energy
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.plan import Plan

GOAL, MULTIPLIERS = 160, 625
SIZE, RANKS, PAPER_RANK = 200, (2, 4, 8, 16), 4  # Zheng et al., section V
FEW, MANY = 24, 72  # steps of two runs, whose difference is the steady state
PARTS = ("input_part", "hidden_part")
DESIGNS = tuple(f"block_diagonal_lstm{suffix}" for suffix in ("", "_lut", "_w8", "_wide"))
CONSTANTS = (
    "modelled: published energies of other chips (docs/accelerator_energy.md), no clock gated"
)


def image_of(rank, design, inputs=SIZE, hidden=SIZE):
    """One LSTM with drawn weights: cycles depend on sizes and rank only."""
    model = sized_block_model(
        np.random.default_rng(0),
        (inputs,),
        (hidden,),
        (rank, rank),
        activation_bits=design.activation_bits,
        weight_bits=4,
    )
    return pack(Plan.of_model(model), design)


def throughput_figure(image, cycles, rank):
    """Products that a dense layer of this shape has, twice, over the time of a step."""
    operations = 2 * 4 * SIZE * 2 * SIZE
    present = sum(
        int(np.count_nonzero(part.w[0]))
        for part in (image.plan.pairs[0].model.input, image.plan.pairs[0].model.hidden)
    )
    clock = image.design.clock_mhz
    return results.figure(
        f"I = H = {SIZE}, p = {rank}, effective throughput at {clock} MHz",
        operations / cycles * clock / 1000,
        "GOPS",
        operations_of_a_dense_step=operations,
        of_present_weights=2 * present / cycles * clock / 1000,
        multipliers=f"2 x {image.design.multiplier_count}",
        design=image.design.name,
        basis=ASSUMED + "; effective: skipped products are counted",
    )


def idle_figures(simulator, image):
    """Cycles of a step in which the multipliers of a part have no word, and what it waits for."""
    runs = [simulator.run(image, 1, 1, steps) for steps in (FEW, MANY)]
    steps = MANY - FEW
    cycles = (runs[1].cycles - runs[0].cycles) / steps
    figures = []
    for name in PARTS:
        words = getattr(image.programs[0], name.partition("_")[0]).words
        starved, blocked = ((b - a) / steps for a, b in zip(*(run.waits[name] for run in runs)))
        figures.append(
            results.figure(
                f"I = H = {SIZE}, p = {PAPER_RANK}, idle cycles of the multipliers of {name}",
                cycles - words,
                "cycles a step",
                share_of_the_step=100 * (cycles - words) / cycles,
                words=words,
                starved=starved,
                back_pressured=blocked,
                design=image.design.name,
                basis=ASSUMED,
            )
        )
    return figures


def load_figure(simulator, image):
    """Time of LOAD: the check and the writing of an image."""
    cycles = simulator.load_cycles(image)
    return results.figure(
        f"loading I = H = {SIZE}, p = {PAPER_RANK}, {image.beats.size:,d} bytes",
        cycles / image.design.clock_mhz / 1000,
        "ms",
        cycles=cycles,
        design=image.design.name,
        basis=ASSUMED,
    )


def energy_figures(image):
    """Of a step: its terms, and what gating the clocks of idle parts would save, at most."""
    nominal, ends = wave_energy(image), bounds(wave_energy, image)
    told, shape = nominal.to_json(), f"{image.design.name}, I = H = {SIZE}, p = {PAPER_RANK}"
    common = {"design": image.design.name, "basis": CONSTANTS}
    terms = ("operations", "memory", "clock", "static", "dram")
    run = run_energy(image, [MANY])
    return [
        results.figure(
            f"{shape}, energy a step, with the board's memory",
            nominal.total,
            "nJ",
            range=[energy.total for energy in ends],
            **{f"{name}_nJ": told[f"{name}_nj"] for name in terms},
            **common,
        ),
        results.figure(
            f"{shape}, energy of an inference of {MANY} steps, with the board's memory",
            run.total / 1000,
            "uJ",
            range=[energy.total / 1000 for energy in bounds(run_energy, image, [MANY])],
            **common,
        ),
        results.figure(
            f"{shape}, power of the device at work, {image.design.clock_mhz} MHz",
            nominal.watts,
            "W",
            range=[energy.watts for energy in ends],
            static_W=nominal.static_watts,
            **common,
        ),
        results.figure(
            f"{shape}, clock of idle parts, which a gate without cost would save",
            nominal.gating_saves,
            "nJ a step",
            range=[energy.gating_saves for energy in ends],
            share_of_dynamic=100 * nominal.gating_saves / nominal.dynamic,
            share_of_the_device=100 * nominal.gating_saves / (nominal.dynamic + nominal.static),
            **{f"{name}_nJ": value for name, value in told["idle_clock_nj"].items()},
            **common,
        ),
    ]


def main():
    """Model, and write docs/results/block_diagonal_accelerator.json."""
    design, figures = design_of("block_diagonal_lstm"), []
    simulator = Simulator(design)
    for rank in RANKS:
        image = image_of(rank, design)
        goal = GOAL if rank == PAPER_RANK else None
        step = step_figures(simulator, image, 1, f"1 model, I = H = {SIZE}, p = {rank}", goal)
        figures += [step, throughput_figure(image, step["value"], rank)]
    image = image_of(PAPER_RANK, design)
    assert design.multiplier_count <= MULTIPLIERS
    figures.append(load_figure(simulator, image))
    figures += idle_figures(simulator, image)
    for name in DESIGNS[:3]:
        figures += energy_figures(image_of(PAPER_RANK, design_of(name)))
    for name in DESIGNS:
        figures += resource_figures(design_of(name))
    conditions = {"clock": f"{design.clock_mhz} MHz", "simulation": timed_runs.__doc__}
    results.write("block_diagonal_accelerator", figures, conditions)
    for entry in figures:
        print(f"{entry['figure']}: {entry['value']} {entry['unit']} {entry.get('verdict', '')}")


if __name__ == "__main__":
    main()
