"""manifest.json of an overlay, checked."""

import hashlib
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Dict

from pynq_lstm.accelerator.registers import REQUIRED
from pynq_lstm.errors import OverlayError

FORMAT = 1  # of manifest.json, whoever writes it
_REMEDY = "build or copy the overlay again, all its files together"


@dataclass(frozen=True)
class Peripheral:
    """An IP that the processor reaches, as a manifest or a .hwh states it.

    Attributes
    ----------
    instance, vlnv : str
    base_address, address_range : int
    registers : dict of str to int
        Byte offsets by plain name (`registers.plain_name`); empty for an IP that does not list
        them. A 64-bit pointer ``in`` is ``in_1`` and ``in_2``.
    """

    instance: str
    vlnv: str
    base_address: int
    address_range: int
    registers: Dict[str, int]


@dataclass(frozen=True)
class Manifest:
    """What an overlay says of itself.

    Attributes
    ----------
    path : Path
    name : str
        Of the design.
    design_hash : int
        64 bits.
    clock_mhz : float
    kernel, cycle_counter : Peripheral
        The counter may be None.
    files : dict of str to str
        SHA-256 by file name.
    """

    path: Path
    name: str
    design_hash: int
    clock_mhz: float
    kernel: Peripheral
    cycle_counter: Peripheral
    files: Dict[str, str]

    @classmethod
    def load(cls, path):
        """Read a manifest.

        Raises
        ------
        OverlayError
            It is missing, damaged, or of another format.
        """
        try:
            content = json.loads(Path(path).read_text(encoding="utf-8"))
            if content["format"] != FORMAT:
                raise OverlayError(
                    f"{path}: format",
                    content["format"],
                    f"not {FORMAT}",
                    "take an overlay and a package of the same version",
                )
            manifest = cls(
                Path(path),
                str(content["name"]),
                int(content["design_hash"], 16),
                _clock(content["clock_mhz"]),
                _peripheral(content["kernel"]),
                content["cycle_counter"] and _peripheral(content["cycle_counter"]),
                dict(content["files"]),
            )
        except OSError as error:
            raise OverlayError("manifest", str(path), error.strerror, _REMEDY) from None
        except (
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            OverflowError,
            RecursionError,
        ) as error:
            problem = f"damaged ({type(error).__name__}: {error})"
            raise OverlayError("manifest", str(path), problem, _REMEDY) from None
        lacking = [name for name in REQUIRED if name not in manifest.kernel.registers]
        if lacking:
            raise OverlayError(f"{path}: registers", lacking, "missing", _REMEDY)
        return manifest

    def check_files(self):
        """Compare the SHA-256 of .bit and .hwh.

        Raises
        ------
        OverlayError
            A file is missing or another one.
        """
        for name, expected in self.files.items():
            path = self.path.with_name(name)
            try:
                found = hashlib.sha256(path.read_bytes()).hexdigest()
            except OSError as error:
                raise OverlayError("overlay", str(path), error.strerror, _REMEDY) from None
            if found != expected:
                raise OverlayError(f"sha256 of {path}", found, f"not {expected}", _REMEDY)


def _clock(said):
    found = float(said)
    if not 0 < found < math.inf:
        raise ValueError(f"clock_mhz {said}")
    return found


def _peripheral(content):
    return Peripheral(
        str(content["instance"]),
        str(content["vlnv"]),
        int(content["base_address"]),
        int(content["address_range"]),
        {str(name): int(offset) for name, offset in content.get("registers", {}).items()},
    )
