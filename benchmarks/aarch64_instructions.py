"""Count what the CPU path executes on an emulated Cortex-A53; see docs/aarch64.md.

Writes docs/results/aarch64_instructions.json, and a record by commit beside it. With --check it
writes nothing and fails where more is executed than the last record says.
"""

import argparse
import re
import subprocess
import sys

import results
from aarch64 import cycles, history, instructions, models

MOST_PER_PRODUCT = {2: 0.25, 1: 0.33}  # goals, by the number of models
MOST_OF_DENSE = 1 / 20
SHORT_RUNS, LONG_RUNS = (3, 8), (20, 120)  # calls; fewer of what takes longer
PART_OF_U, PART_OF_V = "to_codes", "to_pre"  # in the names of the functions


def products(shape, folder):
    """Figures of the products of one shape, its instructions per product, its inner loops.

    Returns
    -------
    figures : list of dict
    per_product : float
    loops : list of InnerLoop
    """
    counted = instructions.measure("session", models.make(shape, folder), SHORT_RUNS)
    functions = counted.by_function()
    of_u, of_v = shape.products()
    named = {name: n for name, n in functions.items() if name.startswith("neon_to_")}
    for part in (PART_OF_U, PART_OF_V):
        if not any(part in name for name in named):
            raise SystemExit(f"no function named neon_{part}... ran: {sorted(functions)}")
    u = sum(n for name, n in named.items() if PART_OF_U in name)
    v = sum(named.values()) - u
    value = (u + v) / (of_u + of_v)
    most = MOST_PER_PRODUCT[shape.models]
    figure = results.figure(
        f"instructions per MAC, {shape}",
        value,
        "",
        f"<= {most}",
        value <= most,
        with_u=u / of_u,
        with_v=v / of_v,
    )
    hottest = [
        max((name for name in named if part in name), key=named.get)
        for part in (PART_OF_U, PART_OF_V)
    ]
    loops = [cycles.inner_loop(name, counted) for name in hottest]
    seconds = [loop.seconds(count) for loop, count in zip(loops, (of_u, of_v))]
    estimate = results.figure(
        f"estimated time of these products, {shape}, {shape.steps} steps",
        sum(seconds) * 1e6,
        "us",
        at="1.2 GHz, inner loops only, in the first cache",
    )
    return [figure, estimate], value, loops


def inference(folder):
    """Figures of a whole inference of the demonstration, and its instructions."""
    demo = models.make_demo(folder)
    session = instructions.measure("session", demo, LONG_RUNS)
    dense = instructions.measure("dense", demo, SHORT_RUNS).total()
    network = instructions.measure("network", demo, SHORT_RUNS).total()
    own = session.total()
    figures = [
        results.figure("session.infer, demonstration, R = 8", own, "instructions"),
        results.figure(
            "of them in the C kernels", sum(session.by_function().values()), "instructions"
        ),
        results.figure("the dense network in plain NumPy, float32", dense, "instructions"),
        results.figure("the dense network as Network.infer runs it", network, "instructions"),
        results.figure(
            "session.infer over plain NumPy",
            own / dense,
            "",
            "<= 1/20",
            own / dense <= MOST_OF_DENSE,
        ),
        results.figure(
            "estimated time of session.infer",
            own / cycles.CLOCK * 1e6,
            "us",
            at="1.2 GHz, one instruction a cycle",
        ),
    ]
    return figures, own


def of_loop(loop):
    """What llvm-mca says of an inner loop, as a figure."""
    return results.figure(
        f"modelled cycles per MAC, {loop.function}",
        loop.cycles / loop.products,
        "",
        at=f"{loop.instructions} instructions, {loop.products} MAC, {loop.cycles:.4g} cycles, "
        f"bound {loop.bound:.4g}; {loop.share:.0%} of its function",
    )


def conditions():
    """Versions of what compiles, emulates and models."""
    versions = {}
    for name, command in (
        ("compiler", "aarch64-linux-gnu-gcc"),
        ("emulator", "qemu-aarch64"),
        ("model of cycles", "llvm-mca"),
    ):
        done = subprocess.run(
            [command, "--version"], capture_output=True, text=True, check=True, timeout=60
        )
        number = re.search(r"\d+\.\d+\.\d+", done.stdout)[0]
        versions[name] = f"{command} {number}"
    return {**versions, "emulated": "cortex-a53", "numpy": instructions.emulated_numpy()}


def main():
    """Measure, then write and record, or check."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--check", action="store_true")
    options = options.parse_args()
    folder = instructions.ROOT / "models"
    figures, counted, loops = [], {}, {}
    for shape in models.SHAPES:
        of_shape, counted[f"per MAC, {shape}"], found = products(shape, folder)
        figures += of_shape
        loops.update({loop.function: loop for loop in found})
    of_inference, counted["session.infer"] = inference(folder)
    figures += of_inference + [of_loop(loop) for loop in loops.values()]
    for figure in figures:
        print(f"{figure['figure']}: {figure['value']:.4g} {figure['unit']}")
    if options.check:
        worse = history.grown(counted)
        print("\n".join(worse) or "no more instructions than the last record")
        return bool(worse)
    results.write("aarch64_instructions", figures, conditions())
    history.record(results.commit(), counted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
