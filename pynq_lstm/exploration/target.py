"""The device that designs are made for, and the clock."""

from dataclasses import dataclass
from numbers import Real

from pynq_lstm.accelerator import design_checks
from pynq_lstm.accelerator.devices.device import KINDS, ULTRASCALE, Device
from pynq_lstm.errors import DesignError


@dataclass(frozen=True)
class Target:
    """What a design has room for.

    Attributes
    ----------
    device : Device
    clock_mhz : int
    """

    device: Device
    clock_mhz: int

    @classmethod
    def of(cls, device, clock_mhz=None):
        """A device by its name, or one that is described.

        Parameters
        ----------
        device : str, path or Device
        clock_mhz : int, optional
            A whole number of any type. Default: that of the device.

        Raises
        ------
        DesignError
            An unknown device, one of another family than the kernels are modelled on, or a clock
            that no design may have.
        """
        device = Device.of(device)
        if device.family != ULTRASCALE:
            raise DesignError(
                "device", device.name, "no kernel is modelled on it", "choose an UltraScale+ device"
            )
        if clock_mhz is None:
            clock_mhz = device.clock_mhz
        allowed = design_checks.RANGES["clock_mhz"]
        highest = min(allowed[-1], device.highest_clock_mhz)
        number = isinstance(clock_mhz, Real) and not isinstance(clock_mhz, bool)
        # a range holds 150.0 as it holds 150; neither 2.5 nor nan
        if not number or clock_mhz not in allowed or clock_mhz > highest:
            problem = f"no clock of designs for {device.name}"
            remedy = f"pass a whole number, {allowed[0]} to {highest}"
            raise DesignError("clock_mhz", clock_mhz, problem, remedy)
        return cls(device, int(clock_mhz))

    @classmethod
    def to_explore(cls, device, clock_mhz=None):
        """As `of`, of devices that some design may fit.

        Raises
        ------
        DesignError
            As `of`, or a device without the UltraRAM that the kernels store weights in.
        """
        found = cls.of(device, clock_mhz)
        if not found.device.uram:
            problem = "no design fits: the kernels store weights of the input part in UltraRAM"
            remedy = "choose a device that has some, such as kv260 or zcu104"
            raise DesignError("device", found.device.name, problem, remedy)
        return found

    @property
    def part(self):
        """In full, as a design.json names it."""
        return self.device.part

    @property
    def available(self):
        """Counts by the names of `KINDS`."""
        return self.device.available

    def holds(self, used):
        """Whether `resources.Resources` fit; of a range its upper end."""
        return all(most(used, kind) <= self.available[kind] for kind in KINDS)


def most(used, kind):
    """What a design takes of a kind; of a range the upper end."""
    value = getattr(used, kind)
    return value[1] if isinstance(value, tuple) else value
