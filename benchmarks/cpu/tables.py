"""The benchmark on a terminal."""

from cpu import ratios, report
from cpu.report import KILO

COLUMNS = ("us", "minimum", "p10", "wall median", "x fastest", "max error", "weights kB")
WIDTH = 12


def text(measured):
    """Everything of a `run.Outcome` as lines."""
    lines = []
    for table in measured.measurements:
        lines += ["", f"{table.title}: microseconds a call ({table.clock}), the fastest first"]
        lines += _table(table)
    lines.append("")
    for entry in report.surroundings(measured):
        lines.append(f"{entry['figure']}: {entry['value']:.4g} {entry['unit']}")
        if entry.get("microseconds"):
            lines[-1] += f", {entry['microseconds']:.1f} us an image"
        if "minimum_over_floor" in entry:
            lines[-1] += f"; the fastest call takes {entry['minimum_over_floor']:.2f} times that"
    for entry in report.speed(measured):
        if "goal" in entry:
            low, high = entry["interval_95"]
            lines.append(
                f"{entry['verdict']}: {entry['figure']}: {entry['value']:.2f} x "
                f"({low:.2f} to {high:.2f}), goal {entry['goal']}"
            )
    lines += [
        f"{entry['verdict']}: {entry['figure']}: {entry['value']:.2f} us, goal {entry['goal']} us"
        for entry in report.overheads(measured)
    ]
    lines += [f"left out: {name}: {why}" for name, why in report.left_out(measured).items()]
    return "\n".join(lines)


def _table(table):
    labels = {n: f"pynq_lstm {n}" if table.competitors[n].ours else n for n in table.ranking}
    width = max(map(len, labels.values()))
    lines = [" " * (width + 2) + "".join(f"{column:>{WIDTH}s}" for column in COLUMNS)]
    for name, label in labels.items():
        entry, told = table.competitors[name], ratios.summary(table.rounds(name))
        values = (
            f"{table.time(name):.1f}",
            f"{told['minimum']:.1f}",
            f"{told['p10']:.1f}",
            f"{ratios.summary(table.times[name].wall)['median']:.1f}",
            f"{table.ratio(name)[0]:.2f}",
            f"{entry.error:.2g}",
            f"{entry.weight_bytes / KILO:.1f}",
        )
        line = "".join(f"{value:>{WIDTH}s}" for value in values)
        lines.append(f"  {label:{width}s}{line}")
    return lines
