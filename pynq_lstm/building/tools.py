"""What a step of a build needs on PATH."""

import shutil

from pynq_lstm.errors import BuildError

HLS = ("vitis_hls", "vitis-run")  # one of them: up to 2024.1, and after it
VIVADO = ("vivado",)
MAKE = ("make",)
_NAMES = {HLS: "Vitis HLS (vitis_hls or vitis-run)", VIVADO: "Vivado (vivado)", MAKE: "make"}


def lacking(needed):
    """Names of the tools that are not on PATH.

    Parameters
    ----------
    needed : sequence of tuple of str
        Of each tool the commands of which one will do.
    """
    return [_NAMES[tool] for tool in needed if not any(map(shutil.which, tool))]


def check(needed):
    """Refuse to begin without the tools.

    Raises
    ------
    BuildError
    """
    names = lacking(needed)
    if names:
        raise BuildError(
            "PATH",
            ", ".join(names),
            "not there",
            "install versions 2022.1 to 2025.2 on a PC and run '. <their folder>/settings64.sh' "
            "first; --dry-run shows the commands",
        )
