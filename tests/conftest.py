"""Helpers of the tests are importable from every folder; ``--no-skips`` makes a skip a failure."""

import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))


def pytest_addoption(parser):
    parser.addoption(
        "--no-skips",
        action="store_true",
        help="fail if a test is skipped: for machines that must run them all",
    )
    parser.addoption(
        "--kernel-cases",
        type=int,
        default=500,
        help="random cases of the compiled kernel against the naive model",
    )


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = len(reporter.stats.get("skipped", ())) if reporter else 0
    if session.config.getoption("--no-skips") and skipped:
        reporter.write_line(f"\n{skipped} skipped, and --no-skips was given", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
