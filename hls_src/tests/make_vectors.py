"""Vectors for the test bench: ``make_vectors.py DESIGN OUT [--cases N] [--seed S]``.

One of every command and two that are refused, then random plans that fit the design, run by
the naive model of the tests.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), *(str(ROOT / "tests" / name) for name in ("", "accelerator", "kernel"))]

import plan_reference  # noqa: E402
from kernel_runs import KEEP, MEMORY, RESIDENT, ZERO, words_of  # noqa: E402
from random_plans import block_model, random_arguments, random_plan, svd_model  # noqa: E402

from pynq_lstm.accelerator import buffers, identity, vectors  # noqa: E402
from pynq_lstm.accelerator.design import Design  # noqa: E402
from pynq_lstm.accelerator.native import Command, Registers  # noqa: E402
from pynq_lstm.accelerator.packing import pack  # noqa: E402
from pynq_lstm.errors import CapacityError, PlanError  # noqa: E402

RUNS = 3  # of one image
BAD_CRC, SHORT_INPUT = 4, 7
CRC_BYTE = 20  # of an image
MODELS = {  # by engine: what makes them, and widths that they have at most
    "svd": (svd_model, {"activation_bits": 16, "p_bits": 12}),
    "block_diagonal": (block_model, {"activation_bits": 16, "weight_bits": 8}),
}
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


def vector(design, command, given=NOTHING, out=NOTHING, **counts):
    """A command other than RUN, which is done."""
    return vectors.Vector(command, 1, 1, 0, given, out, results(design, written=len(out), **counts))


def refused_vector(design, good, given, status, detail):
    """The command `good` with an input for which it is refused: nothing is written."""
    untouched = np.zeros_like(good.expected)
    answer = results(design, status=status, detail=detail)
    return replace(good, given=given, expected=untouched, results=answer)


def run_vector(design, image, arguments, state=MEMORY | KEEP):
    """RUN, and what the naive model makes of it.

    h and c of the arguments are where it starts from; `state` says how the kernel comes by
    them, and whether the states at the end are wanted.
    """
    x, h, c, lengths, refinements = arguments
    expected = plan_reference.run(image.plan, x, h, c, lengths, refinements)
    waves = run_output_beats(image, expected, lengths, bool(state & KEEP))
    out = np.concatenate([waves, report_beat(0, expected.saturated)])
    u_words, v_words = words_of(image, refinements, lengths)
    steps = len(image.pairs) * sum(int(n) + image.plan.largest_lag for n in lengths)
    counts = {f"clipped_{kind}": n for kind, n in expected.saturated.items()}
    answer = results(
        design, steps=steps, u_words=u_words, v_words=v_words, written=len(out), **counts
    )
    given = buffers.run_input(image, x, h, c, lengths, state=bool(state & MEMORY))
    return vectors.Vector(Command.RUN, len(lengths), refinements, state, given, out, answer)


def command_vectors(design, rng, image):
    """One of every command, of every start of a RUN, and two that are refused.

    What STATE_WRITE writes is read back; the RUN from zero does not take it, and leaves the
    state from which the next RUN goes on; no refused command changes it.
    """
    bytes_ = rng.integers(0, 256, (37, 16)).astype(np.uint8)
    x, h, c, lengths, refinements = random_arguments(rng, image.plan, max_batch=1)
    zero = [0 * a for a in h]
    first = plan_reference.run(image.plan, x, zero, zero, lengths, refinements)
    state = buffers.pack_state(image, h, c)[0]
    load = vector(design, Command.LOAD, image.beats)
    from_zero = run_vector(design, image, (x, zero, zero, lengths, refinements), ZERO)
    goes_on = (x, first.h, first.c, lengths, refinements)
    wrong_crc = image.beats.copy()
    wrong_crc.reshape(-1)[CRC_BYTE] ^= 1
    return [
        vector(design, Command.IDENTIFY),
        vector(design, Command.ECHO, bytes_, bytes_),
        load,
        vector(design, Command.STATE_WRITE, state),
        refused_vector(design, load, wrong_crc, BAD_CRC, 1),
        vector(design, Command.STATE_READ, out=state),
        from_zero,
        refused_vector(design, from_zero, from_zero.given[:-1], SHORT_INPUT, 0),
        run_vector(design, image, goes_on, RESIDENT | KEEP),
        vector(design, Command.RESET_STATE),
        vector(design, Command.STATE_READ, out=0 * state),
    ]


def run_output_beats(image, expected, lengths, state=True):
    """The beats that the kernel writes for a result: every wave's h, then the state if wanted."""
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
        if state:
            ends = [[a[b : b + 1] for a in values] for values in (expected.h, expected.c)]
            rows.append(buffers.pack_state(image, *ends)[0])
    return np.concatenate(rows)


def report_beat(run, saturated):
    """The last beat of a RUN, (1, 16)."""
    words = (run, *(saturated[kind] for kind in ("p", "pre", "c")))
    return np.array([words], "<u4").view(np.uint8)


def numbered(made):
    """The same vectors; the reports of the RUNs that are done carry their numbers."""
    run = 0
    for v in made:
        if v.command == Command.RUN and v.results.status == 0:
            run += 1
            v.expected[-1, :4] = np.array([run], "<u4").view(np.uint8)
    return made


def h_beats(image, h):
    """The h of one wave, (beats, 16): the state's beats without those of c."""
    design = image.design
    state = buffers.pack_state(image, h, [0 * a for a in h])[0]
    tiles = state.reshape(-1, design.h_beats + design.c_beats, 16)
    return tiles[:, : design.h_beats].reshape(-1, 16)


def images(design, rng):
    """Packed random plans that fit the design, without end."""
    make, bits = MODELS[design.engine]
    bits = {name: min(getattr(design, name), most) for name, most in bits.items()}
    size = min(design.max_hidden, 48)
    while True:
        try:
            yield pack(random_plan(rng, bits, size, design.u_tile, make), design)
        except (CapacityError, PlanError):  # too large, or added sources that do not align
            continue


def make(design, cases, seed):
    """Vectors of every command, then of `cases` runs of random plans, RUNS or fewer of each."""
    rng = np.random.default_rng(seed)
    packed = images(design, rng)
    made = command_vectors(design, rng, next(packed))
    for case in range(cases):
        if case % RUNS == 0:
            image = next(packed)
            made.append(vector(design, Command.LOAD, image.beats))
        made.append(run_vector(design, image, random_arguments(rng, image.plan)))
    return numbered(made)


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
