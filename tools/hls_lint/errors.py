"""What the checkers of HLS sources raise when they cannot do their work."""

from pynq_lstm.errors import PynqLstmError


class HlsCheckError(PynqLstmError, RuntimeError):
    """A check could not run: a tool, a header or an argument is missing or wrong."""
