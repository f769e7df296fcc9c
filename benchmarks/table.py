"""docs/results.md from the JSON files beside it: every figure, its goal and its verdict."""

import json
import re

import labels
import results

ORDER = (
    "training",
    "budgets",
    "ordinary_network",
    "bench_compression",
    "paper_svd",
    "paper_pbd",
    "paper_pbd_goal",
    "paper_pbd_other_ways",
    "weight_error",
    "bench_solver",
    "bench_forms",
    "gate_errors",
    "gate_errors_ordinary",
    "bench_search",
    "bench_stacks",
    "bench_explore",
    "compression_time",
    "exactness",
    "cpu_against_torch",
    "bench_cpu",
    "bench_cpu_onnxruntime_1.31.1",
    "aarch64_instructions",
    "clean_clone",
    "first_use",
    "notebooks",
    "cycles_model",
    "accelerator",
    "block_diagonal_accelerator",
    "paper_pbd_hardware",
    "roofline",
    "kernel_speed",
    "kernel_exactness",
    "driver",
    "soak",
    "pynq_matrix",
)
TITLES = {  # of sections that no rule makes of a file's name
    "aarch64_instructions": "aarch64 instructions",
    "bench_compression": "Fine-tuned components",
    "bench_cpu": "The CPU path beside other runtimes",
    "bench_cpu_onnxruntime_1.31.1": "The CPU path beside ONNX Runtime 1.31.1",
    "bench_explore": "Exploration",
    "bench_forms": "Components of gates, stacked ones and allotted words",
    "bench_search": "Searches",
    "bench_solver": "Block coordinate descent",
    "bench_stacks": "Components shared across layers",
    "cpu_against_torch": "CPU against PyTorch",
    "paper_pbd": "The block-diagonal paper, Table I",
    "paper_pbd_goal": "The block-diagonal paper, the goal of 1 %",
    "paper_pbd_hardware": "The block-diagonal paper, hardware",
    "paper_pbd_other_ways": "The block-diagonal paper, other ways to that goal",
    "paper_svd": "The SVD paper",
    "pynq_matrix": "Versions of pynq",
}
RANGES = re.compile("(interval|range|simulated|used|on_its_board)")  # keys whose pairs are ranges
FIRST = ("figure", "value", "how", "goal", "verdict")
HEAD = """# Results

Every figure comes from the command that its section names, which writes `docs/results/<name>.json`.
`make results` runs most of them, and bench-stacks trains there; to be asked for by their names are
training, ordinary-network, gate-errors-ordinary, bench-compression, paper-svd, the three of
paper-pbd, first-use, and bench-cpu beside another version of ONNX Runtime. The column "how" says
whether a figure was measured or modelled. Times on the CPU and accuracies are measured, on the
machine named there. Cycles, times and resources of the accelerator are modelled: a timed dataflow
simulation under assumed latencies and a model of resources; their energy from published constants
of other chips, held against no measurement. The driver was measured on the emulated board.
Instructions of aarch64 code were counted in an emulator, and their times are modelled. Nothing was
synthesised, and no board was used.

| how | meaning |
| --- | --- |
| measured | by a clock, or on data: times, memory, accuracies, errors of weights |
| modelled | calculated or simulated under assumptions, as all times of the accelerator |
| measured over modelled | a ratio of the two: no comparison of measurements |
| counted | cases, instructions, accesses; exact |
| quoted | another's figure, as published |
| arithmetic | follows from other figures of the table |

It is said of the column "value". In the other columns accuracies, errors and bytes are always of
the models themselves, which were made and run; what is of time and hardware is as the value is,
unless the column says modelled.
"""


def section(report):
    """One file as Markdown: its command, its conditions, a table with a column for each key."""
    name = report["name"]
    conditions = ", ".join(
        f"{key} {_text(value, key)}" for key, value in report["conditions"].items()
    )
    rows = [
        {**entry, "value": _value(entry), "how": labels.how(name, entry)}
        for entry in report["figures"]
    ]
    keys = {key: None for row in rows for key in row if key != "unit"}
    columns = [key for key in FIRST if key in keys] + [key for key in keys if key not in FIRST]
    lines = [[key.replace("_", " ") for key in columns], ["---"] * len(columns)]
    lines += [[_cell(row.get(key, ""), key) for key in columns] for row in rows]
    return "\n".join(
        [f"## {TITLES.get(name, name.replace('_', ' ').capitalize())}", ""]
        + [f"`{labels.command(name)}`, commit {report['commit']}; {conditions.rstrip('.')}.", ""]
        + [f"| {' | '.join(line)} |" for line in lines]
    )


def _value(entry):
    return f"{_text(entry['value'], 'range')} {entry['unit']}".strip()


def _cell(value, key):
    """What stands in a cell of the table: a bar would end it."""
    return _text(value, key).replace("|", "\\|")


def _text(value, key=""):
    """A value as words; two numbers are a range where the name of the column says so."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{round(value, 2):g}" if abs(value) >= 1 else f"{value:.4g}"
    if isinstance(value, (list, tuple)):
        nested = any(isinstance(v, (list, tuple)) for v in value)
        is_range = len(value) == 2 and not nested and RANGES.search(key)
        between = "; " if nested else " to " if is_range else ", "
        return between.join(_text(v, key) for v in value)
    if isinstance(value, dict):
        return ", ".join(f"{k} {_text(v, k)}" for k, v in value.items())
    return str(value)


def main():
    """Write docs/results.md."""
    files = [results.RESULTS / f"{name}.json" for name in ORDER]
    reports = [json.loads(path.read_text(encoding="utf-8")) for path in files if path.exists()]
    text = "\n\n".join([HEAD.rstrip(), *map(section, reports)]) + "\n"
    results.replace(results.ROOT / "docs" / "results.md", text.encode())


if __name__ == "__main__":
    main()
