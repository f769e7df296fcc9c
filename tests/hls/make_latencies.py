"""``PYTHONPATH=. python tests/hls/make_latencies.py`` writes pynq_lstm/accelerator/latencies*.json.

The depths of the kernels' loops and the overheads around them, as the timed simulation takes them
from hls_src/*/depths.json, tools/dataflow/operators.json and timing.json.
"""

import json
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT / "tools"), str(HERE), str(ROOT / "tests" / "accelerator")]

import timed_kernel  # noqa: E402
from dataflow.build import settings  # noqa: E402
from designs import BLOCKS, DEFAULT  # noqa: E402

from pynq_lstm.accelerator import latencies  # noqa: E402

ABOUT = "Cycles that the model of cycles assumes; made by tests/hls/make_latencies.py, do not edit."


def text(library):
    """What the file has to hold, from a timed build."""
    loops = json.loads(Path(f"{library}.json").read_text(encoding="utf-8"))["loops"]
    rows = {
        loop["key"].partition(".")[2]: {
            "depth": loop["depth"],
            "style": loop["style"],
            "ii": int(loop["ii"]),
        }
        for loop in sorted(loops, key=lambda loop: loop["key"])
    }
    assert len(rows) == len(loops), "two loops have one label"
    lines = ",\n".join(f"  {json.dumps(k)}: {json.dumps(row)}" for k, row in rows.items())
    numbers = "".join(f' "{name}": {settings()[name]},\n' for name in latencies.OVERHEADS)
    return f'{{\n "about": {json.dumps(ABOUT)},\n{numbers} "loops": {{\n{lines}\n }}\n}}\n'


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        for design in (DEFAULT, BLOCKS):
            library = timed_kernel.build(design, Path(folder, design.name))
            latencies.FILES[design.engine].write_text(text(library), encoding="utf-8")
