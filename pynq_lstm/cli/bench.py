"""``pynq-lstm bench``."""

from pynq_lstm import any_file
from pynq_lstm.cli import arrays, infer
from pynq_lstm.errors import InputError
from pynq_lstm.runtime.backends import HOSTS, check_options
from pynq_lstm.runtime.sessions import load

HELP = "time many calls of infer, on one back end or several side by side"
EXAMPLE = """\
Times are measured on this machine, a call at a time, everything included; what an emulated
accelerator would take is modelled and stands apart.

examples:
  pynq-lstm bench model.safetensors --batch 8 --steps 28
  pynq-lstm bench model.safetensors --backend cpu reference --calls 50 --json
  pynq-lstm bench model.safetensors --backend cpu fpga --overlay found"""
_HEADER = (
    f"{'back end':12s}{'p50 ms':>10s}{'p99 ms':>10s}{'max ms':>10s}{'calls/s':>11s}{'steps/s':>12s}"
)


def add_arguments(command):
    """Declare the arguments."""
    command.add_argument("model", help="file of a compressed model or network")
    command.add_argument(
        "--backend", nargs="+", default=["auto"], metavar="NAME", help="one or several"
    )
    infer.add_overlay(command)
    command.add_argument("--input", metavar="FILE", help="as infer takes it; default: zeros")
    command.add_argument("--batch", type=int, default=1, help="sequences, without --input (1)")
    command.add_argument("--steps", type=int, default=32, help="of each, without --input (32)")
    command.add_argument("--calls", type=int, default=100, help="that are timed (100)")
    command.add_argument("--refinements", type=int, help="run the first components only")


def run(options):
    """One back end after another, each in a session of its own."""
    from tqdm import tqdm

    twice = [name for name in options.backend if options.backend.count(name) > 1]
    if twice:
        raise InputError("backend", twice[0], "named twice", "name each back end once")
    model = any_file.load(options.model)
    inputs, sizes, x = len(model.input_sizes), (options.batch, options.steps), None
    if options.input is not None:
        x = arrays.read(options.input, inputs)
    found = []
    chosen = [(name, _options(name, options)) for name in options.backend]
    for name, given in tqdm(chosen, desc="back ends", disable=None, leave=False):
        with load(model, name, **given) as session:
            found.append(session.benchmark(x, *sizes, options.calls, options.refinements))
    if x is not None:  # it is an input: a session took it
        sizes = _sizes(x[0] if isinstance(x, list) or inputs > 1 else x)
    return {
        "batch": sizes[0],
        "steps": sizes[1],
        "rows": [
            {
                **measured.to_dict(),
                "calls_per_second": 1 / measured.mean,
                "steps_per_second": sizes[0] * sizes[1] / measured.mean,
            }
            for measured in found
        ],
    }


def _options(name, options):
    """Keywords of `load`; the overlay is that of the devices, where one is named beside others.

    Raises
    ------
    BackendError, InputError
        No such back end, or an overlay for one that has none, before anything is timed.
    """
    given = infer.session_options(options)
    if name in HOSTS and any(other not in HOSTS for other in options.backend):
        given = {}
    check_options(name, given)
    return given


def _sizes(x):
    """Sequences and steps of an external input, ([batch,] time, input)."""
    return x.shape[0] if x.ndim == 3 else 1, x.shape[-2]


def show(answer):
    """For people: a line for each back end; the accelerator's own time below it."""
    lines = [f"{answer['batch']} x {answer['steps']} steps a call, measured here", _HEADER]
    for row in answer["rows"]:
        times = "".join(f"{1e3 * row[name]:10.3f}" for name in ("p50", "p99", "max"))
        rates = f"{row['calls_per_second']:11,.1f}{row['steps_per_second']:12,.0f}"
        lines.append(f"{row['backend']:12s}{times}{rates}")
        if row["kernel_seconds"] is not None:
            basis = "modelled" if row["modelled"] else "measured"
            cycles = "" if row["cycles"] is None else f", {row['cycles']:,d} cycles"
            lines.append(
                f"  the kernel alone {1e3 * row['kernel_seconds']:.3f} ms{cycles}, {basis}"
            )
    return "\n".join(lines)
