"""Run all rules on a kernel."""

from .accesses import Accesses
from .blocks import Blocks
from .calls import Calls, find_tops
from .cursors import definition_place
from .dataflow import DataflowRules
from .findings import Findings
from .interface import check_interface, check_packs, check_top
from .language import check_language
from .loops import LoopRules
from .origins import Origins
from .partition import PartitionRule
from .placement import check_pragmas
from .ports import check_bundles
from .pragmas import find_pragmas, pragma_operators
from .source import Unit


def check(kernel):
    """What :func:`hls_lint.lint` does, libclang being there."""
    unit, findings = Unit(kernel), Findings()
    for place, message in unit.errors():
        findings.add(place, "parse", message)
    if findings.sorted():
        return findings.sorted()
    pragmas = []
    for file, text in unit.files.items():
        pragmas += find_pragmas(file, text, unit.skipped)
        for line in pragma_operators(text):
            findings.add((file, line), "pragma-form", "_Pragma: write #pragma HLS")
    blocks = Blocks(unit, pragmas)
    check_pragmas(unit, blocks, pragmas, findings)
    tops = find_tops(unit, kernel.top)
    check_top(unit, tops, kernel.top, findings)
    if tops:
        _check_reached(unit, blocks, Calls(unit, tops[0]), findings)
    return findings.sorted()


def _check_reached(unit, blocks, calls, findings):
    accesses = Accesses(calls)
    origins = Origins(calls, accesses)
    partition = PartitionRule(calls, blocks, accesses, origins, findings)
    check_interface(calls.top, blocks, findings)
    check_packs(unit, calls, findings)
    check_language(unit, calls, findings)
    LoopRules(unit, calls, blocks, findings, partition).check()
    partition.report()
    regions = DataflowRules(unit, calls, blocks, accesses, findings).check()
    check_bundles(calls, blocks, regions, origins, findings)
    reached = calls.reached_places()
    for function in blocks.functions:
        if definition_place(function) not in reached and not _is_constexpr(function):
            findings.warn(function, "unreached", f"{function.spelling} is not reached: unchecked")


def _is_constexpr(function):
    for token in function.get_tokens():
        if token.spelling in ("constexpr", "{"):
            return token.spelling == "constexpr"
    return False
