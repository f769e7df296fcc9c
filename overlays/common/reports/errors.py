# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with a report."""

from pynq_lstm.errors import PynqLstmError


class ReportError(PynqLstmError, ValueError):
    """A report that cannot be taken for what it should be."""


class TruncatedReportError(ReportError):
    """A report that ends early, or in which something is missing."""


class OtherToolError(ReportError):
    """A report of another tool, another command, or of a version that is not supported."""
