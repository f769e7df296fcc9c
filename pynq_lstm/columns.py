"""Rows of a text table: a column for every value that some row has."""


class Columns:
    """Right-aligned columns.

    Parameters
    ----------
    columns : sequence of (str, int, str, callable)
        Heading, width, format, and the value of a row; None is shown as "-".
    rows : sequence
        Columns that are None for all of them are left out.

    Attributes
    ----------
    heads : str
        The headings in one line.
    """

    def __init__(self, columns, rows):
        self._shown = [c for c in columns if any(c[3](row) is not None for row in rows)]
        self.heads = "".join(f"{head:>{width}s}" for head, width, *_ in self._shown)

    def cells(self, row):
        """A row in one line."""
        return "".join(_cell(of(row), width, form) for _, width, form, of in self._shown)


def _cell(value, width, form):
    return f"{'-':>{width}s}" if value is None else f"{value:{width}{form}}"
