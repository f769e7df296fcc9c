"""What is modelled of an image again and again, kept with it: no longer than the image itself."""

from functools import lru_cache

KEPT = 8  # of an image; a driver and a report ask for the same ones
_NAME = "_kept"  # of the attribute


class Kept:
    """The last few results by their arguments; a copy of an image begins without any.

    Attributes
    ----------
    result : callable
        ``result(make, *arguments)``: ``make(*arguments)``, or what it returned before. Threads
        may ask at once, and then may both make it.
    """

    def __init__(self):
        self.result = lru_cache(KEPT)(_made)  # which has no lock that a fork could leave closed

    def __reduce__(self):
        return Kept, ()

    @classmethod
    def of(cls, image):
        """That of an image, which is frozen but for this."""
        own = vars(image)
        return own.get(_NAME) or own.setdefault(_NAME, cls())  # one, whichever thread is first


def _made(make, *arguments):
    return make(*arguments)
