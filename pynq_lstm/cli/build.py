"""``pynq-lstm build``."""

import re
import sys
from pathlib import Path

from pynq_lstm.accelerator.design import Design
from pynq_lstm.building import STEPS, build
from pynq_lstm.building.build import HOURS, dry_run
from pynq_lstm.building.tools import lacking
from pynq_lstm.errors import InputError
from pynq_lstm.runtime.fpga import files

HELP = "build an overlay with Vitis HLS and Vivado, on a PC"
EXAMPLE = """\
Copies the sources that the package has into --work, calls make there, and packs .bit, .hwh,
design.json and manifest.json into NAME.zip, which `pynq-lstm fetch` puts on a board. What make
and the tools say goes into NAME.log. C simulation and RTL simulation need the repository:
make -C overlays/NAME csim.

examples:
  pynq-lstm build svd_lstm --dry-run
  pynq-lstm build svd_lstm --work /tmp/work --set JOBS=8
  pynq-lstm build --design found/design.json --step csynth"""
_VARIABLE = re.compile(r"(JOBS|STRATEGY|POWER_OPT|ALLOW_TIMING|TIMEOUT_MINUTES)=[A-Za-z0-9_]+")


def add_arguments(command):
    """Declare the arguments."""
    command.add_argument("overlay", nargs="?", help="the name of a design that ships")
    command.add_argument("--design", metavar="FILE", help="another one: design.json, or its folder")
    command.add_argument(
        "--step", choices=STEPS, default="package", help="up to this one (package)"
    )
    command.add_argument(
        "--work", default="pynq_lstm_build", metavar="FOLDER", help="(pynq_lstm_build)"
    )
    command.add_argument(
        "--set",
        nargs="+",
        default=[],
        metavar="NAME=VALUE",
        help="JOBS, STRATEGY, POWER_OPT, ALLOW_TIMING, TIMEOUT_MINUTES: overlays/README.md",
    )
    command.add_argument("--hours", type=float, default=HOURS, help=f"give up after ({HOURS:g})")
    command.add_argument(
        "--dry-run", action="store_true", help="print the commands; nothing is written or built"
    )


def run(options):
    """Build, or say how."""
    design = _design(options)
    for text in options.set:
        if not _VARIABLE.fullmatch(text):
            raise InputError("set", text, "no variable of the build", "see pynq-lstm build --help")
    given = design, options.step, options.work, options.set
    if options.dry_run:
        return {
            "design": design.name,
            "step": options.step,
            "missing": lacking(STEPS[options.step]),
            "commands": dry_run(*given),
        }
    if sys.stderr.isatty():
        log = Path(options.work) / f"{design.name}.log"
        print(f"pynq-lstm: building; its words are in {log}", file=sys.stderr, flush=True)
    return build(*given, hours=options.hours).to_dict()


def _design(options):
    if (options.overlay is None) == (options.design is None):
        remedy = f"name one of {sorted(files.designs())}, or --design FILE"
        raise InputError("overlay", options.overlay, "not exactly one design", remedy)
    if options.overlay is not None:
        return files.design_for(None, options.overlay)
    path = Path(options.design)
    return Design.load(path / files.DESIGN if path.is_dir() else path)


def show(answer):
    """For people."""
    if "commands" in answer:
        lacks = ", ".join(answer["missing"])
        notes = [f"# missing here: {lacks}"] if lacks else []
        return "\n".join([*notes, *answer["commands"]])
    lines = [f"built {answer['design']} up to {answer['step']} in {answer['work']}"]
    if answer["archive"]:
        lines += [
            f"wrote {answer['archive']}, sha256 {answer['sha256']}",
            f"on the board: pynq-lstm fetch URL --sha256 {answer['sha256']}",
        ]
    return "\n".join(lines)
