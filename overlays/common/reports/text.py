# SPDX-License-Identifier: Apache-2.0
"""What the text reports have in common: versions, headers, tables of ``|``."""

import re
from pathlib import Path

from reports.errors import OtherToolError, ReportError, TruncatedReportError

OLDEST, NEWEST = (2022, 1), (2025, 2)


def load(path):
    """The text of a report.

    Raises
    ------
    ReportError
        No such file, or not text.
    """
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ReportError(
            "report", str(path), str(error), "name a report that was written"
        ) from None


def check_version(version, field):
    """`version` like 2022.1 or 2024.1.2, if it is one that the build supports.

    Raises
    ------
    OtherToolError
    """
    found = re.match(r"(\d{4})\.(\d)", version)
    if not found or not OLDEST <= (int(found[1]), int(found[2])) <= NEWEST:
        raise OtherToolError(field, version, "not a version of 2022.1 to 2025.2", "use one of them")
    return version


def vivado_header(text, command):
    """Version, design and device from the head of a report of Vivado.

    Parameters
    ----------
    text : str
    command : str
        The command that must have written it.

    Returns
    -------
    dict
        ``version``, ``design``, ``device``, and ``state`` where it is given.

    Raises
    ------
    OtherToolError, TruncatedReportError
    """
    head = dict(re.findall(r"^\| ([A-Z][\w ]*?) *: +(.*?) *\|?$", text, re.MULTILINE))
    tool = head.get("Tool Version", "")
    found = re.match(r"Vivado v\.(\S+)", tool)
    if not found:
        raise OtherToolError("Tool Version", tool, "not a report of Vivado", f"use {command} -file")
    if head.get("Command", "").split(" ")[0] != command:
        raise OtherToolError(
            "Command", head.get("Command", ""), f"not a report of {command}", f"use {command} -file"
        )
    for field in ("Design", "Device"):
        if field not in head:
            raise TruncatedReportError(field, "", "not in the head", "write the report again")
    return {
        "version": check_version(found[1], "Tool Version"),
        "design": head["Design"],
        "device": head["Device"],
        "state": head.get("Design State", ""),
    }


def table(text, title):
    """Rows of the table that follows a heading, as dictionaries by column.

    Parameters
    ----------
    text : str
    title : str
        The heading's line, whole.

    Returns
    -------
    dict of str to dict
        By the first column.

    Raises
    ------
    TruncatedReportError
        No such heading with a rule below it, or a table without its end.
    """
    found = re.search(
        rf"^{re.escape(title)}\n-+\n\s*\n*(\+[-+]+\+)\n(\|.*\|)\n\1\n((?:\|.*\|\n)+)\1$",
        text,
        re.MULTILINE,
    )
    if not found:
        raise TruncatedReportError(title, "", "no whole table", "write the report again")
    columns = cells(found[2])
    rows = {}
    for line in found[3].splitlines():
        values = cells(line)
        if len(values) != len(columns):
            raise TruncatedReportError(title, line, "a row of other columns", "write it again")
        rows[values[0]] = dict(zip(columns, values))
    return rows


def cells(line):
    """The cells of one line of a table, stripped."""
    return [cell.strip() for cell in line.strip().strip("|").split("|")]
