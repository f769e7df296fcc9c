"""Cycles, utilisation and resources of the accelerator, modelled, for the shapes of the goals."""

import numpy as np
import results
import timed_runs  # makes the helpers of the tests importable
from timed_runs import Simulator

import paper_shape  # isort: skip

from pynq_lstm import compress
from pynq_lstm.accelerator.design import Design
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.plan import Plan
from pynq_lstm.accelerator.resources import estimate
from pynq_lstm.examples import fashion_mnist

CYCLES_GOAL, SHARE_GOAL, USE_GOAL = 200, 80, 80
FACTORS = (0.5, 1, 2)  # of every loop's depth
STEPS, IMAGES, PIXEL_ROWS = 40, (4, 12), 28
RANKS = (8, 16, 32)
OVERLAYS = results.ROOT / "overlays"
ASSUMED = "modelled: timed dataflow simulation under assumed latencies"


def design_of(name):
    """A design that ships."""
    return Design.load(OVERLAYS / name / "design.json")


def step_figures(simulator, image, refinements, what, goal=None):
    """Cycles of a wave at nominal depths, and at half and twice, for both styles of pipelines."""
    found = {}
    for stalling in (0, 1):
        for factor in FACTORS:
            simulator.set(depth_factor=factor, stalling_by_default=stalling)
            found[stalling, factor] = simulator.wave_cycles(image, refinements)
    simulator.set()
    nominal, clock = max(found[0, 1], found[1, 1]), image.design.clock_mhz
    judged = {} if goal is None else {"goal": f"<= {goal}", "met": nominal <= goal}
    return results.figure(
        f"{what}, cycles a step",
        nominal,
        "cycles",
        **judged,
        microseconds=nominal / clock,
        depths_halved=max(found[0, 0.5], found[1, 0.5]),
        depths_doubled=max(found[0, 2], found[1, 2]),
        design=image.design.name,
        basis=ASSUMED,
    )


def load_figure(simulator, image):
    """Time of LOAD: the check and the writing of an image with a program for every prefix."""
    cycles = simulator.load_cycles(image)
    return results.figure(
        f"loading that model, {len(image.programs)} prefixes, {len(image.beats) * 16:,d} bytes",
        cycles / image.design.clock_mhz / 1000,
        "ms",
        cycles=cycles,
        design=image.design.name,
        basis=ASSUMED,
    )


def utilisation_figures(simulator, image, refinements):
    """Share of the multipliers that work on present tiles: in lists in progress, and in a step."""
    design, program = image.design, image.program(0, refinements)
    timing = simulator.run(image, refinements, 1, STEPS)
    cycles = simulator.wave_cycles(image, refinements)
    figures, useful, places = [], 0, 0
    for side in ("input", "hidden"):
        part, words = getattr(design, side), getattr(program, side)
        for unit, schedule, lanes, tile in (
            ("U", words.u, part.u_lanes, design.u_tile),
            ("V", words.v, 4 * part.v_lanes, design.v_tile),
        ):
            loop = "run_u.u_words" if unit == "U" else "run_v.v_words"
            busy = timing.in_progress[loop, STEPS * schedule.words] / STEPS
            products = len(schedule.word)
            share = 100 * products / (lanes * busy)
            figures.append(
                results.figure(
                    f"MAC utilisation of {side} {unit}, lists in progress",
                    share,
                    "%",
                    f">= {USE_GOAL}",
                    share >= USE_GOAL,
                    words=schedule.words,
                    cycles_in_progress=busy,
                    over_the_whole_step=100 * products / (lanes * cycles),
                    design=design.name,
                    basis=ASSUMED,
                )
            )
            useful += products * tile
            places += lanes * tile * cycles
    whole = results.figure(
        "MAC utilisation of all U and V units, whole step",
        100 * useful / places,
        "%",
        multiplications_a_step=2 * useful,
        design=design.name,
        basis=ASSUMED,
    )
    return [*figures, whole]


def resource_figures(design):
    """DSPs, block RAMs and UltraRAMs as shares of the part; LUTs as a range."""
    found = estimate(design)
    figures = []
    for kind in ("dsp", "bram36", "uram"):
        used, has = getattr(found, kind), found.available[kind]
        share = 100 * used / has
        figures.append(
            results.figure(
                f"{design.name}, {kind.upper()}",
                share,
                "%",
                f"<= {SHARE_GOAL}",
                share <= SHARE_GOAL,
                used=used,
                design=design.name,
                basis="modelled: array shapes, hand RTL through yosys",
            )
        )
    for kind in ("lut", "ff"):
        low, high = getattr(found, kind)
        share = [100 * v / found.available[kind] for v in (low, high)]
        figures.append(
            results.figure(
                f"{design.name}, {kind.upper()}",
                share,
                "%",
                used=[low, high],
                design=design.name,
                basis="modelled: hand RTL through yosys, factors, estimates",
            )
        )
    return figures


def image_figures(simulator, design):
    """Microseconds an image of the demonstration's network, many images in one start."""
    figures, network = [], fashion_mnist.network()
    for rank in RANKS:
        model = compress(
            network,
            method="svd",
            calibration=fashion_mnist.calibration(),
            refinements=rank,
        )
        image = pack(Plan.of_model(model), design)
        few, many = (simulator.run(image, rank, n, PIXEL_ROWS).cycles for n in IMAGES)
        cycles = (many - few) / (IMAGES[1] - IMAGES[0])
        figures.append(
            results.figure(
                f"two-branch Fashion-MNIST network, R = {rank}, time an image of many in one start",
                cycles / design.clock_mhz,
                "us",
                cycles=cycles,
                cycles_a_step=simulator.wave_cycles(image, rank),
                design=design.name,
                basis=ASSUMED,
            )
        )
    return figures


def bidirectional_image(design):
    """One bidirectional LSTM, I = 32, H = 128, with about a quarter of its dense products."""
    model = paper_shape.model(inputs=32, hidden=128, refinements=12, u_kept=1, v_kept=1)
    image = pack(Plan.of_model(model), design)
    parts = (model.input, model.hidden)
    macs = sum(int(np.count_nonzero(p.u_mask)) * p.u_tile for p in parts)
    macs += sum(int(np.count_nonzero(p.v_mask)) * p.v_tile for p in parts)
    return image, macs / (4 * 128 * (32 + 128))


def main():
    """Measure and write docs/results/accelerator.json."""
    design, wide = design_of("svd_lstm"), design_of("svd_lstm_wide")
    simulator, figures = Simulator(design), []
    image = pack(Plan.of_model(paper_shape.model()), design)
    figures.append(step_figures(simulator, image, 16, "2 models, I 1024, H 512, R 16", CYCLES_GOAL))
    figures.append(load_figure(simulator, image))
    figures += utilisation_figures(simulator, image, 16)
    figures += resource_figures(design)
    image, share = bidirectional_image(design)
    figure = step_figures(simulator, image, 12, "bidirectional, I 32, H 128, a quarter of its MACs")
    figures.append({**figure, "share_of_dense": share, "LSTM-PYNQ_on_its_board_us": [2.5, 21]})
    figures += image_figures(simulator, design)
    simulator = Simulator(wide)
    image = pack(Plan.of_model(paper_shape.model(bits=16)), wide)
    figures.append(
        step_figures(simulator, image, 16, "2 models, I 1024, H 512, R 16, int16 and p of 16 bits")
    )
    figures += resource_figures(wide)
    conditions = {"seed of the masks": 0, "clock": "200 MHz", "simulation": timed_runs.__doc__}
    results.write("accelerator", figures, conditions)
    for entry in figures:
        print(f"{entry['figure']}: {entry['value']} {entry['unit']} {entry.get('verdict', '')}")


if __name__ == "__main__":
    main()
