"""The device that designs are made for, and the clock."""

from dataclasses import dataclass
from typing import Mapping

from pynq_lstm.accelerator import design_checks, resources
from pynq_lstm.errors import DesignError

KINDS = ("dsp", "bram36", "uram", "lutram", "lut", "ff")
_KNOWN = {"zcu104": ("xczu7ev-ffvc1156-2-e", 200)}  # part, and clock in MHz


@dataclass(frozen=True)
class Target:
    """What a design has room for.

    Attributes
    ----------
    name, part : str
        Of the device.
    clock_mhz : int
    available : mapping
        By `KINDS`.
    """

    name: str
    part: str
    clock_mhz: int
    available: Mapping

    @classmethod
    def of(cls, device, clock_mhz=None):
        """A device by its name.

        Parameters
        ----------
        device : str
        clock_mhz : int, optional
            Default: that of the device.

        Raises
        ------
        DesignError
            An unknown device, or a clock that no design may have.
        """
        if not isinstance(device, str) or device not in _KNOWN:
            raise DesignError("device", device, "unknown", f"choose from {sorted(_KNOWN)}")
        part, clock = _KNOWN[device]
        if clock_mhz is not None:
            allowed, clock = design_checks.RANGES["clock_mhz"], clock_mhz
            whole = isinstance(clock, int) and not isinstance(clock, bool)
            if not whole or clock not in allowed:
                raise DesignError(
                    "clock_mhz", clock, "no clock", f"pass {allowed[0]} to {allowed[-1]}"
                )
        return cls(device, part, clock, resources.PARTS[part.split("-")[0]])

    def holds(self, used):
        """Whether `resources.Resources` fit; of a range its upper end."""
        return all(most(used, kind) <= self.available[kind] for kind in KINDS)


def most(used, kind):
    """What a design takes of a kind; of a range the upper end."""
    value = getattr(used, kind)
    return value[1] if isinstance(value, tuple) else value
