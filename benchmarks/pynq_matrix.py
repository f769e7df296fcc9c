"""The driver's tests with every pynq that is supported: what `make pynq` wrote into build/."""

import sys
from xml.etree import ElementTree

import results


def figures(path):
    """Figures of one version, from its file ``build/pynq-VERSION.xml``."""
    version = path.stem.partition("-")[2]
    suite = ElementTree.parse(path).getroot().find("testsuite")
    tests, failed, skipped = (int(suite.get(k)) for k in ("tests", "failures", "skipped"))
    failed += int(suite.get("errors"))
    found = {}
    for entry in suite.iterfind(".//property"):
        if entry.get("name") in ("driver models", "driver runs", "operations failed"):
            count = int(entry.get("value").split()[0])  # "12 of 146" or "146"
            found[entry.get("name")] = found.get(entry.get("name"), 0) + count
    return results.figure(
        f"pynq {version}: tests passed",
        tests - failed - skipped,
        "",
        f"all {tests}",
        not failed and not skipped,
        failed=failed,
        skipped=skipped,
        random_models_through_the_driver=found.get("driver models", 0),
        inferences_compared_0_lsb=found.get("driver runs", 0),
        operations_made_to_fail=found.get("operations failed", 0),
        python=_python(suite),
        seconds=float(suite.get("time")),
    )


def _python(suite):
    values = {e.get("value") for e in suite.iterfind(".//property") if e.get("name") == "python"}
    return ", ".join(sorted(values))


def main(versions):
    """Write docs/results/pynq_matrix.json."""
    paths = [results.ROOT / "build" / f"pynq-{version}.xml" for version in versions]
    results.write(
        "pynq_matrix",
        [figures(path) for path in paths],
        {"basis": "emulated board, unmodified pynq in an environment of its own"},
    )


if __name__ == "__main__":
    main(sys.argv[1:])
