"""The file of a compressed model: docs/model_file.md as code."""

from pynq_lstm.model_file.container import content_hash, from_bytes, load, save, to_bytes

__all__ = ["content_hash", "from_bytes", "load", "save", "to_bytes"]
