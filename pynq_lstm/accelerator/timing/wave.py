"""The calls of a wave, and how they wait for those of the wave before."""

from itertools import count

from pynq_lstm.accelerator.timing.block_step import BlockStep
from pynq_lstm.accelerator.timing.kept import Kept
from pynq_lstm.accelerator.timing.max_plus import NEVER, Edge, at
from pynq_lstm.accelerator.timing.pipeline import held_back, slots
from pynq_lstm.accelerator.timing.step import HIDDEN_SUMS_DEPTH
from pynq_lstm.accelerator.timing.svd_step import SvdStep
from pynq_lstm.model import PARTS

STEPS = {"svd": SvdStep, "block_diagonal": BlockStep}


def steps(image, refinements, latencies, before=None):
    """The calls of a wave.

    Parameters
    ----------
    image : Image
    refinements : int
    latencies : Latencies
    before : tuple of Call, optional
        Of the wave before; default: steps as well.

    Returns
    -------
    tuple of Step
        One for each pair. Whoever asks again may get the same ones: they stay as they are.
    """
    asked = image, _equal_prefix(image, refinements), latencies, before
    return Kept.of(image).result(_steps, *asked)


def _equal_prefix(image, refinements):
    """The prefix of a program for which every pair takes the program that it takes for this."""
    prefixes = sorted({program.prefix for program in image.programs})
    return next((own for own in prefixes if own >= refinements), prefixes[-1])


def _steps(image, refinements, latencies, before):
    step = STEPS[image.design.engine]
    made = [step(image, k, latencies, refinements) for k in range(len(image.pairs))]
    for call in made:
        call.connect(before or made)
    for fifo, depth in _fifos(image.design).items():
        for call in made:
            _hold_back(made, call, fifo, depth)
    return tuple(made)


def _fifos(design):
    """Depths by FIFO, as in waves.h; those that are read first come last."""
    depths = {"input_sums": 2 * design.max_h_tiles, "hidden_sums": HIDDEN_SUMS_DEPTH}
    if design.engine == "svd":
        depths.update({f"{side}_ps": design.max_slots for side in PARTS})
        depths.update({f"{side}_dots": design.max_slots for side in PARTS})
        depths["h"] = design.max_h_tiles
    return {**depths, "x": 2 * design.max_x_tiles, "x_external": 2 * design.max_x_tiles}


def _hold_back(calls, call, fifo, depth):
    """Let what writes to a FIFO wait for slots in it."""
    writer, iterations = call.writes[fifo]
    if len(iterations):
        reads = ((n, _reads(calls[(call.pair - n) % len(calls)], fifo)) for n in count())
        found = slots(len(iterations), depth, reads)
        loop = held_back(call.latencies, call.loops[writer], iterations, found)
        call.loops[writer] = loop
        call.ended(writer[0], loop.end)


def _reads(call, fifo):
    reader, iterations = call.reads[fifo]
    return at(call.loops[reader].starts, iterations)


def earlier(pair, calls_before, pairs):
    """Pair of a call some calls before that of a pair, and how many waves before it is."""
    waves, other = divmod(pair - calls_before, pairs)
    return other, -waves


def edges(calls):
    """Events of steps, named (name, pair), as they wait for one another."""
    made = []
    for k, call in enumerate(calls):
        for name, form in call.events.items():
            for (source, before), cycles in form.items():
                if cycles > NEVER:
                    pair, waves = earlier(k, before, len(calls))
                    made.append(Edge((source, pair), (name, k), float(cycles), waves))
    return made
