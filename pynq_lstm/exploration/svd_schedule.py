"""Cycles of a wave on the SVD engine from the lists as they are packed, of chosen lanes.

The same sums as in `svd_bounds`, with the words that `packing.u_schedule` finds.
"""

import numpy as np

from pynq_lstm.accelerator.design import LANES
from pynq_lstm.accelerator.design_common import BEAT
from pynq_lstm.accelerator.packing import u_schedule
from pynq_lstm.exploration.overheads import overheads
from pynq_lstm.exploration.svd_space import TAKE_DISTANCE
from pynq_lstm.tiles import tile_count


class Schedules:
    """Of the parts of a model's pairs, made when they are first asked for.

    Parameters
    ----------
    lists : list of dict of str to lists.Lists
        Of every pair.
    u_tile, activation_bits : int
    """

    def __init__(self, lists, u_tile, activation_bits):
        self._lists, self._made = lists, {}
        self._input_pace = LANES * tile_count(u_tile * (activation_bits // 8), BEAT)

    def cycles(self, side, u_lanes, v_lanes):
        """What one part asks for with so many lanes."""
        over, found, busy = overheads("svd"), 0, [0, 0]
        for own in self._lists:
            one = own[side]
            positions = np.maximum(-(-one.v[-1] // v_lanes), 1)
            pace = self._input_pace if side == "input" else 2 * int(positions.max())
            u, last = self._u(one, u_lanes, pace), positions.cumsum()
            busy[0] += u.words + u.slots + over.u
            busy[1] += int(last[-1]) + u.slots + over.v
            if side == "hidden":
                tile = np.minimum(2 * np.arange(one.tiles) + 1, len(last) - 1)
                turn = int((last[tile] - 1 + u.words - u.takes).max()) + u.slots
                found = max(found, turn + over.feedback)
        return float(max(*busy, found))

    def _u(self, one, lanes, pace):
        key = id(one), lanes, pace
        if key not in self._made:
            present = one.components.u.any(axis=2)
            self._made[key] = u_schedule.schedule(present, lanes, TAKE_DISTANCE, pace)
        return self._made[key]
