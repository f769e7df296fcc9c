"""What rank-1 components of given options take, before there are any."""

from dataclasses import replace

from pynq_lstm.compression.part_options import GATES, PER_GATE


def words(options, side, models, rows, columns):
    """Words of u, v and s of one refinement, four components or a stacked one; at least so many.

    Of ``form="auto"`` that of the form per gate.

    Parameters
    ----------
    options : SvdOptions
    side : str
        "input" or "hidden".
    models, rows, columns : int
        Matrices of one gate that share components, of `rows` inputs and `columns` units.
    """
    one = replace(options, refinements=1, words=None)
    form, lists = _first(one, side, (models, rows, columns))
    units = columns if form == PER_GATE else GATES * columns
    return sum(own.fewest_words(models, rows, units) for own in lists)


def most_words(options, side, models, rows, columns):
    """Words of one refinement at most, where pruned tiles are ragged ones; arguments as above."""
    form, lists = _first(replace(options, refinements=1, words=None), side, (models, rows, columns))
    units = columns if form == PER_GATE else GATES * columns
    return sum(own.most_words(models, rows, units) for own in lists)


def longest(options, side, models, rows, columns):
    """The form, and a `PartOptions` of each list with the most refinements; arguments as above."""
    shape = models, rows, columns
    one = replace(options, refinements=1, words=None)
    form, lists = _first(one, side, shape)
    return form, tuple(replace(own, refinements=most(one, side, *shape)) for own in lists)


def most(options, side, models, rows, columns):
    """The most refinements that the matrices allow; arguments as above."""
    one = replace(options, refinements=1, words=None)
    form, _ = _first(one, side, (models, rows, columns))
    return models * min(rows, columns if form == PER_GATE else GATES * columns)


def asked(options, side, models, rows, columns):
    """The refinements that are asked for, a list: of one stacked list, or of four gates."""
    return [own.refinements for own in _first(options, side, (models, rows, columns))[1]]


def _first(options, side, shape):
    return next(iter(options.lists(side, *shape).items()))
