"""The package h5py, which only reading files of Keras needs. Extra: ``pynq-lstm[keras]``."""

from pynq_lstm.errors import MissingExtraError


def h5py():
    """The module h5py.

    Raises
    ------
    MissingExtraError
        It is not installed.
    """
    try:
        import h5py
    except ImportError:
        raise MissingExtraError(
            "h5py", None, "not installed", "pip install 'pynq-lstm[keras]'"
        ) from None
    return h5py
