"""The calls of a wave, and how they wait for those of the wave before."""

from itertools import count

from pynq_lstm.accelerator.timing.block_step import BlockStep
from pynq_lstm.accelerator.timing.max_plus import NEVER, Edge
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
    before : sequence of Call, optional
        Of the wave before; default: steps as well.

    Returns
    -------
    list of Step
        One for each pair.
    """
    step = STEPS[image.design.engine]
    made = [step(image, k, latencies, refinements) for k in range(len(image.pairs))]
    depths = {"input": 2 * image.design.max_h_tiles, "hidden": HIDDEN_SUMS_DEPTH}
    for call in made:
        call.connect(before or made)
        for side in PARTS:
            _hold_back(made, call, side, depths[side])
    return made


def _hold_back(calls, call, side, depth):
    """Let a part wait for slots in the FIFO of its sums, which sigma reads."""
    process, label = (name.format(side) for name in call.words)
    read = (
        (n, calls[(call.pair - n) % len(calls)].loops["sigma_unit", "step_tiles"].starts)
        for n in count()
    )
    found = slots(len(call.tiles), depth, read)
    words = call.loops[process, label]
    words = held_back(call.latencies, words, call.lasts[side], found)
    call.loops[process, label] = words
    call.end(process, words.end)


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
