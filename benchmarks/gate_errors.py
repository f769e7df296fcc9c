"""What to expect of an error of the weights: eight candidates, chosen among on validation images.

Allotted words go where they lower an expected error most (`pynq_lstm/compression/gate_errors.py`).
A candidate says what of an error counts: how much its input moves (nothing of x, the mean square
of each x, all moments) and how far it is followed (pre-activation, gate, c and h of the step).
The shipped network is compressed to the words of R components of each gate with every candidate;
the best accuracy on the 1,000 validation images, over all budgets, is chosen, and the package's own
stays where it is within two standard errors of that. Test images see only what was chosen.
``--ordinary`` does the same with the network of `ordinary_network`, which it trains first.
"""

import argparse
from pathlib import Path
from unittest import mock

import numpy as np
import results
from bench_forms import measured as compressed
from tqdm import tqdm

from pynq_lstm import compress, load
from pynq_lstm.compression import calibration, gate_errors
from pynq_lstm.examples import fashion_mnist, pareto
from pynq_lstm.examples.intervals import wilson
from pynq_lstm.layer import sigmoid
from pynq_lstm.model import PARTS
from pynq_lstm.model_size import parameters

RANKS = (2, 4, 8)  # of the shipped network; an ordinary one needs more
FORMS = ("per_gate", "auto")
OWN = "gates, all moments"  # what the package expects
ERRORS = 2  # standard errors that a lead has to be above


def followed(pre, before, c):
    """Slopes at some steps of what is reached, by name; (steps, 4 * units) each."""
    i, f, g, o = np.split(pre.astype(np.float64), 4, axis=1)
    i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
    gates = [i * (1 - i), f * (1 - f), 1 - g**2, o * (1 - o)]
    into_c = [gates[0] * g, gates[1] * before, gates[2] * i]
    into_h = [o * (1 - np.tanh(c) ** 2) * slope for slope in into_c]
    of_o = gates[3] * np.tanh(c)
    return {
        "pre-activations": np.ones_like(pre, np.float64),
        "gates": np.concatenate(gates, axis=1),
        "c, and h of gate o": np.concatenate([*into_c, of_o], axis=1),
        "h": np.concatenate([*into_h, of_o], axis=1),
    }


def slopes_of(network, x):
    """Mean squares of the slopes on the calibration data, (models, 4, units) by name."""
    found = {}
    for j, (layer, data) in enumerate(zip(network.layers, x)):
        size, steps = layer.hidden_size, int(data.lengths.sum())
        for own in data.chunks():
            zero = np.zeros((len(own.x), size), np.float32)
            cells = zero.astype(np.float64)

            def observe(step, live, h, pre, c, j=j, size=size, steps=steps, cells=cells):
                for name, slopes in followed(pre, cells[live], c.astype(np.float64)).items():
                    sums = (slopes**2).sum(axis=0).reshape(4, size) / steps
                    found.setdefault(name, np.zeros((len(network.layers), 4, size)))[j] += sums
                cells[live] = c

            layer.run(own.x, zero, zero, own.lengths, observe)
    return found


def candidates(network, x):
    """What may be expected: `GateErrors` by part, by name."""
    own, made = gate_errors.measure(network, x), {}
    moments = {side: own[side].moments for side in PARTS}

    def each(change):
        return {side: np.stack([change(one) for one in moments[side]]) for side in PARTS}

    inputs = {
        "x ignored": each(lambda one: np.eye(len(one))),
        "mean squares": each(lambda one: np.diag(one.diagonal())),
        "all moments": moments,
    }
    for reached, slopes in slopes_of(network, x).items():
        met = inputs if reached in ("pre-activations", "gates") else {"all moments": moments}
        for name, of_x in met.items():
            expected = {side: gate_errors.GateErrors(of_x[side], slopes) for side in PARTS}
            made[f"{reached}, {name}"] = expected
    return made


def right(task, model):
    """Which images are classified right, (images,) bool."""
    with load(model) as session:
        found = [
            session.infer_logits(task.x[:, at : at + pareto.BATCH]).argmax(axis=1)
            for at in range(0, len(task.labels), pareto.BATCH)
        ]
    return np.concatenate(found) == task.labels


def models(network, expected, words):
    """One for each budget of words and each form, compressed by what is expected."""
    for count in words:
        for form in FORMS:
            with mock.patch.object(gate_errors, "measure", lambda *given: expected):
                yield compress(
                    network,
                    calibration=fashion_mnist.calibration(),
                    progress=False,
                    words=count,
                    form=form,
                )


def accuracies(hits, ranks):
    """Percent right of each budget and form."""
    names = [f"R {rank}, {form}" for rank in ranks for form in FORMS]
    return {name: round(100 * own.mean(), 2) for name, own in zip(names, hits)}


def choice(means):
    """What is chosen, what is best, and how far each is behind that, in points with its error.

    Parameters
    ----------
    means : dict of ndarray, (images,)
        The share of budgets at which each image is classified right.
    """
    best = max(means, key=lambda name: means[name].mean())
    behind = {}
    for name, own in means.items():
        lead = 100 * (means[best] - own)
        behind[name] = float(lead.mean()), float(lead.std() / np.sqrt(len(lead)))
    points, error = behind[OWN]
    return (OWN if points <= ERRORS * error else best), best, behind


def main():
    """Measure and write docs/results/gate_errors.json, or gate_errors_ordinary.json."""
    parser = argparse.ArgumentParser(description="Choose what to expect of an error.")
    parser.add_argument(
        "--ordinary", type=Path, metavar="DATA", help="train an ordinary network on these images"
    )
    data = parser.parse_args().ordinary
    ranks, written = RANKS, "gate_errors"
    held_out, test = (
        pareto.Task(*images()) for images in (fashion_mnist.validation_set, fashion_mnist.test_set)
    )
    if data:
        import ordinary_network  # it needs torch

        ranks, written = ordinary_network.ALLOTTED, "gate_errors_ordinary"
        held_out.network = test.network = ordinary_network.train(data)[0]
    network = held_out.network
    x = calibration.calibration_input(network, fashion_mnist.calibration(), None)
    words = [parameters(compressed(test, {"refinements": rank})[1]) for rank in ranks]
    tried, hits = candidates(network, x), {}
    with tqdm(total=len(tried) * len(words) * len(FORMS), desc="models", disable=None) as bar:
        for name, expected in tried.items():
            hits[name] = []
            for model in models(network, expected, words):
                hits[name].append(right(held_out, model))
                bar.update()
    chosen, best, behind = choice({name: np.mean(own, axis=0) for name, own in hits.items()})
    figures = [
        results.figure(
            f"validation accuracy, mean of {len(own)} budgets, expected: {name}",
            100 * np.mean(own),
            "%",
            behind_the_best=behind[name][0],
            standard_error_of_that=behind[name][1],
            by_budget=accuracies(own, ranks),
        )
        for name, own in hits.items()
    ]
    for name in dict.fromkeys((chosen, OWN)):
        tested = [right(test, model) for model in models(network, tried[name], words)]
        figures.append(
            results.figure(
                f"test accuracy, mean of {len(tested)} budgets, expected: {name}",
                100 * np.mean(tested),
                "%",
                chosen="yes" if name == chosen else "no, the package's own",
                by_budget=accuracies(tested, ranks),
                accuracy_interval_95=[wilson(int(own.sum()), len(own)) for own in tested],
            )
        )
    results.write(
        written,
        figures,
        {
            "validation images": len(held_out.labels),
            "test images": len(test.labels),
            "words": f"of R = {', '.join(map(str, ranks))} per gate; not tuned",
            "chosen": f"{chosen}; best on validation images: {best}",
        },
    )
    for entry in figures:
        print(f"{entry['figure']}: {entry['value']:.2f} %")


if __name__ == "__main__":
    main()
