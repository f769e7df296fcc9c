"""What the multipliers of the units do in a wave."""

from dataclasses import dataclass

import numpy as np

from pynq_lstm.accelerator.design import GATES, LANES
from pynq_lstm.accelerator.timing.wave import earlier
from pynq_lstm.block_mask import present_elements
from pynq_lstm.model import PARTS


@dataclass(frozen=True)
class Unit:
    """A U or V unit, or a block-diagonal part.

    Attributes
    ----------
    words : int
        Of its lists, of all pairs.
    macs : int
        Multiplications of tiles that are present, for LSTMs that are.
    macs_a_cycle : int
        Those of all lanes, for all LSTMs of a pair.
    in_progress : float
        Cycles from the first word to the last one of a list, with waits in between, of all pairs.
    """

    words: int
    macs: int
    macs_a_cycle: int
    in_progress: float

    @property
    def utilisation(self):
        """Share of its multipliers at work while a list is in progress."""
        return self.macs / (self.macs_a_cycle * self.in_progress)


def units(calls, pace):
    """The units.

    Parameters
    ----------
    calls : list of Step
    pace : Pace
        That of the calls.

    Returns
    -------
    dict of str to Unit
        input_u, input_v, hidden_u, hidden_v; of the block-diagonal engine input_part and
        hidden_part.
    """
    if calls[0].image.design.engine == "block_diagonal":
        return {f"{side}_part": _part(calls, pace, side) for side in PARTS}
    return {f"{side}_{unit}": _unit(calls, pace, side, unit) for side in PARTS for unit in "uv"}


def _unit(calls, pace, side, unit):
    design = calls[0].image.design
    part, lists = getattr(design, side), [getattr(getattr(c.program, side), unit) for c in calls]
    lanes = part.u_lanes if unit == "u" else GATES * part.v_lanes
    tile = design.u_tile if unit == "u" else design.v_tile
    present = [len(call.image.plan.pairs[call.pair].lanes) for call in calls]
    return Unit(
        words=sum(own.words for own in lists),
        macs=tile * sum(len(own.word) * lstms for own, lstms in zip(lists, present)),
        macs_a_cycle=LANES * lanes * tile,
        in_progress=sum(
            _span(call.loops[f"{side}_{unit}", f"{unit}_words"], call.pair, len(calls), pace)
            for call in calls
        ),
    )


def _part(calls, pace, side):
    macs = 0
    for call in calls:
        pair = call.image.plan.pairs[call.pair]
        j, rank = pair.members[0], getattr(pair.model, side).rank
        columns = getattr(pair.model, side).w[j].shape[1]
        macs += GATES * present_elements(pair.hidden, columns, rank)
    return Unit(
        words=sum(getattr(call.program, side).words for call in calls),
        macs=macs,
        macs_a_cycle=calls[0].image.design.multiplier_count,
        in_progress=sum(
            _span(call.loops[f"{side}_part", "multiply_words"], call.pair, len(calls), pace)
            for call in calls
        ),
    )


def _span(loop, pair, pairs, pace):
    """Cycles from the first to the last iteration of a loop in steady state."""
    times = []
    for (name, before), offset in loop.starts.items():
        other, waves = earlier(pair, before, pairs)
        times.append(pace.times[name, other] - waves * pace.period + offset[[0, -1]])
    first, last = np.max(times, axis=0)
    return float(last - first + 1)
