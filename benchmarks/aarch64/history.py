"""Instructions by commit, and whether a change executes more than the last one recorded did."""

import csv
import io

import results

PATH = results.RESULTS / "aarch64_instructions.csv"
FIELDS = ("commit", "figure", "instructions")
TOLERANCE = 0.03  # how much more is no change for the worse


def load(path=PATH):
    """The recorded figures.

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict of str to dict of str to float
        By commit, in the order in which they were recorded, then by figure.
    """
    recorded = {}
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                figures = recorded.setdefault(row["commit"], {})
                figures[row["figure"]] = float(row["instructions"])
    return recorded


def record(commit, figures, path=PATH):
    """Append the figures of a commit; those that the same commit had are replaced."""
    recorded = load(path)
    recorded.pop(commit, None)
    recorded[commit] = figures
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(FIELDS)
    for at, of_commit in recorded.items():
        rows.writerows((at, name, f"{value:.6g}") for name, value in of_commit.items())
    results.replace(path, text.getvalue().encode())


def grown(figures, path=PATH):
    """What executes more than the last record says, or is not in it, one line each.

    Parameters
    ----------
    figures : dict of str to float
    path : Path

    Returns
    -------
    list of str
    """
    recorded = load(path)
    last = list(recorded.values())[-1] if recorded else {}
    lines = []
    for name in figures.keys() | last.keys():
        now, before = figures.get(name), last.get(name)
        if now is None or before is None:
            lines.append(f"{name}: {'not measured' if now is None else 'not recorded'}")
        elif now > before * (1 + TOLERANCE):
            lines.append(f"{name}: {now:.4g}, {now / before - 1:+.1%} beyond the last record")
    return sorted(lines)
