# SPDX-License-Identifier: Apache-2.0
"""The settings that the Tcl scripts source: values of a design and of the command line.

Every value is checked, so that it can stand in Tcl as it is.
"""

import argparse
import re
import sys

from pynq_lstm.accelerator.design import Design
from pynq_lstm.accelerator.registers import LIBRARY, VENDOR
from pynq_lstm.errors import DesignError, PynqLstmError

WORD = re.compile(r"[A-Za-z0-9_./+-]+")


def settings(design, **others):
    """Lines of Tcl, one ``set`` a value.

    Parameters
    ----------
    design : Design
    **others : str or int
        Further values, by their Tcl names.

    Returns
    -------
    str

    Raises
    ------
    DesignError
        A value that Tcl would not take as one plain word.
    """
    values = {
        "vendor": VENDOR,
        "library": LIBRARY,
        "design_name": design.name,
        "ip_version": f"{design.version}.0",
        "part": design.part,
        "clock_mhz": design.clock_mhz,
        "multipliers": getattr(design, "multipliers", "dsp"),
        **others,
    }
    for name, value in values.items():
        if not WORD.fullmatch(str(value)):
            raise DesignError(
                name, value, "not a plain word", "use letters, digits and . _ / + - only"
            )
    return "".join(f"set {name} {value}\n" for name, value in values.items())


def main(arguments=None):
    """Print the settings of a design."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("design")
    for name in ("kernel", "source", "testbench", "vectors"):
        parser.add_argument(f"--{name}", required=True)
    others = vars(parser.parse_args(arguments))
    path = others.pop("design")
    try:
        sys.stdout.write(settings(Design.load(path), **others))
    except (OSError, PynqLstmError) as error:
        sys.stderr.write(f"{path}: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
