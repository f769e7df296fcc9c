"""What SVDn costs an ordinary network, trained without the regulariser of the shipped one.

Data, split, epochs, augmentation and seed are those of `train_fashion_mnist`; the
two LSTMs start from different weights, nothing pulls them together or shrinks
their singular values, and weight decay and dropout are what suited that
training. The compression is that of the budgets: 8 bits, the same calibration
images, the same 2,000 test images; and the words of some budgets, allotted. The weights are
not kept.
"""

import argparse
import time
from dataclasses import asdict
from functools import partial
from pathlib import Path

import results
import train_fashion_mnist as training
from tqdm import tqdm

from pynq_lstm import Network
from pynq_lstm.compression.weights import gate_problems
from pynq_lstm.examples import fashion_mnist, pareto
from pynq_lstm.examples.budgets import Budget
from pynq_lstm.model import PARTS

RECIPE = training.Recipe(
    weight_decay=0.3, dropout=0.3, shrinkage=0.0, likeness=0.0, same_start=False
)
RANKS = (8, 16, 32, 56, 64, 128)
ALLOTTED = (8, 16, 32)
INPUT_LIMIT = 56  # two models of 28 inputs: further components of that part have nothing left


def budgets(network):
    """8 bits at every rank, and the words of some of them allotted; a list of `Budget`."""
    pairs = [(min(rank, INPUT_LIMIT), rank) for rank in RANKS]
    made = [Budget("R = {} (input), {} (hidden)".format(*r), {"refinements": r}) for r in pairs]
    for rank in ALLOTTED:
        words = rank * sum(
            4 * (inputs + units + models)
            for models, inputs, units in (gate_problems(network, s).shape[1:] for s in PARTS)
        )
        for form, name in (("per_gate", "allotted"), ("auto", "allotted, any form")):
            options = {"words": words, "form": form}
            made.append(Budget(f"words of {rank} per gate {name}", options))
    return made


def train(data):
    """Train it.

    Parameters
    ----------
    data : Path
        Images, as for `train_fashion_mnist`.

    Returns
    -------
    network : Network
    seconds : float
    accuracy : float
        Percent of the validation split that it gets right.
    interval : pair of float
        Of that, at 95 %.
    """
    learned, held_out, _ = training.splits(data, RECIPE.seed)
    start = time.perf_counter()
    trained = training.train(*learned, RECIPE)
    seconds = round(time.perf_counter() - start, 1)
    network = Network.from_torch(trained.lstms, trained.head)
    return network, seconds, *training.accuracy(trained, *held_out)


def main():
    """Train, measure, and write docs/results/ordinary_network.json."""
    parser = argparse.ArgumentParser(description="Compress a network trained as usual.")
    parser.add_argument("--data", type=Path, default=training.DATA, help="images, as for training")
    task = pareto.Task(*fashion_mnist.test_set())
    task.network, seconds, validation, spread = train(parser.parse_args().data)
    baseline, *rows = task.measure(
        budgets(task.network), progress=partial(tqdm, desc="ranks", disable=None)
    )
    figures = [
        results.figure(
            "float accuracy on the 2,000 test images",
            baseline.accuracy,
            "%",
            accuracy_interval_95=baseline.interval,
            stored_bytes=baseline.stored_bytes,
        ),
        results.figure(
            "accuracy on the validation split", validation, "%", accuracy_interval_95=spread
        ),
        results.figure("training time", seconds, "s"),
    ]
    for row in rows:
        figures.append(
            results.figure(
                f"accuracy drop, 8 bits, {row.name}",
                row.drop,
                "points",
                accuracy=row.accuracy,
                accuracy_interval_95=row.interval,
                relative_error=row.relative_error,
                stored_bytes=row.stored_bytes,
                fraction_of_fp32=row.fraction,
            )
        )
    results.write("ordinary_network", figures, {"images": len(task.labels), **asdict(RECIPE)})
    for entry in figures:
        print(f"{entry['figure']}: {entry['value']:.2f} {entry['unit']}")


if __name__ == "__main__":
    main()
