"""Registers, addresses and names of an overlay, as Vitis HLS and the block design lay them out.

`overlays/README.md` says where things are, `docs/accelerator_image.md` what they mean. A driver
takes offsets from an overlay's own .hwh; the tests hold this table to a .hwh and to a driver
header of the tool. The emulator's .hwh is made from it.
"""

import re
from dataclasses import dataclass
from typing import Tuple

VENDOR, LIBRARY = "pynq-lstm", "hls"
COUNTER_INSTANCE = "cycle_counter_0"
KERNEL_BASE, KERNEL_RANGE = 0xA000_0000, 64 << 10  # bytes
COUNTER_BASE, COUNTER_RANGE = 0xA001_0000, 4 << 10
COUNTER_VLNV = "xilinx.com:module_ref:cycle_counter:1.0"
COUNTER_ID = 0x4C435943  # "CYCL"
RESET_GPIO = 0  # bit of the EMIO GPIO; 1 resets the kernel
INTERRUPT_LINE = 121  # of the interrupt controller: pl_ps_irq0[0]

START, DONE, IDLE, READY, RESTART = 1, 2, 4, 8, 128  # bits of CTRL

# docs/accelerator_image.md, section 1; a driver cannot do without them
REQUIRED = (
    *("CTRL", "GIER", "IP_IER", "IP_ISR", "command", "sequences", "refinements", "state"),
    *("in_1", "in_2", "in_beats", "out_1", "out_2", "out_beats", "status", "detail", "magic"),
    *("version", "hash_low", "hash_high", "steps", "u_words", "v_words", "clipped_p"),
    *("clipped_pre", "clipped_c", "written"),
)


@dataclass(frozen=True)
class Field:
    """Bits of a register.

    Attributes
    ----------
    name : str
    bit, width : int
    access : str
        "read-write", "read-only" or "write-only".
    """

    name: str
    bit: int
    width: int
    access: str


@dataclass(frozen=True)
class Register:
    """A word of the kernel's register port.

    Attributes
    ----------
    name : str
        The tool's; `plain_name` is what the driver calls it.
    offset : int
        Bytes from the base.
    access : str
        As in `Field`.
    fields : tuple of Field
    """

    name: str
    offset: int
    access: str
    fields: Tuple[Field, ...] = ()


def plain_name(name):
    """A register's name without the ``_r`` of reserved words: ``in_r_1`` is ``in_1``."""
    return re.sub(r"_r(?=$|_1$|_2$|_ctrl$)", "", name)


def kernel_instance(design):
    """Name of a design's kernel in the block design."""
    return f"{design.kernel}_0"


def vlnv(design):
    """Vendor, library, name and version of a design's kernel in Vivado's catalogue."""
    return f"{VENDOR}:{LIBRARY}:{design.name}:{design.version}.0"


def _control():
    """ap_ctrl_hs."""
    bits = (("AP_START", 0), ("AP_DONE", 1), ("AP_IDLE", 2), ("AP_READY", 3), ("AUTO_RESTART", 7))
    written = ("AP_START", "AUTO_RESTART")
    yield Register(
        "CTRL",
        0x00,
        "read-write",
        tuple(Field(n, bit, 1, "read-write" if n in written else "read-only") for n, bit in bits),
    )
    both = [("CHAN0_INT", 0), ("CHAN1_INT", 1)]  # done, ready
    yield Register("GIER", 0x04, "read-write", (Field("Enable", 0, 1, "read-write"),))
    for name, offset, end in (("IP_IER", 0x08, "_EN"), ("IP_ISR", 0x0C, "_ST")):
        fields = tuple(Field(chan + end, bit, 1, "read-write") for chan, bit in both)
        yield Register(name, offset, "read-write", fields)


def _arguments():
    """Inputs from 0x10, a word each and one between them; two words a pointer; then outputs."""
    offset, outputs = 0x10, REQUIRED.index("status")
    for name in REQUIRED[REQUIRED.index("command") : outputs]:
        tool = re.sub(r"^(in|out)(?=_[12]$)", r"\1_r", name)  # reserved words
        yield Register(tool, offset, "read-write")
        offset += 4 if name.endswith("_1") else 8
    for name in REQUIRED[outputs:]:
        yield Register(name, offset, "read-only")
        yield Register(f"{name}_ctrl", offset + 4, "read-only")  # ap_vld
        offset += 16


KERNEL_REGISTERS = (*_control(), *_arguments())
OFFSETS = {plain_name(register.name): register.offset for register in KERNEL_REGISTERS}
