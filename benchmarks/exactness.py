"""How many random cases the C kernels and the naive reference agree on, bit for bit."""

import argparse
import sys

import numpy as np
import results
from tqdm import tqdm

from pynq_lstm import reference
from pynq_lstm.runtime.cpu.backend import CpuBackend

sys.path.insert(0, str(results.ROOT / "tests"))
from random_models import random_input, random_model


def difference(seed):
    """Largest difference of one random case in LSB, over out, h, c and the saturation counts."""
    random = np.random.default_rng(seed)
    model = random_model(random)
    arguments = random_input(random, model)
    expected = reference.run(model, *arguments)
    found = CpuBackend(model).run(*arguments)
    arrays = (zip(getattr(expected, n), getattr(found, n)) for n in ("out", "h", "c"))
    values = [np.abs(a - b.astype(np.int64)).max() for pair in arrays for a, b in pair]
    counts = [abs(expected.saturated[k] - found.saturated[k]) for k in expected.saturated]
    return int(max(values + counts)), sum(a.size for a in expected.out)


def main():
    """Measure and write docs/results/exactness.json."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cases", type=int, default=5000)
    cases = options.parse_args().cases
    found = [difference(seed) for seed in tqdm(range(cases), disable=None)]
    worst, values = max(d for d, _ in found), sum(n for _, n in found)
    figures = [
        results.figure(
            "random cases compared, C kernels against reference",
            cases,
            "cases",
            ">= 1000",
            cases >= 1000,
            outputs_compared=values,
        ),
        results.figure("largest difference", worst, "LSB", "0", worst == 0),
    ]
    results.write("exactness", figures, {"seeds": f"0 to {cases - 1}"})
    print(f"{cases} cases, {values} outputs, largest difference {worst} LSB")
    return worst != 0


if __name__ == "__main__":
    sys.exit(main())
