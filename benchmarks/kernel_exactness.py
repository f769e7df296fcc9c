"""How many random cases the compiled HLS sources and the naive reference agree on, bit for bit."""

import argparse
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from tempfile import TemporaryDirectory

import results

SUITES = {
    "native": ["tests/kernel"],
    "ap_int everywhere, and Vitis's csim form": ["tests/hls/test_kernel_ap_int.py"],
    "hostile images and registers, under sanitizers": [
        "tests/hls/test_hostile.py",
        "tests/hls/test_block_diagonal_hostile.py",
    ],
}


def run(paths, cases):
    """Run tests; returns the counts that they recorded, by name, and how many failed."""
    with TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        command = [sys.executable, "-m", "pytest", "-q", f"--kernel-cases={cases}"]
        command += ["-o", "junit_family=legacy"]  # takes properties of tests
        subprocess.run([*command, f"--junitxml={report}", *paths], cwd=results.ROOT, timeout=3000)
        tree = ElementTree.parse(report)
    counts = {}
    for entry in tree.iter("property"):
        counts[entry.get("name")] = counts.get(entry.get("name"), 0) + int(entry.get("value"))
    suite = next(tree.iter("testsuite"))
    return counts, int(suite.get("failures")) + int(suite.get("errors")) + int(suite.get("skipped"))


def main():
    """Measure and write docs/results/kernel_exactness.json."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cases", type=int, default=10_000)
    cases = options.parse_args().cases
    goals = {
        "native cases": 10_000,
        "native block-diagonal cases": 5_000,
        "ap_int cases": 500,
        "csim cases": 300,
        "refused": 1000,
    }
    figures, failed = [], 0
    for name, paths in SUITES.items():
        counts, bad = run(paths, cases)
        failed += bad
        for what, count in counts.items():
            goal = goals[what]
            figures.append(
                results.figure(f"{name}: {what}", count, "cases", f">= {goal}", count >= goal)
            )
    figures.append(results.figure("tests failed or skipped", failed, "tests", "0", failed == 0))
    results.write("kernel_exactness", figures)
    for entry in figures:
        print(f"{entry['figure']}: {entry['value']} ({entry['verdict']})")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
