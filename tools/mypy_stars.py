"""A plugin of mypy for calls such as ``Layer(*arrays, bias)``.

mypy counts a star of unknown length as all the arguments that are left, and whatever follows as one
too many. Such calls are not counted here; every other call is.
"""

from mypy.nodes import ARG_STAR, ARG_STAR2, CallExpr
from mypy.plugin import Plugin
from mypy.types import AnyType, TypeOfAny


def _uncounted(context):
    """The signature that a call is held to."""
    signature, call = context.default_signature, context.context
    if not isinstance(call, CallExpr) or ARG_STAR not in call.arg_kinds:
        return signature
    anything = AnyType(TypeOfAny.special_form)
    return signature.copy_modified(
        arg_types=[anything, anything], arg_kinds=[ARG_STAR, ARG_STAR2], arg_names=[None, None]
    )


class Stars(Plugin):
    """Looks at every call of a function, a class or a method."""

    def get_function_signature_hook(self, fullname):
        """For functions and classes."""
        return _uncounted

    def get_method_signature_hook(self, fullname):
        """For methods."""
        return _uncounted


def plugin(version):
    """What mypy asks a plugin for."""
    return Stars
