"""``pynq-lstm demo``."""

import os
import secrets
from functools import partial

from pynq_lstm import plots
from pynq_lstm.cli import outputs
from pynq_lstm.errors import InputError, MissingExtraError
from pynq_lstm.examples import budgets, fashion_mnist, pareto

HELP = "compress the shipped network at several budgets and classify real images"
EXAMPLE = "example:\n  pynq-lstm demo --output demo"
PICTURES = (
    ("accuracy_drop_mse.png", plots.accuracy_drop_against_error),
    ("accuracy_drop_time.png", plots.accuracy_drop_against_time),
)
_HEADER = (
    f"{'model':22s}{'R':>4s}{'accuracy':>10s}{'drop':>7s}{'weight MSE':>12s}{'bytes':>9s}"
    f"{'of fp32':>9s}{'mult/step':>11s}{'us/image':>10s}  backend"
)


def add_arguments(command):
    """Declare the arguments."""
    command.add_argument("--output", default="demo", help="folder of the pictures")
    command.add_argument("--images", type=int, default=2000, help="test images to classify")
    command.add_argument("--ranks", type=int, nargs="+", default=list(budgets.RANKS))
    command.add_argument("--backend", default="auto")


def run(options):
    """Measure every budget and draw the pictures."""
    from tqdm import tqdm

    images, labels = fashion_mnist.test_set()
    if not 1 <= options.images <= len(labels):
        raise InputError(
            "images",
            options.images,
            f"outside 1 to {len(labels)}",
            "choose how many of the test images to use",
        )
    for name, _ in PICTURES:
        outputs.check_file(os.path.join(options.output, name), makes_folder=True)
    task = pareto.Task(images[: options.images], labels[: options.images])
    bar = partial(tqdm, desc="budgets", disable=None, leave=False)
    rows = task.measure(budgets.budgets(options.ranks), options.backend, bar)
    prefixes = task.prefix_accuracies(options.ranks, options.backend)
    return {
        "images": len(task.labels),
        "rows": [row.to_dict() for row in rows],
        "one_file_prefixes": prefixes,
        **_draw(rows, options.output),
    }


def _draw(rows, folder):
    try:
        os.makedirs(folder, exist_ok=True)
        for name, picture in PICTURES:
            _save(picture(rows), os.path.join(folder, name))
    except MissingExtraError as error:
        return {"pictures": [], "pictures_left_out": str(error)}
    except OSError as error:
        raise InputError(
            "output",
            folder,
            f"cannot be written ({error.strerror or error})",
            "give a folder that can be written",
        ) from None
    return {"pictures": [os.path.join(folder, name) for name, _ in PICTURES]}


def _save(ax, path):
    """Write a picture under a temporary name, which has its ending, then rename it."""
    folder, name = os.path.split(path)
    temporary = os.path.join(folder, f".{secrets.token_hex(4)}.{name}")
    try:
        plots.save(ax, temporary)
        os.replace(temporary, path)
    finally:
        if os.path.exists(temporary):
            os.unlink(temporary)


def show(answer):
    """For people: the table, then the pictures."""
    lines = [
        f"Fashion-MNIST, two LSTMs (28 -> 128) and a head, {answer['images']} test images",
        "",
        _HEADER,
    ]
    for row in answer["rows"]:
        lines.append(
            f"{row['name']:22s}{row['refinements'] or '':>4}{row['accuracy']:9.2f}%"
            f"{row['drop']:7.2f}{row['mse']:12.3e}{row['stored_bytes']:9,d}{row['fraction']:9.1%}"
            f"{row['multiplications']:11,d}{1e6 * row['seconds_per_image']:10.1f}  {row['backend']}"
        )
    low, high = answer["rows"][0]["interval"]
    served = ", ".join(f"R={k} {v:.2f}%" for k, v in answer["one_file_prefixes"].items())
    lines += [
        "",
        f"float accuracy {answer['rows'][0]['accuracy']:.2f} %, 95 % interval "
        f"{low:.2f} to {high:.2f}",
        f"one file (8 bits) serves every budget: {served}",
        "times are measured on this machine, one image a call, median",
        "the network was trained to be compressible: docs/compression.md, 'How good is it'",
    ]
    lines += [f"wrote {path}" for path in answer["pictures"]]
    lines += [answer[key] for key in ("pictures_left_out",) if key in answer]
    return "\n".join(lines)
