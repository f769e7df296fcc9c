"""The terms in which accesses are told: roots, paths and modes.

A path names the members and indices between a variable and what is used, so the streams of a
struct or an array are different channels.
"""

from dataclasses import dataclass

from clang.cindex import CursorKind, StorageClass

READ, WRITE = "read", "write"
ANY = "[*]"


@dataclass(frozen=True)
class Root:
    """A variable as a caller can know it.

    Parameters
    ----------
    kind : str
        ``"parameter"``, ``"variable"`` or ``"this"``.
    identity : object
        Index of the parameter, or :func:`~.cursors.key` of the variable.
    """

    kind: str
    identity: object = None


@dataclass(frozen=True)
class Access:
    """One way of using a piece of a variable.

    Parameters
    ----------
    root : Root
    path : tuple of str
        Members as ``".name"``, indices as ``"[3]"`` or ``"[*]"``.
    mode : str
        :data:`READ` or :data:`WRITE`.
    is_stream : bool
        Whether it is an access of a stream.
    """

    root: Root
    path: tuple
    mode: str
    is_stream: bool = False


def outlives_calls(variable):
    """Whether a variable is static or global."""
    if variable.storage_class == StorageClass.STATIC:
        return True
    parent = variable.semantic_parent
    return parent is None or parent.kind in (
        CursorKind.TRANSLATION_UNIT,
        CursorKind.NAMESPACE,
        CursorKind.STRUCT_DECL,
        CursorKind.CLASS_DECL,
    )
