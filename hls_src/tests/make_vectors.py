"""Vectors for the test bench: ``make_vectors.py DESIGN OUT [--cases N] [--seed S]``.

Random plans that fit the design, run by the naive model of the tests.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), *(str(ROOT / "tests" / name) for name in ("", "accelerator", "kernel"))]

import plan_reference  # noqa: E402
from kernel_runs import words_of  # noqa: E402
from random_plans import random_arguments, random_plan  # noqa: E402

from pynq_lstm.accelerator import buffers, identity, vectors  # noqa: E402
from pynq_lstm.accelerator.design import Design  # noqa: E402
from pynq_lstm.accelerator.native import Command, Registers  # noqa: E402
from pynq_lstm.accelerator.packing import pack  # noqa: E402
from pynq_lstm.errors import CapacityError  # noqa: E402

MEMORY_AND_KEEP = 5
RUNS = 3  # of one image
NOTHING = np.zeros((0, 16), np.uint8)


def results(design, **counts):
    """What a command answers that is done."""
    zero = dict.fromkeys(Registers.__dataclass_fields__, 0)
    own = {
        "magic": identity.MAGIC,
        "version": identity.VERSION,
        "hash_low": design.hash64 & 0xFFFFFFFF,
        "hash_high": design.hash64 >> 32,
    }
    return Registers(**{**zero, **own, **counts})


def load_vector(design, image):
    """LOAD of an image."""
    return vectors.Vector(Command.LOAD, 1, 1, 0, image.beats, NOTHING, results(design))


def run_vector(design, image, arguments):
    """RUN with the states from memory and back, and what the naive model makes of it."""
    x, h, c, lengths, refinements = arguments
    expected = plan_reference.run(image.plan, x, h, c, lengths, refinements)
    out = run_output_beats(image, expected, lengths)
    u_words, v_words = words_of(image, refinements, lengths)
    steps = len(image.pairs) * sum(int(n) + image.plan.largest_lag for n in lengths)
    counts = {f"clipped_{kind}": n for kind, n in expected.saturated.items()}
    answer = results(
        design, steps=steps, u_words=u_words, v_words=v_words, written=len(out), **counts
    )
    given = buffers.run_input(image, x, h, c, lengths)
    return vectors.Vector(
        Command.RUN, len(lengths), refinements, MEMORY_AND_KEEP, given, out, answer
    )


def run_output_beats(image, expected, lengths):
    """The beats that the kernel writes for a result: every wave's h, then the state."""
    rows = []
    plan = image.plan
    for b, length in enumerate(lengths):
        for wave in range(int(length) + plan.largest_lag):
            h = []
            for n, (k, lane) in enumerate(plan.members):
                step = wave - plan.pairs[k].lags[lane]
                shown = expected.out[n][b, step] if 0 <= step < length else 0 * expected.h[n][b]
                h.append(shown[None])
            rows.append(h_beats(image, h))
        state = [[a[b : b + 1] for a in values] for values in (expected.h, expected.c)]
        rows.append(buffers.pack_state(image, *state)[0])
    return np.concatenate(rows)


def h_beats(image, h):
    """The h of one wave, (beats, 16): the state's beats without those of c."""
    design = image.design
    state = buffers.pack_state(image, h, [0 * a for a in h])[0]
    tiles = state.reshape(-1, design.h_beats + design.c_beats, 16)
    return tiles[:, : design.h_beats].reshape(-1, 16)


def make(design, cases, seed):
    """Vectors of `cases` runs."""
    rng = np.random.default_rng(seed)
    bits = {"activation_bits": design.activation_bits, "p_bits": min(design.p_bits, 12)}
    size = min(design.max_hidden, 48)
    made = []
    while sum(v.command == Command.RUN for v in made) < cases:
        try:
            image = pack(random_plan(rng, bits, size), design)
        except CapacityError:
            continue
        made.append(load_vector(design, image))
        arguments = (random_arguments(rng, image.plan) for _ in range(RUNS))
        made += [run_vector(design, image, own) for own in arguments]
    return made


def main():
    """Write a file of vectors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("design", help="a design.json")
    parser.add_argument("out", help="the file to write")
    parser.add_argument("--cases", type=int, default=12, help="runs")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    vectors.write(options.out, make(Design.load(options.design), options.cases, options.seed))


if __name__ == "__main__":
    main()
