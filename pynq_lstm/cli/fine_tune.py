"""``pynq-lstm fine-tune``."""

import hashlib
from pathlib import Path

import numpy as np

from pynq_lstm.budgets.labelled import Labelled
from pynq_lstm.budgets.validation import BATCH, Validation
from pynq_lstm.cli import arrays, budget, compress, info, outputs
from pynq_lstm.compression.tuning import check_torch, fine_tune
from pynq_lstm.errors import InputError

HELP = "train a network while it is compressed, and export it to a file of integers"
EXAMPLE = """\
NETWORK is a file as `compress` takes it: for svd of any layers, directions and wiring, for
block_diagonal LSTMs side by side and a head. Training needs PyTorch:
pip install 'pynq-lstm[compress]'. With --checkpoint an interrupted training goes on when the same
command is given again, to the same result.

example:
  pynq-lstm fine-tune network.safetensors --data train.npz -o model.safetensors \\
      --refinements 4 --epochs 4 --learning-rate 2e-2 --distillation 0.5 \\
      --validation labelled.npz --checkpoint run.pt"""
_PLAN = ("epochs", "learning_rate", "weight_decay", "seed", "distillation", "temperature")


def add_arguments(command):
    """Declare the arguments."""
    command.add_argument("network", help="safetensors, .onnx, .keras or .h5 file of float weights")
    command.add_argument(
        "--data",
        required=True,
        metavar="FILE",
        help=f".npz with {budget.LABELS!r}, the inputs as infer takes them, perhaps "
        f"{budget.LENGTHS!r}: what is learnt",
    )
    command.add_argument("-o", "--output", required=True, help="the compressed model's file")
    command.add_argument(
        "--method",
        choices=("svd", "block_diagonal"),
        default="svd",
        help="svd, the default: rank-1 components, on their grids; block_diagonal: under the mask",
    )
    command.add_argument(
        "--validation",
        metavar="FILE",
        help="labelled data like --data: the epoch of the lowest loss on them is kept",
    )
    command.add_argument("--epochs", type=int, help="passes over the data (10)")
    command.add_argument("--batch", type=int, default=32, help="sequences of a step (32)")
    command.add_argument("--learning-rate", type=float, help="the highest (1e-3)")
    command.add_argument("--weight-decay", type=float, help="of matrices (0)")
    command.add_argument("--seed", type=int, help="of all that is random (0)")
    command.add_argument(
        "--distillation",
        type=float,
        metavar="SHARE",
        help="of the loss that is the divergence from the float network's classes, 0 to 1; "
        "default: none",
    )
    command.add_argument("--temperature", type=float, help="of that divergence (2)")
    command.add_argument(
        "--checkpoint", metavar="FILE", help="written after each epoch; where it is, go on from it"
    )
    arrays.add_ranges(command)
    compress.add_options(command)


def run(options):
    """Train, export and save."""
    check_torch()
    from pynq_lstm.compression.fine_tuning.batches import Batches

    if options.batch < 1:
        raise InputError("batch", options.batch, "less than one sequence", "pass 1 or more")
    if options.temperature is not None and options.distillation is None:
        remedy = "pass --distillation as well"
        raise InputError("temperature", options.temperature, "there is no teacher", remedy)
    _check_outputs(options)  # before minutes of work
    network = compress.read_network(options.network)
    inputs, settings = len(network.sequences.input_sizes), _settings(options, network)
    data = Labelled.of(network, budget.validation(options.data, inputs), "data")
    told, checked = {"output": options.output}, None
    if options.validation is not None:
        given = budget.validation(options.validation, inputs)
        validation = Validation(network, given)
        checked = Labelled.of(network, given, "validation")
        settings["validate"] = _mean_loss(Batches(checked, BATCH, shuffled=False))
    settings["identity"] = _identity(options, data, checked, settings.get("calibration"))
    tuned = fine_tune(network, Batches(data, options.batch), options.method, **settings)
    model = tuned.export()
    if options.validation is not None:
        told["float_value"], told["value"] = validation.float_value, validation.of(model)
    model.save(options.output)
    return {**told, "history": tuned.history, **info.describe(model)}


def _check_outputs(options):
    inputs = {f"--{name}": getattr(options, name) for name in ("data", "validation", "calibration")}
    inputs = {"the network": options.network, **inputs}
    if options.checkpoint is not None:
        outputs.check_file(options.checkpoint, "checkpoint", makes_folder=True, inputs=inputs)
    outputs.check_file(options.output, inputs={**inputs, "--checkpoint": options.checkpoint})


def _settings(options, network):
    """Keywords of `fine_tune`: those that were given."""
    settings = {name: getattr(options, name) for name in (*_PLAN, "checkpoint", "input_range")}
    settings = {name: value for name, value in settings.items() if value is not None}
    settings.update(compress.chosen_of(options))
    if options.distillation:
        settings["teacher"] = True
    if options.calibration is not None:
        inputs = len(network.sequences.input_sizes)
        settings["calibration"] = arrays.read(options.calibration, inputs)
    return settings


def _identity(options, data, validation, calibration):
    """What, besides the settings of `fine_tune`, decides how a training goes on."""
    calibration = calibration if isinstance(calibration, (list, type(None))) else [calibration]
    return repr(
        {
            "batch": options.batch,
            "network": hashlib.sha256(Path(options.network).read_bytes()).hexdigest()[:16],
            "data": _digest([*data.x, data.labels, data.lengths]),
            "validation": validation
            and _digest([*validation.x, validation.labels, validation.lengths]),
            "calibration": calibration and _digest(calibration),
        }
    )


def _digest(arrays):
    found = hashlib.sha256()
    for array in map(np.ascontiguousarray, arrays):
        found.update(f"{array.dtype.str}{array.shape}".encode())
        found.update(array.tobytes())
    return found.hexdigest()[:16]


def _mean_loss(batches):
    """``validate(model)`` of `fine_tune`: the mean cross entropy over labelled sequences."""
    from torch.nn.functional import cross_entropy

    def mean(model):
        found = [
            (float(cross_entropy(model.classes(x, labels), labels)), len(labels))
            for x, labels in batches
        ]
        return sum(loss * count for loss, count in found) / sum(count for _, count in found)

    return mean


def show(answer):
    """For people: the epochs, what it is worth, then the model."""
    lines = []
    for n, epoch in enumerate(answer["history"], 1):
        figures = ", ".join(f"{name} {value:.4f}" for name, value in epoch.items())
        lines.append(f"epoch {n:<20d}{figures}")
    if "value" in answer:
        lines.append(
            f"percent right on --validation: {answer['value']:.2f}, float network "
            f"{answer['float_value']:.2f}"
        )
    own = ("output", "history", "value", "float_value")
    facts = {key: value for key, value in answer.items() if key not in own}
    return "\n".join([*lines, f"wrote {answer['output']}", info.show(facts)])
