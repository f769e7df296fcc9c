"""How many components of each gate may be asked for."""

import numbers

from pynq_lstm.errors import InputError


def served(refinements, prefixes, most, what):
    """Check a value of `refinements`.

    Parameters
    ----------
    refinements : int or None
        None stands for the largest that is served.
    prefixes : tuple of int or None
        The values that may be asked for; None: any.
    most : int
        Length of the longest list of components; more gives all there are.
    what : str
        What serves them, for the message.

    Returns
    -------
    int
        1 to `most`.

    Raises
    ------
    InputError
        Not an integer of at least 1, or not one of `prefixes` where there are any.
    """
    if refinements is None:
        return prefixes[-1] if prefixes else most
    whole = isinstance(refinements, numbers.Integral) and not isinstance(refinements, bool)
    if not whole or refinements < 1 or refinements not in (prefixes or (refinements,)):
        remedy = f"choose from {list(prefixes)}" if prefixes else "choose 1 or more"
        raise InputError(
            "refinements", refinements, f"a prefix that this {what} does not serve", remedy
        )
    return min(int(refinements), most)
