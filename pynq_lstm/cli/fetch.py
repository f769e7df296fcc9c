"""``pynq-lstm fetch``."""

import shlex

from pynq_lstm.runtime.fetching import fetch
from pynq_lstm.runtime.fetching.fetch import MOST_BYTES, SECONDS
from pynq_lstm.runtime.fpga import files

HELP = "fetch a built overlay into the folder where overlays are looked for"
EXAMPLE = f"""\
URL is https: (or file:), of a .zip or .tar with NAME.bit, NAME.hwh, manifest.json and perhaps
design.json, as `pynq-lstm build` makes it. It goes into the folder that ${files.FOLDER} names,
else into ~/.local/share/{files.USER}; nothing is placed before its SHA-256 and the manifest's
are found to be right.

example:
  pynq-lstm fetch https://example.org/svd_lstm.zip --sha256 $(cut -c1-64 svd_lstm.zip.sha256)"""


def add_arguments(command):
    """Declare the arguments."""
    command.add_argument("url", help="of the archive")
    command.add_argument("--sha256", required=True, metavar="HEX", help="of the archive")
    command.add_argument(
        "--seconds", type=float, default=SECONDS, help=f"for the whole download ({SECONDS})"
    )
    command.add_argument(
        "--most-mib",
        type=int,
        default=MOST_BYTES >> 20,
        metavar="N",
        help=f"refuse what is larger ({MOST_BYTES >> 20})",
    )


def run(options):
    """Fetch, check, put in place."""
    fetched = fetch(
        options.url, options.sha256, seconds=options.seconds, most_bytes=options.most_mib << 20
    )
    return fetched.to_dict()


def show(answer):
    """For people."""
    verb = "replaced" if answer["replaced"] else "wrote"
    return (
        f"{verb} {answer['folder']}: {answer['downloaded_bytes']:,d} bytes, "
        f"design {answer['design_hash']}, {answer['clock_mhz']:g} MHz\n"
        f"models of its kind run there, on a board: pynq-lstm infer MODEL X --backend fpga "
        f"--overlay {shlex.quote(answer['name'])}"
    )
