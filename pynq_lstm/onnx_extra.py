"""The package onnx, which only importing and exporting ONNX needs. Extra: ``pynq-lstm[onnx]``."""

from pynq_lstm.errors import MissingExtraError


def onnx():
    """The module onnx, with its helpers and its reference evaluator.

    Raises
    ------
    MissingExtraError
        It is not installed.
    """
    try:
        import onnx
        import onnx.helper
        import onnx.numpy_helper
        import onnx.reference
    except ImportError:
        raise MissingExtraError(
            "onnx", None, "not installed", "pip install 'pynq-lstm[onnx]'"
        ) from None
    return onnx
