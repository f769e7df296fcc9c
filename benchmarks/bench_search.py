"""What a budget, or a drop of accuracy, makes of the shipped network: sizes, accuracies, time.

Searches see the 1,000 validation images, which training never saw but which helped to choose its
recipe. The 2,000 test images are classified once by each model that was chosen, and no choice is
made on them. Groups: the two LSTMs of the network, which are alike, and the same two again with
their hidden units in another order, which have the same function and no common vectors.
"""

import time

import numpy as np
import results
from tqdm import tqdm

from pynq_lstm import Layer, Network, grouping, load, search
from pynq_lstm.examples import fashion_mnist, pareto
from pynq_lstm.examples.intervals import wilson

SHARES = (0.042, 0.085)  # of the bytes of the float network: 8-bit R = 8, R = 20 or so
DROPS = (0.5, 1.0, 2.0)  # points of the validation images
TRIES = 24
GROUPED = 16  # refinements of all four LSTMs together


def asked(float_bytes, data):
    """Name, and arguments of `search`, of each figure."""
    limits = [
        (f"{100 * s:g} % of the float bytes", {"bytes": int(s * float_bytes)}) for s in SHARES
    ]
    found = [(f"{name}, least weight error", {"budget": limit}) for name, limit in limits]
    found += [(f"{name}, validated", {"budget": limit, "validate": data}) for name, limit in limits]
    return found + [
        (f"a drop of at most {points:g} points", {"max_drop": points, "validate": data})
        for points in DROPS
    ]


def search_figures(bar):
    """One search a figure: the drop on the test images, and what the model costs."""
    task = pareto.Task(*fashion_mnist.test_set())
    images, labels = fashion_mnist.validation_set()
    data = fashion_mnist.branches(images), labels.astype(np.int64)
    float_bytes = sum(
        a.nbytes for layer in task.network.layers for a in (layer.w_ih, layer.w_hh, layer.bias)
    )
    float_bytes += task.network.head.weight.nbytes + task.network.head.bias.nbytes
    floating, figures = task.accuracy(task.network.infer_logits), []
    for name, given in asked(float_bytes, data):
        begin = time.perf_counter()
        found = search(
            task.network,
            calibration=fashion_mnist.calibration(),
            tries=TRIES,
            progress=False,
            **given,
        )
        seconds = time.perf_counter() - begin
        with load(found.model, "cpu") as session:
            accuracy = task.accuracy(session.infer_logits)
            validated = 100 * float((session.infer_logits(data[0]).argmax(1) == labels).mean())
        figures.append(
            results.figure(
                f"test accuracy drop, {name}",
                floating - accuracy,
                "points",
                test_accuracy=accuracy,
                accuracy_interval_95=wilson(
                    round(accuracy / 100 * len(task.labels)), len(task.labels)
                ),
                validation_accuracy=validated,
                stored_bytes=found.chosen.bytes,
                fraction_of_fp32=found.chosen.bytes / float_bytes,
                parameters=found.chosen.words,
                multiplications_per_step=found.chosen.multiplications,
                relative_error=found.chosen.relative_error,
                chosen=found.chosen.name,
                models_tried=len(found.tried),
                seconds=round(seconds, 1),
            )
        )
        bar.write(f"{name}\n{found.table()}\ntest {accuracy:.2f} %, {seconds:.0f} s\n")
        bar.update()
    return figures


def permuted(layer, order):
    """The same LSTM with its hidden units in another order."""
    rows = np.concatenate([g * layer.hidden_size + order for g in range(4)])
    return Layer(layer.w_ih[rows], layer.w_hh[rows][:, order], layer.bias[rows])


def grouping_figures(bar):
    """Errors of the groups that are found, of all LSTMs together and of all apart."""
    layers = fashion_mnist.network().layers
    order = np.random.default_rng(0).permutation(layers[0].hidden_size)
    network = Network([*layers, *(permuted(layer, order) for layer in layers)])
    begin = time.perf_counter()
    found = grouping(network, refinements=GROUPED, progress=False)
    seconds = time.perf_counter() - begin
    ways = {"groups that are found": found.found, "all together": found.together}
    ways["all apart"] = found.apart
    figures = [
        results.figure(
            f"relative error of four LSTMs at equal words, {name}",
            way.error,
            "",
            parameters=way.words,
            multiplications_per_step=way.multiplications,
        )
        for name, way in ways.items()
    ]
    figures[0].update(chosen=" | ".join(map(str, found.groups)), seconds=round(seconds, 1))
    bar.update()
    return figures


def main():
    """Measure and write docs/results/bench_search.json."""
    with tqdm(total=2 * len(SHARES) + len(DROPS) + 1, desc="search", disable=None) as bar:
        figures = grouping_figures(bar) + search_figures(bar)
    results.write(
        "bench_search",
        figures,
        {
            "validation images": 1000,
            "test images": 2000,
            "tries": TRIES,
            "refinements of four LSTMs": GROUPED,
        },
    )


if __name__ == "__main__":
    main()
