"""The roofline of a device: attainable performance against operations for each byte of memory.

An operation is a product or a sum, two for each multiply-accumulate; bytes are those from and to
the board's memory. Operations are counted in two ways, and every point states both:

    effective   those that the *dense* network of the same sizes has, skipped ones included: what
                designs of different compression are compared by, and what papers often quote
    executed    those that are carried out

S. Williams, A. Waterman, D. Patterson, "Roofline: an insightful visual performance model for
multicore architectures", CACM 52(4), 2009. Equations: docs/models.md.
"""

from dataclasses import asdict, dataclass
from numbers import Real
from typing import Optional

from pynq_lstm.accelerator import leaf_blocks as leaf
from pynq_lstm.accelerator.devices import Device
from pynq_lstm.errors import InputError

GIGA = 1e9
OPERATIONS = 2  # of a multiply-accumulate
LUT_SHARE = 0.7  # of the LUTs that products of LUTs may take; a usual limit for timing
ROWS = {4: leaf.ROW_4, 8: leaf.ROW_8}  # by the bits of weights; operands have 8


@dataclass(frozen=True)
class Roof:
    """What a device attains at most.

    Attributes
    ----------
    device : str
    clock_mhz : float
    bits : int
        Of the wider factor of a product.
    compute : float
        GOPS of all multiplier blocks, executed operations.
    logic : float or None
        GOPS of products in LUTs alone, by the synthesis of the leaf blocks; None for widths and
        families without one.
    memory : float
        GB/s of the board's memory that are reckoned with.
    peak_memory : float
        GB/s, its peak.
    """

    device: str
    clock_mhz: float
    bits: int
    compute: float
    logic: Optional[float]
    memory: float
    peak_memory: float

    @property
    def ridge(self):
        """Operations a byte from which on computing is the limit."""
        return self.compute / self.memory

    def attainable(self, intensity, skipped=1.0):
        """As the function of the same name."""
        return attainable(self, intensity, skipped)

    def as_dict(self):
        """For JSON, the ridge included."""
        return {**asdict(self), "ridge": self.ridge}


def roof(device, clock_mhz=None, bits=8, dsp=None):
    """The roof of a device.

    Parameters
    ----------
    device : str, path or Device
    clock_mhz : float, optional
        Default: the device's.
    bits : int
        Of the wider factor of a product, 1 to 16.
    dsp : int, optional
        Multiplier blocks that may be used. Default: all.

    Returns
    -------
    Roof

    Raises
    ------
    DesignError
        An unknown device, or a width that it does not multiply.
    InputError
        A clock that is not positive, or more blocks than there are.
    """
    device = Device.of(device)
    clock = positive("clock_mhz", device.clock_mhz if clock_mhz is None else clock_mhz)
    blocks = device.dsp if dsp is None else positive("dsp", dsp)
    if blocks > device.dsp:
        problem = f"more than the {device.dsp} of {device.name}"
        raise InputError("dsp", dsp, problem, "pass as many or fewer")
    row = ROWS.get(bits) if device.family == "ultrascale+" else None
    in_luts = None
    if row is not None:
        in_luts = gops(LUT_SHARE * device.lut * leaf.ROW_COLUMNS / row.lut, 1 / clock)
    return Roof(
        device=device.name,
        clock_mhz=clock,
        bits=bits,
        compute=gops(blocks * device.products(bits), 1 / clock),
        logic=in_luts,
        memory=device.usable_bytes_a_second / GIGA,
        peak_memory=device.memory_bytes_a_second / GIGA,
    )


def attainable(roof, intensity, skipped=1.0):
    """GOPS that a design attains at most.

    Parameters
    ----------
    roof : Roof
    intensity : float
        Operations a byte of the board's memory.
    skipped : float
        Effective operations for each executed one, 1 or more. Then `intensity` and what is
        returned are effective: the roof of computing rises with what is skipped, that of the
        memory stays. Default: `intensity` is of executed operations, or nothing is skipped.

    Returns
    -------
    float

    Raises
    ------
    InputError
        A number that is not positive.
    """
    intensity = positive("intensity", intensity)
    return min(roof.compute * positive("skipped", skipped), roof.memory * intensity)


def gops(macs, microseconds):
    """GOPS of so many multiply-accumulates in so many microseconds."""
    return OPERATIONS * macs / microseconds / 1000


def dense_macs(sizes):
    """Multiply-accumulates of a step of dense LSTMs.

    Parameters
    ----------
    sizes : iterable of (int, int)
        Inputs and hidden units of each.
    """
    return sum(4 * hidden * (inputs + hidden) for inputs, hidden in sizes)


def positive(field, value):
    """`value` if it is a finite positive number; raises `InputError`."""
    number = isinstance(value, Real) and not isinstance(value, bool)
    if not number or not 0 < value < float("inf"):
        raise InputError(field, value, "not a positive number", "pass one")
    return value
