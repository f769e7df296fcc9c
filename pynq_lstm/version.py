"""The version; setup.cfg states the same one, as a literal for old setuptools."""

__version__ = "0.1.0"
