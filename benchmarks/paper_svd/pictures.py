"""Pictures of the run: time against drop or error within every budget, and drop against error."""

from matplotlib.figure import Figure

from benchmarks.paper_svd.candidates import of_rows
from pynq_lstm import plots


def draw(shown, folder):
    """Write paper_svd.svg.

    Parameters
    ----------
    shown : mapping of str to (list of dict, list of dict)
        Candidates on designs and in software, by the name of the task.
    folder : Path
    """
    panels = [
        (name, budget, [row for row in rows if row["budget"] == budget], software)
        for name, (rows, software) in shown.items()
        for budget in sorted({row["budget"] for row in rows}, reverse=True)
    ]
    height = -(-(len(panels) + 1) // 2)
    figure = Figure(figsize=(14, 4.6 * height), dpi=100, layout="constrained")
    axes = figure.subplots(height, 2, squeeze=False).ravel()
    for ax, (name, budget, rows, software) in zip(axes, panels):
        ours = [row for row in rows if row["engine"] == "svdn"]
        others = [row for row in rows if row["engine"] != "svdn"]
        asked = f"{name}, at most {budget} DSPs of the ZCU104"
        plots.front(_exploration(asked, ours, others + software), ax)
    first_rows = next(iter(shown.values()))[0]
    drawn = [one for one in of_rows(first_rows) if one.engine in ("svdn", "svd1_hw")]
    plots.drop_against_mse(drawn, axes[len(panels)])
    for ax in axes[len(panels) + 1 :]:
        ax.set_visible(False)
    plots.save(axes[0], folder / "paper_svd.svg")


def _exploration(asked, ours, baselines):
    front = _front(ours)
    return {
        "asked": asked,
        "device": "zcu104",
        "float_value": None,
        "best": ours.index(front[0]),
        "candidates": [{**row, "front": row in front} for row in ours],
        "baselines": baselines,
        "left_out": {},
    }


def _front(rows):
    key = "mse" if rows[0]["drop"] is None else "drop"
    found = []
    for row in sorted(rows, key=lambda one: (one["microseconds"], one[key])):
        if not found or row[key] < found[-1][key]:
            found.append(row)
    return found
