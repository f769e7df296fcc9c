"""The command line, ``pynq-lstm``."""
