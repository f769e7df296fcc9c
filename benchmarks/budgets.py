"""Every budget of the demonstration: drop, relative error, stored bytes, time."""

from functools import partial

import results
from tqdm import tqdm

from pynq_lstm.examples import budgets, fashion_mnist, pareto


def main():
    """Measure and write docs/results/budgets.json."""
    task = pareto.Task(*fashion_mnist.test_set())
    baseline, *rows = task.measure(
        budgets.budgets(), progress=partial(tqdm, desc="budgets", disable=None)
    )
    figures = [
        results.figure(
            "float accuracy on the 2,000 test images",
            baseline.accuracy,
            "%",
            ">= 87",
            baseline.accuracy >= 87,
            accuracy=baseline.accuracy,
            accuracy_interval_95=baseline.interval,
            stored_bytes=baseline.stored_bytes,
            seconds_per_image=baseline.seconds_per_image,
            backend=baseline.backend,
        )
    ]
    for row in rows:
        figures.append(
            results.figure(
                f"accuracy drop, {row.name}, R = {row.refinements}",
                row.drop,
                "points",
                accuracy=row.accuracy,
                accuracy_interval_95=row.interval,
                relative_error=row.relative_error,
                weight_mse=row.mse,
                stored_bytes=row.stored_bytes,
                fraction_of_fp32=row.fraction,
                parameters=row.parameters,
                multiplications_per_step=row.multiplications,
                seconds_per_image=row.seconds_per_image,
                backend=row.backend,
            )
        )
    prefixes = task.prefix_accuracies()
    for k, accuracy in prefixes.items():
        figures.append(
            results.figure(f"accuracy of one file (8 bits, R = 32) run with {k}", accuracy, "%")
        )
    results.write(
        "budgets",
        figures,
        {
            "images": len(task.labels),
            "tiles where pruned": "u of 7 (input) and 16 (hidden) elements, 1 and 2 absent; "
            "v of 16, 2 absent",
            "time": "measured, one image a call, median",
        },
    )


if __name__ == "__main__":
    main()
