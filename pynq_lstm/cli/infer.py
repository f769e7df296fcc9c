"""``pynq-lstm infer``."""

import numpy as np

from pynq_lstm import any_file
from pynq_lstm.cli import arrays, outputs
from pynq_lstm.runtime.sessions import load

HELP = "run a compressed model or network on an input"
EXAMPLE = """\
X is .npy or .npz, float32, (inputs, batch, time, input), an input for each LSTM
of a model; one input or one sequence drop their axis.

examples:
  pynq-lstm infer model.safetensors x.npy -o answer.npz --refinements 8
  pynq-lstm infer model.safetensors x.npy --backend fpga --overlay found"""


def add_arguments(command):
    """Declare the arguments."""
    command.add_argument("model", help="file of a compressed model or network")
    command.add_argument("x", help="the input")
    command.add_argument("--backend", default="auto")
    add_overlay(command)
    add_options(command)


def add_overlay(command, who="of the back ends fpga and emulator: "):
    """Which accelerator runs it; `who`: of what the help says that it is."""
    command.add_argument(
        "--overlay",
        metavar="NAME",
        help=f"{who}a design that ships or was fetched, a folder with a design.json, or a .bit; "
        "default: the one for the model",
    )


def add_options(command):
    """Those of a run, whatever runs it."""
    command.add_argument("-o", "--output", help="write out, h, c (and logits) as .npz")
    command.add_argument("--refinements", type=int, help="run the first components only")
    command.add_argument("--lengths", type=int, nargs="+", help="valid steps of each sequence")
    command.add_argument("--logits", action="store_true", help="apply the model's head as well")


def run(options):
    """Load, run, save."""
    model, x = given(options)
    with load(model, options.backend, **session_options(options)) as session:
        saved = answered(session, x, options)
        return told(options, session.last_run, saved)


def given(options):
    """The model and the input that the arguments name, where the answer can be written."""
    if options.output is not None:
        outputs.check_file(options.output, inputs={"the model": options.model, "x": options.x})
    model = any_file.load(options.model)
    return model, arrays.read(options.x, len(model.input_sizes))


def session_options(options):
    """Keywords of `load`: those that were given."""
    return {} if options.overlay is None else {"overlay": options.overlay}


def answered(session, x, options):
    """Arrays by name: what a session makes of the input."""
    arguments = {
        "lengths": options.lengths and np.array(options.lengths),
        "refinements": options.refinements,
    }
    out, (h, c) = session.infer(x, **arguments)
    saved = {"out": out, "h": h, "c": c}
    if options.logits:
        saved["logits"] = session.infer_logits(x, **arguments)
    return saved


def told(options, report, saved):
    """Save the arrays, where that is asked for, and tell of them and of the run."""
    answer = {"report": report.to_dict()}
    if options.logits:
        answer["classes"] = saved["logits"].argmax(-1).tolist()
    if options.output is not None:
        arrays.write(options.output, saved)
    answer["output"] = options.output
    answer["shapes"] = {
        name: [list(a.shape) for a in value] if isinstance(value, list) else list(value.shape)
        for name, value in saved.items()
    }
    return answer


def show(answer):
    """For people."""
    report = answer["report"]
    stages = ", ".join(f"{k} {1e3 * v:.3f}" for k, v in report["seconds"].items())
    lines = [
        f"backend {report['backend']}, {1e3 * report['total_seconds']:.3f} ms, measured here",
        f"stages  {stages}",
    ]
    lines += _of_the_accelerator(report)
    if "passes" in report:
        lines.append(_starts(report))
    lines += [f"{name:8s}{shape}" for name, shape in answer["shapes"].items()]
    clipped = (f"{k} {n} of {report['values'][k]}" for k, n in report["saturated"].items())
    lines.append(f"saturated {', '.join(clipped)}")
    if "classes" in answer:
        lines.append(f"classes {answer['classes']}")
    lines.append(
        f"wrote {answer['output']}"
        if answer["output"]
        else "nothing written; -o FILE keeps the answer"
    )
    return "\n".join(lines)


def _starts(report):
    """How a network ran."""
    if report["starts"] == "one":
        return "starts  one, of all LSTMs"
    return f"passes  {len(report['passes'])}: {report['why_passes']}"


def _of_the_accelerator(report):
    """What a device adds: its own time, and the way to its registers."""
    basis = "modelled" if report["modelled"] else "measured"
    if report["kernel_seconds"] is not None:
        cycles = "" if report["cycles"] is None else f", {report['cycles']:,d} cycles"
        yield f"kernel  {1e3 * report['kernel_seconds']:.3f} ms{cycles}, {basis}"
    if report["access"] is not None:
        yield f"access  {report['access']}"
