"""A million inferences of one session on the emulated board: does anything grow?"""

import argparse
import sys
import warnings

import pynq
import results

sys.path.insert(0, str(results.ROOT / "tests"))
sys.path.insert(0, str(results.ROOT / "tests" / "accelerator"))
sys.path.insert(0, str(results.ROOT / "tests" / "driver"))

from small_model import small_case  # isort: skip
from soak import soak  # isort: skip

import pynq_lstm as pl

CALLS, GOAL = 1_000_000, 1 << 20


def soak_figure(calls):
    """Memory, files and buffers that many calls left behind."""
    warnings.simplefilter("ignore", pl.SaturationWarning)  # random codes are meant to saturate
    model, x = small_case()
    with pl.load(model, backend="reference") as session:
        expected = session.infer(x)[0]
    with pl.load(model, backend="emulator", overlay="svd_lstm_tiny") as session:
        grown = soak(session, x, expected, calls)
    nothing = not (grown["files"] or grown["buffers"] or grown["wrong"])
    return results.figure(
        f"memory grown over {calls:,d} calls",
        grown["grown_bytes"] / 1024,
        "KiB",
        "< 1024, no file, no buffer, no wrong answer",
        grown["grown_bytes"] < GOAL and nothing,
        files=grown["files"],
        buffers=grown["buffers"],
        wrong_answers=grown["wrong"],
        basis="measured on this machine, emulator",
    )


def main():
    """Write docs/results/soak.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=CALLS)
    results.write("soak", [soak_figure(parser.parse_args().calls)], {"pynq": pynq.__version__})


if __name__ == "__main__":
    main()
