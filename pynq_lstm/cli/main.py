"""``pynq-lstm``: one parser, one place where errors become one line and exit code 2."""

import argparse
import json
import sys

from pynq_lstm.cli import compress, demo, infer, info
from pynq_lstm.errors import PynqLstmError
from pynq_lstm.version import __version__

COMMANDS = (demo, compress, infer, info)


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message):
        """Print the error and leave with exit code 2."""
        self.exit(2, f"{self.prog}: error: {message}; see {self.prog} --help\n")


def parser():
    """The parser with every command."""
    top = Parser(
        prog="pynq-lstm", description="Compress and run LSTMs, exactly the same everywhere."
    )
    top.add_argument("--version", action="version", version=f"pynq-lstm {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in COMMANDS:
        name = module.__name__.rpartition(".")[2]
        command = commands.add_parser(
            name,
            help=module.HELP,
            description=module.HELP,
            epilog=module.EXAMPLE,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_argument("--json", action="store_true", help="print one JSON object")
        module.add_arguments(command)
        command.set_defaults(run=module.run, show=module.show)
    return top


def main(arguments=None):
    """Run a command.

    Returns
    -------
    int
        0, or 2 where the input or the machine does not allow it.
    """
    options = parser().parse_args(arguments)
    try:
        answer = options.run(options)
    except PynqLstmError as error:
        print(f"pynq-lstm: error: {error}".replace("\n", " "), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("pynq-lstm: interrupted", file=sys.stderr)
        return 130
    print(json.dumps(answer) if options.json else options.show(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
