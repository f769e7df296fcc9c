"""Command line of the static checks."""

import argparse
import json
import sys
from pathlib import Path

from pynq_lstm.errors import PynqLstmError

from . import lint
from .findings import WARNING, has_errors, to_json, to_text
from .ir import check_ir
from .kernel import Kernel


def main(arguments=None):
    """Check a kernel; returns 0 if it is clean, 1 if not, 2 if the check could not run."""
    options = _parser().parse_args(arguments)
    try:
        kernel = Kernel(
            options.source,
            options.top,
            tuple(options.include),
            tuple(options.library),
            options.ap_types,
            tuple(options.define),
        )
        return _lint(kernel, options) if options.check == "lint" else _ir(kernel, options)
    except PynqLstmError as error:
        print(f"hls_lint: {error}", file=sys.stderr)
        return 2


def _lint(kernel, options):
    found = lint(kernel)
    if options.no_warnings:
        found = [finding for finding in found if finding.severity != WARNING]
    print(to_json(found) if options.json else to_text(found))
    return int(has_errors(found) or (options.strict and bool(found)))


def _ir(kernel, options):
    report = check_ir(kernel)
    if options.json:
        print(json.dumps({**vars(report), "ok": report.ok}, indent=2))
    else:
        print(report)
    return int(not report.ok)


def _parser():
    parser = argparse.ArgumentParser(prog="hls_lint", description=__doc__)
    parser.add_argument("check", choices=("lint", "ir"), help="rules on the C++, or on LLVM IR")
    parser.add_argument("source", type=Path, help="the file that defines the top")
    parser.add_argument("--top", required=True, help="name of the top function")
    parser.add_argument(
        "-I", dest="include", type=Path, action="append", default=[], help="checked"
    )
    parser.add_argument(
        "--library", type=Path, action="append", default=[], help="headers that are only used"
    )
    parser.add_argument("--ap-types", type=Path, help="folder of ap_int.h")
    parser.add_argument("-D", dest="define", action="append", default=[], metavar="NAME[=VALUE]")
    parser.add_argument("--json", action="store_true", help="findings as JSON")
    parser.add_argument("--strict", action="store_true", help="warnings count as errors")
    parser.add_argument("--no-warnings", action="store_true", help="leave warnings out")
    return parser
