"""The sections of the SVD engine: records of every unit, each list stored once."""

from dataclasses import dataclass

import numpy as np

from pynq_lstm.accelerator.packing import records
from pynq_lstm.accelerator.packing.u_schedule import USchedule
from pynq_lstm.accelerator.packing.v_schedule import VSchedule
from pynq_lstm.model import PARTS

UNITS = "usv"


@dataclass(frozen=True, eq=False)
class PartProgram:
    """One part of a program: where its records are, and their schedule.

    Attributes
    ----------
    components : int
        Components that are computed.
    u_start, s_start, v_start : int
        First records.
    u : USchedule
    v : VSchedule
    """

    components: int
    u_start: int
    s_start: int
    v_start: int
    u: USchedule
    v: VSchedule


class Sections:
    """Gathers records; those that programs or pairs share are stored once.

    Parameters
    ----------
    plan : Plan
    design : Design
    """

    def __init__(self, plan, design):
        self._plan, self._design = plan, design
        self._stored = {(side, unit): [] for side in PARTS for unit in UNITS}
        self._starts = {}

    def add(self, pair, words, prefix):
        """Store what a pair needs of one part.

        Parameters
        ----------
        pair : int
        words : PartWords
        prefix : int

        Returns
        -------
        PartProgram
        """
        made, own = words.of(prefix), words.components
        part, side = getattr(self._design, words.side), words.side
        u = self._store(side, "u", made, lambda: records.u_records(made.u, own.u, part))
        v = self._store(side, "v", made, lambda: records.v_records(made.u, made.v, own.v, part))
        s = self._store(
            side,
            "s",
            (made, pair),
            lambda: records.s_records(made.u, self._s(pair, side, own), own.refinement, part),
        )
        return PartProgram(made.components, u, s, v, made.u, made.v)

    def in_order(self):
        """The sections of the units in the order of the page, (records, beats, 16) each."""
        return [np.concatenate(self._stored[side, unit]) for side in PARTS for unit in UNITS]

    def _store(self, side, unit, key, make):
        key = side, unit, key
        if key not in self._starts:
            stored = self._stored[side, unit]
            self._starts[key] = sum(len(rows) for rows in stored)
            stored.append(make())
        return self._starts[key]

    def _s(self, pair, side, components):
        """s of both lanes, (components, lanes) int16; zero for an empty one."""
        pair = self._plan.pairs[pair]
        s = getattr(pair.model, side).s[components.source]
        return np.stack([s[:, j] if j is not None else 0 * s[:, 0] for j in pair.members], axis=1)
