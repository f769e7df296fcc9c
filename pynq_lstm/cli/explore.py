"""``pynq-lstm explore``."""

from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from pynq_lstm.accelerator.devices.device import NAMES, Device
from pynq_lstm.cli import arrays, budget, compress, outputs
from pynq_lstm.errors import InputError
from pynq_lstm.exploration import saving
from pynq_lstm.exploration.explore import TRIES, explore
from pynq_lstm.exploration.families import ENGINES
from pynq_lstm.exploration.report import write_html

HELP = "find the compression and the accelerator that take the least time"
EXAMPLE = """\
All times are modelled: nothing is synthesised. NETWORK is a file as `compress` takes it. FOLDER
gets design.json, model.safetensors, a report and a Makefile of the overlay.

examples:
  pynq-lstm explore network.safetensors -o found --max-drop 0.5 \\
      --validation labelled.npz --calibration inputs.npy --workers 2 --store found.jsonl
  pynq-lstm explore network.safetensors -o found --max-mse 0.01 --input-range -1 1 \\
      --form stacked --u-tile 16 --v-tile 8 --zero-u-tiles 2 --no-baselines
  pynq-lstm build --design found/design.json --dry-run"""


def add_arguments(command):
    """Declare the arguments."""
    command.add_argument("network", help="safetensors, .onnx, .keras or .h5 file of float weights")
    command.add_argument(
        "-o", "--output", required=True, metavar="FOLDER", help="where model and design go"
    )
    command.add_argument(
        "--device", default="zcu104", help=f"{', '.join(NAMES)}, or a JSON file that describes one"
    )
    command.add_argument(
        "--clock", type=int, metavar="MHZ", help="of the design; the default is the device's"
    )
    command.add_argument(
        "--max-drop",
        type=float,
        metavar="POINTS",
        help="the model may lose at most so many percent of --validation",
    )
    command.add_argument(
        "--max-mse", type=float, help="without data: the mean squared error of the weights"
    )
    command.add_argument(
        "--validation",
        metavar="FILE",
        help=f".npz with {budget.LABELS!r}, the inputs as in --calibration, perhaps "
        f"{budget.LENGTHS!r}; not test data",
    )
    arrays.add_ranges(command)
    command.add_argument(
        "--engines", nargs="+", choices=ENGINES, default=ENGINES, help="the default is all of them"
    )
    command.add_argument(
        "--tries", type=int, default=TRIES, help=f"descents at most; the default is {TRIES}"
    )
    command.add_argument(
        "--workers", type=int, default=1, metavar="N", help="processes; the default is 1"
    )
    command.add_argument(
        "--store",
        metavar="FILE",
        help="keeps what was evaluated, so that an interrupted search goes on",
    )
    command.add_argument(
        "--html", action="store_true", help="write report.html there, too: a page to choose points"
    )
    command.add_argument(
        "--no-baselines",
        action="store_true",
        help="leave out what the answer is compared with: LSTM-HW, SVD1-HW and software",
    )
    fixed = command.add_argument_group(
        "options of the compression",
        "those that are given are not searched, and leave methods out that have none of the name",
    )
    compress.add_options(fixed)


def run(options):
    """Explore and save."""
    if options.workers < 1:
        raise InputError("workers", options.workers, "less than one process", "pass 1 or more")
    _check_outputs(options)  # before minutes of work
    network = compress.read_network(options.network)
    inputs = len(network.sequences.input_sizes)
    given = compress.chosen_of(options)
    if options.validation is not None:
        given["validation"] = budget.validation(options.validation, inputs)
    if options.calibration is not None:
        given["calibration"] = arrays.read(options.calibration, inputs)
    with _workers(options.workers) as executor:
        found = explore(
            network,
            options.device,
            max_drop=options.max_drop,
            max_mse=options.max_mse,
            input_range=options.input_range,
            clock_mhz=options.clock,
            engines=tuple(options.engines),
            tries=options.tries,
            baselines=not options.no_baselines,
            executor=executor,
            store=options.store,
            **given,
        )
    found.save(options.output)
    if options.html:
        available = Device.of(options.device).available
        write_html(found, Path(options.output) / saving.PAGE, available)
    return {
        "output": options.output,
        "design": found.design.name,
        "basis": "modelled: nothing was synthesised",
        "table": found.table(),
        **found.as_dict(),
    }


def _check_outputs(options):
    """The folder can be written, and nothing that is read becomes one of its files."""
    folder = saving.checked(options.output)
    options_read = ("calibration", "validation", "store")
    inputs = {f"--{name}": getattr(options, name) for name in options_read}
    inputs = {"the network": options.network, **inputs}
    for name in (saving.DESIGN, saving.MODEL, saving.REPORT, saving.TABLE):
        outputs.check_file(folder / name, makes_folder=True, inputs=inputs)


@contextmanager
def _workers(count):
    """An executor, None for a single process; after an error nobody waits for its jobs."""
    if count == 1:
        yield None
        return
    executor = ProcessPoolExecutor(count)
    try:
        yield executor
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        raise
    executor.shutdown()


def show(answer):
    """For people: the table, and where the answer is."""
    return f"{answer['table']}\nwrote {answer['output']}: {answer['design']}"
