"""Load a file of a compressed model or of a network, whichever it is."""

import os
import re

from pynq_lstm.compressed_network import CompressedNetwork
from pynq_lstm.errors import ModelFormatError
from pynq_lstm.model import CompressedModel
from pynq_lstm.model_file import container

_FLOAT_ENDINGS = (".onnx", ".keras", ".h5")  # of networks that are not safetensors
_FLOAT_NAME = re.compile(r"(?:.*\.)?weight_ih_l\d+(?:_reverse)?")  # as importers.state_dict has it


def load(path):
    """Read a file that `CompressedModel.save` or `CompressedNetwork.save` wrote.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    CompressedModel or CompressedNetwork

    Raises
    ------
    ModelFormatError
        As the `load` of each; or the file holds a float network, which has to be compressed.
    """
    holds = container.read(path, lambda stream, size: _what(path, stream, size))
    if holds is None:
        raise ModelFormatError(
            "path",
            str(path),
            "a float network, not a compressed one",
            "compress it first, by pynq_lstm.compress or `pynq-lstm compress`",
        )
    return holds.load(path)


def _what(path, stream, size):
    """The class of what a file holds; None: a float network."""
    try:
        _, header = container.read_header(stream, size)
    except ModelFormatError:
        if os.path.splitext(os.fsdecode(path))[1].lower() in _FLOAT_ENDINGS:
            return None
        raise
    header = header if isinstance(header, dict) else {}
    metadata = header.get("__metadata__")
    metadata = metadata if isinstance(metadata, dict) else {}
    if container.NETWORK_KEY in metadata:
        return CompressedNetwork
    if container.KEY not in metadata and any(map(_FLOAT_NAME.fullmatch, header)):
        return None
    return CompressedModel
