# SPDX-License-Identifier: Apache-2.0
"""Resources of the programmable logic, in the units that Vivado counts in."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Resources:
    """How much of each kind.

    Attributes
    ----------
    lut, ff, dsp, uram : int
    bram36 : float
        Block RAMs of 36 Kbit; a half is one of 18 Kbit.
    """

    lut: int
    ff: int
    dsp: int
    bram36: float
    uram: int


@dataclass(frozen=True)
class Use:
    """Used and available of one kind."""

    used: float
    available: float

    @property
    def share(self):
        """Used part of what is there; 0 where there is none."""
        return self.used / self.available if self.available else 0.0
