"""Energies of operations and accesses, from published tables; docs/accelerator_energy.md.

    45 nm      M. Horowitz, "Computing's energy problem (and what we can do about it)", ISSCC 2014
    7 nm       N. Jouppi et al., "Ten lessons from three generations shaped Google's TPUv4i",
               ISCA 2021, Table 2
    fabric     I. Kuon, J. Rose, "Measuring the gap between FPGAs and ASICs", IEEE TCAD 26(2),
               2007: dynamic power of an FPGA over that of an ASIC, both of 90 nm
    clocks     L. Shang, A. Kaviani, K. Bathala, "Dynamic power consumption in Virtex-II FPGA
               family", FPGA 2002: 14 %; T. Tuan et al., "A 90-nm low-power FPGA for
               battery-powered applications", IEEE TCAD 26(2), 2007: 19 % in a Spartan-3
    static     report_power of Vivado 2023.1 for a design on the ZCU104, 28.6 degrees Celsius:
               github.com/arthurmlima/cryptolmap, README

The XCZU7EV is of 16 nm, between the two tables: they are `LOW` and `HIGH`, and `NOMINAL` is their
geometric mean. Nothing was measured on it. The figures of 7 nm and of the Spartan-3 are cited
without having been read again at their source.
"""

import math
from dataclasses import asdict, dataclass
from numbers import Real

from pynq_lstm.errors import InputError


@dataclass(frozen=True)
class EnergyConstants:
    """What the model of energy multiplies counts with.

    Raises
    ------
    InputError
        A value that is no finite number, or out of range.

    Attributes
    ----------
    product : float
        pJ of a product, for each bit of one factor and each bit of the other one.
    sum : float
        pJ of a sum, for each of its bits.
    small_memory, large_memory : float
        pJ of an access, for each bit: to memories of 8 KB (block RAM, LUTs) and 32 KB (UltraRAM).
    dram : float
        pJ of a bit of the board's memory.
    fabric_dsp, fabric_lut : float
        What an operation takes in an FPGA over what it takes in an ASIC: in hard blocks and the
        logic around them, and in logic alone.
    clock_share : float
        Of the clocks in the dynamic power of a part that is at work, 0 to less than 1.
    static : float
        W, of the whole device.
    """

    product: float
    sum: float
    small_memory: float
    large_memory: float
    dram: float
    fabric_dsp: float
    fabric_lut: float
    clock_share: float
    static: float

    def __post_init__(self):
        for name, value in asdict(self).items():
            number = isinstance(value, Real) and not isinstance(value, bool)
            if not number or not math.isfinite(value) or value < 0:
                problem, remedy = "not a finite number, 0 or more", "pass what was published"
                raise InputError(f"constants.{name}", value, problem, remedy)
        if self.clock_share >= 1:
            problem = "not a share of the dynamic power"
            raise InputError("constants.clock_share", self.clock_share, problem, "pass less than 1")

    def memory(self, implementation):
        """pJ a bit of an access to a memory; one of `memories.IMPLEMENTATIONS`."""
        return self.large_memory if implementation == "uram" else self.small_memory


FABRIC = {"fabric_dsp": 7.1, "fabric_lut": 14.0, "static": 0.694}
LOW = EnergyConstants(
    product=0.07 / 8**2,
    sum=0.03 / 32,
    small_memory=7.5 / 64,
    large_memory=8.5 / 64,
    dram=1300 / 64,
    clock_share=0.14,
    **FABRIC,
)
HIGH = EnergyConstants(
    product=0.2 / 8**2,
    sum=0.1 / 32,
    small_memory=10 / 64,
    large_memory=20 / 64,
    dram=2600 / 64,
    clock_share=0.19,
    **FABRIC,
)
NOMINAL = EnergyConstants(
    **{name: math.sqrt(low * getattr(HIGH, name)) for name, low in asdict(LOW).items()}
)
