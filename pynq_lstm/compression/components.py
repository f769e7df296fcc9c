"""What rank-1 components of given options take, before there are any."""

from dataclasses import replace


def words(options, side, models, rows, columns):
    """Words of u and v of one component, s left out: at least so many are present.

    Parameters
    ----------
    options : SvdOptions
    side : str
        "input" or "hidden".
    models, rows, columns : int
        Matrices that share it, of `rows` inputs and `columns` units.
    """
    part = replace(options, refinements=1).part(side, models, rows, columns)
    absent = part.u.zero * part.u.size + part.v.zero * part.v.size
    return max(rows + columns - absent, 2)
