"""Static checks of HLS C++ without Vitis: a lint on instantiated code, and an LLVM IR whitelist.

README.md beside this file has the rules, their limits and how to run them. The modules ``ir`` and
``sanitize`` need a compiler only; the lint needs libclang.
"""

from importlib.util import find_spec

from .errors import HlsCheckError
from .findings import RULES, Finding, has_errors, to_json, to_text
from .kernel import Kernel

__all__ = [
    "RULES",
    "Finding",
    "HlsCheckError",
    "Kernel",
    "has_errors",
    "lint",
    "to_json",
    "to_text",
]


def lint(kernel):
    """Check a kernel against all rules.

    Parameters
    ----------
    kernel : Kernel

    Returns
    -------
    list of Finding
        By place; empty for a clean kernel. A source that does not compile gives ``parse`` only.

    Raises
    ------
    HlsCheckError
        If libclang or a file is missing.
    """
    if find_spec("clang") is None:
        raise HlsCheckError("libclang", None, "is not installed", "pip install libclang==18.1.1")
    from .checks import check

    return check(kernel)
