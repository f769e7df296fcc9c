"""The file of a compressed network: docs/model_file.md, "Networks", as code."""

from pynq_lstm.network_file.container import content_hash, from_bytes, load, save, to_bytes

__all__ = ["content_hash", "from_bytes", "load", "save", "to_bytes"]
