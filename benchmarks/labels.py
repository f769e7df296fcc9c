"""Of every figure whether it was measured or modelled, and of every file the command that makes it.

A figure says it itself, at the beginning of its ``basis`` or at the end of its unit; else its file
does, here, and a file that is not named here is refused.
"""

import re

WORDS = ("measured", "modelled", "counted", "quoted", "arithmetic", "measured over modelled")
# of the figures that do not say it themselves; a model's accuracy and error are measured ones
OF_FILES = {
    "aarch64_instructions": "counted",
    "bench_compression": "measured",
    "bench_cpu": "measured",
    "bench_explore": "measured",
    "bench_forms": "measured",
    "bench_search": "measured",
    "bench_solver": "measured",
    "bench_stacks": "measured",
    "budgets": "measured",
    "clean_clone": "measured",
    "compression_time": "measured",
    "cpu_against_torch": "measured",
    "driver": "counted",
    "exactness": "counted",
    "first_use": "measured",
    "gate_errors": "measured",
    "gate_errors_ordinary": "measured",
    "kernel_exactness": "counted",
    "kernel_speed": "measured",
    "notebooks": "measured",
    "ordinary_network": "measured",
    "paper_pbd": "measured",
    "paper_pbd_goal": "measured",
    "paper_pbd_other_ways": "measured",
    "paper_svd": "measured",
    "pynq_matrix": "counted",
    "training": "measured",
    "weight_error": "measured",
}
# figures whose name or unit tells more than their file; the first that fits counts
_OF_FIGURES = (
    (r"\(modelled\), .*this processor", "measured over modelled"),
    (r"modelled|^estimated|-HW's time over|its time over the best", "modelled"),
)
_PEER = "bench_cpu_onnxruntime_"


def how(name, entry):
    """One of `WORDS` for a figure of the file `name`.

    Raises
    ------
    KeyError
        Neither the figure nor `OF_FILES` says it.
    """
    said = re.match(r"\w+", entry.get("basis", "")) or re.search(r"\w+$", entry["unit"])
    if said and said[0] in WORDS:
        return said[0]
    for pattern, word in _OF_FIGURES:
        if re.search(pattern, entry["figure"]):
            return word
    return OF_FILES["bench_cpu" if name.startswith(_PEER) else name]


def command(name):
    """What is typed to make docs/results/<name>.json again."""
    if name.startswith(_PEER):
        return f"make bench-cpu ONNXRUNTIME={name.removeprefix(_PEER)}"
    return f"make {name.replace('_', '-')}"
