"""Device: what a board's FPGA, its memory and its processor have, read from a data file."""

import os
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Mapping

from pynq_lstm.accelerator.devices.checks import (
    FAMILIES,
    check_fields,
    check_keys,
    parse,
    refuse,
)

FOLDER = Path(__file__).parent
NAMES = ("zcu104", "ultra96", "kv260", "arria10")
ULTRASCALE = FAMILIES[0]
KINDS = ("dsp", "bram36", "uram", "lutram", "lut", "ff")  # of resources
BRAM_BITS, URAM_BITS = 36 * 1024, 288 * 1024


@dataclass(frozen=True)
class Device:
    """What designs are modelled for; every number has a source.

    Raises
    ------
    DesignError
        A field that is missing, unknown, of a wrong type or out of range, or without a source;
        the field, its value, a remedy.

    Attributes
    ----------
    name, board : str
    part : str
        In full, as a design.json names it.
    family : str
        "ultrascale+" or "arria10": whose blocks the counts are of.
    process_nm : int
    dsp : int
        Multiplier blocks.
    bram36, uram : int
        Memories of 36 Kbit and of 288 Kbit; of another family, as many as hold its bits.
    lutram, lut, ff : int
        LUTs that can store 64 bits, all LUTs, flip-flops.
    wide_bits, narrow_bits : int
        Signed factors that one multiplier of a block takes.
    products_16, products_8, products_4 : int
        Products a block and cycle whose factors both have so many bits, packed.
    memory_bytes_a_second : float
        Peak of the board's memory.
    memory_share : float
        Of the peak that is reckoned with, more than 0 to 1.
    clock_mhz, highest_clock_mhz : int
        Where nothing else is asked for, and the highest that is explored.
    host : str
        The processor that software runs on; "none" where the board has none.
    host_cores, host_mhz : int
        0 where there is none.
    sources : mapping of str to str
        Of every number above, by its name.
    """

    name: str
    board: str
    part: str
    family: str
    process_nm: int
    dsp: int
    bram36: int
    uram: int
    lutram: int
    lut: int
    ff: int
    wide_bits: int
    narrow_bits: int
    products_16: int
    products_8: int
    products_4: int
    memory_bytes_a_second: float
    memory_share: float
    clock_mhz: int
    highest_clock_mhz: int
    host: str
    host_cores: int
    host_mhz: int
    sources: Mapping[str, str] = field(compare=False, repr=False)

    def __post_init__(self):
        check_fields(self)

    @classmethod
    def of(cls, device):
        """A device by its name, from a file, or as it is.

        Parameters
        ----------
        device : str, os.PathLike or Device
            One of `NAMES`, or the path of a JSON file with the fields of this class.

        Returns
        -------
        Device

        Raises
        ------
        DesignError
            An unknown name, a file that cannot be read, or one that describes no device.
        """
        if isinstance(device, cls):
            return device
        if not isinstance(device, (str, os.PathLike)):
            problem = "neither a name, a path nor a Device"
            refuse("", device, problem, f"pass one of {', '.join(NAMES)}, or a path")
        if device in NAMES:
            return _shipped(device)
        try:
            text = Path(device).read_bytes()
        except (OSError, ValueError) as error:
            problem = f"no known device, and no file that can be read ({type(error).__name__})"
            refuse("", str(device), problem, f"pass one of {', '.join(NAMES)}, or a path")
        return cls.from_json(text)

    @classmethod
    def from_json(cls, text):
        """Read a description; every field must be there, and no other.

        Parameters
        ----------
        text : str or bytes

        Returns
        -------
        Device

        Raises
        ------
        DesignError
        """
        values = parse(text)
        check_keys(values, [f.name for f in fields(cls)])
        return cls(**values)

    @classmethod
    def of_part(cls, part):
        """The device whose FPGA a part is; package, speed and temperature may differ.

        Parameters
        ----------
        part : str
            As a design.json names it.

        Returns
        -------
        Device

        Raises
        ------
        DesignError
            A part that no description here has.
        """
        known = [cls.of(name) for name in NAMES]
        die = part.split("-")[0] if isinstance(part, str) else None
        found = next((one for one in known if one.die == die), None)
        if found is None:
            dies = ", ".join(one.die for one in known)
            refuse("part", part, "the sizes of this part are not known", f"known are {dies}")
        return found

    @property
    def die(self):
        """Name of the FPGA without package, speed and temperature."""
        return self.part.split("-")[0]

    @property
    def available(self):
        """Counts by the names of `KINDS`."""
        return {kind: getattr(self, kind) for kind in KINDS}

    @property
    def on_chip_bits(self):
        """Of all block RAM and UltraRAM."""
        return self.bram36 * BRAM_BITS + self.uram * URAM_BITS

    @property
    def usable_bytes_a_second(self):
        """Of the board's memory: its peak times the share that is reckoned with."""
        return self.memory_bytes_a_second * self.memory_share

    def products(self, bits):
        """Products a block and cycle of factors of up to `bits` bits.

        Parameters
        ----------
        bits : int
            Of the wider factor, 1 to 16.

        Raises
        ------
        DesignError
            More bits than a block takes.
        """
        whole = isinstance(bits, int) and not isinstance(bits, bool)
        if not whole or not 1 <= bits <= 16:
            refuse("bits", bits, "no width of a packed product", "use 1 to 16")
        return self.products_4 if bits <= 4 else self.products_8 if bits <= 8 else self.products_16


@cache
def _shipped(name):
    return Device.from_json((FOLDER / f"{name}.json").read_bytes())
