"""docs/results.md from the JSON files beside it: every figure, its goal and its verdict."""

import json

import results

ORDER = (
    "training",
    "budgets",
    "weight_error",
    "compression_time",
    "exactness",
    "cpu_against_torch",
    "clean_clone",
)


def section(report):
    """One file as Markdown."""
    lines = [
        f"## {report['name']}",
        "",
        f"`make {report['name'].replace('_', '-')}` at commit {report['commit']}. "
        + ", ".join(f"{k}: {v}" for k, v in report["conditions"].items())
        + ".",
        "",
        "| figure | value | goal | verdict | more |",
        "|---|---|---|---|---|",
    ]
    for entry in report["figures"]:
        known = ("figure", "value", "unit", "goal", "verdict")
        more = "; ".join(
            f"{k.replace('_', ' ')} {_text(v)}" for k, v in entry.items() if k not in known
        )
        lines.append(
            f"| {entry['figure']} | {_text(entry['value'])} {entry['unit']} "
            f"| {entry.get('goal') or ''} | {entry.get('verdict') or ''} | {more} |"
        )
    return "\n".join(lines)


def _text(value):
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, (list, tuple)):
        return " to ".join(_text(v) for v in value)
    return str(value)


def main():
    """Write docs/results.md."""
    reports = [
        json.loads((results.RESULTS / f"{name}.json").read_text(encoding="utf-8"))
        for name in ORDER
        if (results.RESULTS / f"{name}.json").exists()
    ]
    head = (
        "# Results\n\nEvery figure comes from the command that its section names, which writes "
        "`docs/results/<name>.json`; `make results` runs them all. Times are measured on the "
        "machine named there; no board was used.\n\n"
    )
    text = head + "\n\n".join(section(report) for report in reports) + "\n"
    (results.ROOT / "docs" / "results.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
