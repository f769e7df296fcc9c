"""``pynq-lstm emulate``."""

import sys

import numpy as np

from pynq_lstm.cli import infer
from pynq_lstm.errors import BackendError, InputError, MissingExtraError
from pynq_lstm.runtime import benchmark
from pynq_lstm.runtime.emulator import serve
from pynq_lstm.runtime.sessions import load

HELP = "run a model in the emulator of the board, and say what a board would take, modelled"
EXAMPLE = """\
Driver and pynq are those of the board (pip install 'pynq-lstm[pynq]'), the accelerator is its own
C++, compiled on first use; X is as `infer` takes it. --serve offers an emulated board to clients
of pynq.remote (pynq 4.0.0) until --seconds are over or Ctrl-C.

exit code: 0, also where --serve ends by Ctrl-C; 1 where --check finds another answer than the
reference's

examples:
  pynq-lstm emulate model.safetensors x.npy --check
  pynq-lstm emulate model.safetensors x.npy --overlay found -o answer.npz
  pynq-lstm emulate --serve"""

_OF_A_RUN = ("overlay", "check", "output", "refinements", "lengths", "logits")


def add_arguments(command):
    """Declare the arguments."""
    command.add_argument("model", nargs="?", help="file of a compressed model or network")
    command.add_argument("x", nargs="?", help="the input")
    infer.add_overlay(command, who="")
    command.add_argument(
        "--check", action="store_true", help="compare out, h and c with the slow reference"
    )
    infer.add_options(command)
    served = command.add_argument_group(
        "for other processes", "--serve and what goes with it; no option of a run does"
    )
    served.add_argument("--serve", action="store_true", help="serve a board; no model is run")
    serve.add_arguments(served)


def run(options):
    """Run on an emulated board; the cycles are counted."""
    if options.serve:
        return _serve(options)
    for name in serve.OPTIONS:
        if getattr(options, name) is not None:
            also = ", or name the design of the run by --overlay" * (name == "design")
            remedy = f"leave it out{also}, or pass --serve and no model"
            raise InputError(name, getattr(options, name), "without --serve", remedy)
    for name in ("model", "x"):
        if getattr(options, name) is None:
            remedy = "name a model and an input, or pass --serve"
            raise InputError(name, None, "nothing to run", remedy)
    model, x = infer.given(options)
    with load(model, "emulator", **infer.session_options(options)) as session:
        with benchmark.counting(session._calls):
            saved = infer.answered(session, x, options)
        answer = infer.told(options, session.last_run, saved)
    if options.check:
        with load(model, "reference") as session:
            answer["equals_reference"] = _equal(saved, infer.answered(session, x, options))
    return answer


def _equal(saved, expected):
    """Whether out, h and c are the same bits; the head is float32 and not compared."""
    pairs = [(saved[name], expected[name]) for name in ("out", "h", "c")]
    lists = [(a, b) if isinstance(a, list) else ([a], [b]) for a, b in pairs]
    return all(np.array_equal(x, y) for a, b in lists for x, y in zip(a, b))


def _serve(options):
    """Serve; what was left behind."""
    for name in ("model", *_OF_A_RUN):
        value = getattr(options, name)
        if value is not None and value is not False:
            also = "; --design offers a design" * (name == "overlay")
            raise InputError(name, value, "beside --serve", f"leave out one of them{also}")

    def say(line):
        print(f"pynq-lstm: {line}", file=sys.stderr, flush=True)

    try:
        device = serve.run(**serve.given(options), say=say)
    except OSError as error:
        port = serve.PORT if options.port is None else options.port
        raise BackendError("port", port, str(error), "pass another --port") from None
    except ImportError as error:
        if isinstance(error, MissingExtraError):
            raise
        raise MissingExtraError(
            "serve", str(error), "the emulator needs pynq", "pip install 'pynq-lstm[pynq]'"
        ) from None
    return {"live_buffers": device.live_buffers, "counters": dict(device.counters)}


def exit_code(answer):
    """0; 1: the answer is not the reference's."""
    return 0 if answer.get("equals_reference", True) else 1


def show(answer):
    """For people: the run as `infer` tells it, and what was compared."""
    if "live_buffers" in answer:
        return f"{answer['live_buffers']} buffers in use, {answer['counters']}"
    lines = [infer.show(answer)]
    if "equals_reference" in answer:
        verdict = "equal" if answer["equals_reference"] else "DIFFER FROM"
        lines.append(f"out, h and c {verdict} those of the reference")
    return "\n".join(lines)
