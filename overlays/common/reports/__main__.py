# SPDX-License-Identifier: Apache-2.0
"""Print the comparison of a build folder, and leave it there as ``report.md``."""

import argparse
import sys
from pathlib import Path

from pynq_lstm.errors import PynqLstmError
from reports.comparison import Comparison


def main(arguments=None):
    """Command line; returns an exit status."""
    parser = argparse.ArgumentParser(prog="python -m reports", description=__doc__)
    parser.add_argument("--build", required=True, type=Path)
    parser.add_argument("--model", required=True, type=Path)
    options = parser.parse_args(arguments)
    try:
        table = Comparison.load(options.build, options.model).markdown()
        (options.build / "report.md").write_text(table)
    except (OSError, PynqLstmError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
