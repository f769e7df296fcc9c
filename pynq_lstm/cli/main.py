"""``pynq-lstm``: one parser, one place where errors become one line and an exit code."""

import argparse
import os
import sys
import traceback
import warnings

from pynq_lstm.cli import (
    bench,
    build,
    completion,
    compress,
    demo,
    doctor,
    emulate,
    estimate,
    explore,
    fetch,
    fine_tune,
    infer,
    info,
    json_text,
)
from pynq_lstm.errors import PynqLstmError
from pynq_lstm.version import __version__

COMMANDS = (
    demo,
    compress,
    fine_tune,
    infer,
    explore,
    estimate,
    emulate,
    build,
    bench,
    doctor,
    info,
    fetch,
    completion,
)

FAULT = 70  # EX_SOFTWARE of sysexits.h: none that a command means anything else by
TRACEBACK = "PYNQ_LSTM_TRACEBACK"  # environment: 1 shows where a fault came from


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
        command = commands.add_parser(
            name_of(module),
            aliases=getattr(module, "ALIASES", ()),
            help=module.HELP,
            description=module.HELP,
            epilog=module.EXAMPLE,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_argument("--json", action="store_true", help="print one JSON object")
        module.add_arguments(command)
        code = getattr(module, "exit_code", lambda answer: 0)
        command.set_defaults(run=module.run, show=module.show, exit_code=code)
    return top


def name_of(module):
    """The command of a module."""
    return module.__name__.rpartition(".")[2].replace("_", "-")


def main(arguments=None):
    """Run a command; warnings are one line each on stderr.

    Returns
    -------
    int
        0, or what the command makes of its answer; 2 where the input or the machine does not
        allow it; 70 after a fault of this program; 130 after Ctrl-C; 141 (128 + SIGPIPE, as
        shells report it) where the reader of stdout went away.
    """
    try:
        try:
            with warnings.catch_warnings():  # puts showwarning back
                warnings.showwarning = _show_warning
                # of libraries among themselves: nothing that a user of the command can mend
                warnings.simplefilter("ignore", DeprecationWarning)
                return _run(arguments)
        finally:
            print(end="", flush=True)
    except BrokenPipeError:
        _drop_output()
        return 141
    except (OSError, UnicodeEncodeError) as error:  # of stdout: a full disk, an old encoding
        _drop_output()
        _say("error", f"stdout: {error}")
        return 2


def _drop_output():
    """What is left in the buffer goes nowhere, so that the interpreter's end is quiet as well."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _run(arguments):
    options = parser().parse_args(arguments)
    try:
        answer = options.run(options)
        text = json_text.of(answer) if options.json else options.show(answer)
        code = options.exit_code(answer)
    except PynqLstmError as error:
        _say("error", error)
        return 2
    except KeyboardInterrupt:
        print("pynq-lstm: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        raise
    except (OSError, MemoryError) as error:  # that nobody put in better words
        _say("error", f"{type(error).__name__}: {error}")
        return 2
    except Exception as error:  # what nobody thought of must not look like an answer
        if os.environ.get(TRACEBACK) == "1":
            traceback.print_exc()
        told = f"a fault of this program, {type(error).__name__}: {error}"
        _say("error", f"{told}; report it with what {TRACEBACK}=1 shows")
        return FAULT
    print(text)
    return code


def _show_warning(message, *_, **__):
    _say("warning", message)


def _say(kind, message):
    print(f"pynq-lstm: {kind}:", " ".join(str(message).splitlines()), file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
