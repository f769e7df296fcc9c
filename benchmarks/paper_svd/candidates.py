"""Rows of the run's files as objects."""

from dataclasses import fields

from pynq_lstm.candidate import Candidate


def of_rows(rows):
    """A `Candidate` of each row; what else a row says is left out."""
    names = [field.name for field in fields(Candidate)]
    return [Candidate(**{name: row[name] for name in names}) for row in rows]
