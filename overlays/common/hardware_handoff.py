# SPDX-License-Identifier: Apache-2.0
"""What a .hwh says of one IP: name, address, registers. It is the file that pynq reads too."""

import re
from xml.etree import ElementTree

from pynq_lstm.accelerator.registers import plain_name
from pynq_lstm.errors import PynqLstmError
from pynq_lstm.runtime.fpga.manifest import Peripheral


class HandoffError(PynqLstmError, ValueError):
    """A .hwh or a _hw.h that lacks something, or two that disagree."""


def read_hwh(path):
    """The device of a .hwh and its IPs that have an address.

    Parameters
    ----------
    path : path

    Returns
    -------
    tuple of dict, dict of str to Peripheral
        The attributes of SYSTEMINFO; the IPs by instance.

    Raises
    ------
    HandoffError
    """
    try:
        root = ElementTree.parse(path).getroot()
    except (OSError, ElementTree.ParseError) as error:
        raise HandoffError("hwh", str(path), str(error), "build the bitstream again") from None
    system = root.find("SYSTEMINFO")
    if system is None or root.tag != "EDKSYSTEM":
        raise HandoffError("hwh", root.tag, "no SYSTEMINFO in it", "name Vivado's .hwh")
    modules = {node.get("INSTANCE"): node for node in root.iterfind("MODULES/MODULE")}
    ranges = {}
    for node in root.iterfind("MODULES/MODULE/MEMORYMAP/MEMRANGE"):
        if node.get("MEMTYPE") == "REGISTER":
            low, high = (int(node.get(key), 16) for key in ("BASEVALUE", "HIGHVALUE"))
            ranges.setdefault(node.get("INSTANCE"), (low, high - low + 1))
    return system.attrib, {
        name: Peripheral(name, modules[name].get("VLNV"), *where, _registers(modules[name]))
        for name, where in ranges.items()
        if name in modules
    }


def _registers(module):
    registers = {}
    for node in module.iterfind(".//REGISTERS/REGISTER"):
        for entry in node.iterfind("PROPERTY"):
            if entry.get("NAME") == "ADDRESS_OFFSET":
                registers[plain_name(node.get("NAME"))] = int(entry.get("VALUE"), 0)
    return registers


def read_driver_header(path):
    """Offsets of data registers from the _hw.h that Vitis HLS writes beside the IP.

    Returns
    -------
    dict of str to (int, int)
        Offset and bits by name, lower case, reserved words as in `plain_name`.
    """
    text = path.read_text()
    found = {}
    for name, offset in re.findall(r"^#define X\w+?_CONTROL_ADDR_(\w+)_DATA +(0x\w+)", text, re.M):
        bits = re.search(rf"_CONTROL_BITS_{name}_DATA +(\d+)", text)
        found[plain_name(name.lower())] = (int(offset, 16), int(bits[1]) if bits else 32)
    return found


def check_driver_header(path, registers):
    """Refuse a _hw.h that is not of the kernel in the .hwh.

    Raises
    ------
    HandoffError
    """
    for name, (offset, bits) in read_driver_header(path).items():
        there = registers.get(f"{name}_1" if bits == 64 else name)
        if there != offset:
            raise HandoffError(
                f"register {name}",
                there,
                f"not the offset {offset:#x} of {path.name}",
                "build the bitstream again, from this IP",
            )
