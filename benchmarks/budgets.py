"""Every budget of the demonstration: drop, relative error, stored bytes; and the 0 of float32."""

import results
from pynq_lstm.examples import fashion_mnist, pareto
from tqdm import tqdm


def main():
    """Measure and write docs/results/budgets.json."""
    task = pareto.Task(*fashion_mnist.test_set())
    baseline = task.float_row()
    figures = [
        results.figure("float accuracy on the 2,000 test images", baseline.accuracy, "%",
                       ">= 87", baseline.accuracy >= 87, interval_95=baseline.interval)
    ]  # fmt: skip
    for budget in tqdm(pareto.budgets(), desc="budgets", disable=None):
        row = task.row(budget, baseline.accuracy)
        figures.append(
            results.figure(f"accuracy drop, {row.name}, R = {row.refinements}", row.drop, "points",
                           accuracy=row.accuracy, interval_95=row.interval,
                           relative_error=row.relative_error, weight_mse=row.mse,
                           stored_bytes=row.stored_bytes, fraction_of_fp32=row.fraction,
                           parameters=row.parameters, multiplications_per_step=row.multiplications,
                           seconds_per_image=row.seconds_per_image, backend=row.backend)
        )  # fmt: skip
    results.write("budgets", figures, {"tiles where pruned": pareto.TILES, "time": "measured"})


if __name__ == "__main__":
    main()
