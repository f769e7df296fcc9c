"""A line of the doctor's report, and where the doctor stands."""

import os
from dataclasses import asdict, dataclass
from typing import Optional

from pynq_lstm.errors import PynqLstmError
from pynq_lstm.runtime.backends import EMULATE
from pynq_lstm.runtime.fpga.presence import board_name

OK, MISSING, WRONG, NOT_HERE = "ok", "missing", "wrong", "not here"


@dataclass(frozen=True)
class Finding:
    """What was found of one thing.

    Attributes
    ----------
    name : str
        Of the thing.
    verdict : str
        "ok"; "missing" or "wrong", which something should be done about; "not here": of no
        use on this machine, or as it is used.
    found : str
    remedy : str
        What to do; empty where nothing is to be done.
    """

    name: str
    verdict: str
    found: str
    remedy: str = ""

    @property
    def well(self):
        """Whether nothing has to be mended."""
        return self.verdict in (OK, NOT_HERE)

    def to_dict(self):
        """For JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Place:
    """Where models would run.

    Attributes
    ----------
    board : str or None
        Name of the board, as PYNQ's image gives it; None on other machines.
    emulate : bool
        Whether the emulator was asked for.
    """

    board: Optional[str]
    emulate: bool

    @classmethod
    def here(cls):
        """This machine, with this environment."""
        return cls(board_name(), os.environ.get(EMULATE) == "1")

    @property
    def backend(self):
        """The back end that "auto" means here."""
        if self.emulate:
            return "emulator"
        return "cpu" if self.board is None else "fpga"

    @property
    def uses_pynq(self):
        """Whether that back end needs pynq."""
        return self.backend != "cpu"


def of_error(name, error):
    """The finding that an exception tells."""
    if isinstance(error, PynqLstmError):
        return Finding(name, WRONG, f"{error.field} = {error.value}: {error.problem}", error.remedy)
    return Finding(name, WRONG, f"{type(error).__name__}: {error}", "docs/board.md, or report it")
