"""Forms of the components and allotted words: weight error and accuracy at equal words.

R components of each gate of the shipped network, against as many stacked ones as fit in their
words, against the better of both part by part, and against the same words allotted to gates and
parts. The goal of allotted words is no lower accuracy than the same words of the same form in equal
parts.
"""

import results
from tqdm import tqdm

from pynq_lstm import compress, load
from pynq_lstm.compression.options import SOLVERS, SvdOptions
from pynq_lstm.compression.part_options import STACKED
from pynq_lstm.compression.weights import gate_problems
from pynq_lstm.examples import fashion_mnist, pareto
from pynq_lstm.examples.intervals import wilson
from pynq_lstm.model import PARTS
from pynq_lstm.model_size import parameters

RANKS = (2, 4, 8, 16)


def options(network, refinements, words):
    """Names and options of what is compared at `words`, those of `refinements` per gate."""
    both = SvdOptions(refinements=refinements, form="auto")
    shapes = {side: gate_problems(network, side).shape[1:] for side in PARTS}
    stacked = tuple(both.lists(side, *shapes[side])[STACKED][0].refinements for side in PARTS)
    return {
        "per gate": {"refinements": refinements},
        "stacked": {"refinements": stacked, "form": "stacked"},
        "the better form": {"refinements": refinements, "form": "auto"},
        "words allotted": {"words": words},
        "words allotted, stacked": {"words": words, "form": "stacked"},
        "words allotted, any form": {"words": words, "form": "auto"},
    }


def measured(task, given):
    """Accuracy in percent, and the model."""
    model = compress(task.network, calibration=fashion_mnist.calibration(), progress=False, **given)
    with load(model) as session:
        return task.accuracy(session.infer_logits), model


def _figure(name, refinements, found, goal, images):
    (accuracy, model), (joint, joint_model) = (found[solver] for solver in SOLVERS)
    return results.figure(
        f"accuracy, {name}, words of R = {refinements} per gate",
        accuracy,
        "%",
        goal and f">= {goal:.2f}",
        goal and accuracy >= goal,
        accuracy_interval_95=wilson(round(accuracy / 100 * images), images),
        words=parameters(model),
        input_components=list(model.input.counts),
        hidden_components=list(model.hidden.counts),
        relative_error=model.provenance["relative weight error"],
        bcd_accuracy=joint,
        bcd_error=joint_model.provenance["relative weight error"],
    )


def main():
    """Measure and write docs/results/bench_forms.json."""
    figures, task = [], pareto.Task(*fashion_mnist.test_set())
    for refinements in tqdm(RANKS, desc="ranks", disable=None):
        _, model = measured(task, {"refinements": refinements})
        equal = {}
        for name, given in options(task.network, refinements, parameters(model)).items():
            found = {solver: measured(task, {**given, "solver": solver}) for solver in SOLVERS}
            form, allotted = given.get("form"), "words" in given
            goal = equal[form] if allotted else None
            equal[form] = equal.get(form, found["greedy"][0])
            figures.append(_figure(name, refinements, found, goal, len(task.labels)))
    accuracy = task.accuracy(task.network.infer_logits)
    figures.append(results.figure("float accuracy on the 2,000 test images", accuracy, "%"))
    results.write("bench_forms", figures, {"images": len(task.labels), "bits": 8})


if __name__ == "__main__":
    main()
