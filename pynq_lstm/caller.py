"""Where the user's code is, seen from inside the package."""

import sys
import traceback

_PACKAGE = __name__.partition(".")[0]


def stack_level():
    """The ``stacklevel`` that makes a warning of the calling function name the user's line.

    Returns
    -------
    int
    """
    level = 0
    for frame, _ in traceback.walk_stack(sys._getframe(1)):
        level += 1
        if frame.f_globals.get("__name__", "").partition(".")[0] != _PACKAGE:
            break
    return level
