"""Pictures of the run: time against drop or error within every budget, and drop against error."""

from operator import itemgetter

from matplotlib.figure import Figure

from benchmarks.paper_svd.candidates import of_rows
from benchmarks.paper_svd.claims import ALLOWED
from benchmarks.paper_svd.report import streamed
from pynq_lstm import fronts, plots


def draw(shown, folder):
    """Write paper_svd.svg.

    Parameters
    ----------
    shown : mapping of str to (list of dict, list of dict)
        Candidates on designs and in software, by the name of the task.
    folder : Path
    """
    panels = [panel for name, found in shown.items() for panel in _panels(name, *found)]
    height = -(-(len(panels) + 1) // 2)
    figure = Figure(figsize=(14, 4.6 * height), dpi=100, layout="constrained")
    axes = figure.subplots(height, 2, squeeze=False).ravel()
    for ax, (asked, rows) in zip(axes, panels):
        ours = [row for row in rows if row["engine"] == "svdn"]
        others = [row for row in rows if row["engine"] != "svdn"]
        plots.front(_exploration(asked, ours, others), ax)
    trained = next(rows for rows, _ in shown.values() if rows[0]["drop"] is not None)
    drawn = [one for one in of_rows(trained) if one.engine in ("svdn", "svd1_hw")]
    plots.drop_against_mse(drawn, axes[len(panels)])
    for ax in axes[len(panels) + 1 :]:
        ax.set_visible(False)
    plots.save(axes[0], folder / "paper_svd.svg")


def _panels(name, rows, software):
    """All budgets of a trained network, with software; of sizes the largest one; both streamed."""
    budgets = sorted({row["budget"] for row in rows}, reverse=True)
    trained = rows[0]["drop"] is not None
    for budget in budgets if trained else budgets[:1]:
        within = [row for row in rows if row["budget"] == budget]
        own = within + software if trained else [row for row in within if "words" in row]
        yield f"{name}, at most {budget} DSPs of the ZCU104", own
        if budget == budgets[0]:
            yield f"{name}, at most {budget} DSPs, weights streamed", streamed(within)


def _exploration(asked, ours, baselines):
    key = "mse" if ours[0]["drop"] is None else "drop"
    front = fronts.front(ours, itemgetter("microseconds"), itemgetter(key))
    return {
        "asked": asked,
        "device": "zcu104",
        "float_value": None,
        "best": ours.index(next((row for row in front if (row["drop"] or 0) <= ALLOWED), front[0])),
        "candidates": [{**row, "front": row in front} for row in ours],
        "baselines": baselines,
        "left_out": {},
    }
