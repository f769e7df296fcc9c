"""Load a file of a compressed model or of a network, whichever it is."""

from pynq_lstm.compressed_network import CompressedNetwork
from pynq_lstm.model import CompressedModel
from pynq_lstm.model_file import container


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
        As the `load` of each.
    """
    network = container.read(path, _holds_network)
    return (CompressedNetwork if network else CompressedModel).load(path)


def _holds_network(stream, size):
    _, header = container.read_header(stream, size)
    metadata = header.get("__metadata__") if isinstance(header, dict) else None
    return isinstance(metadata, dict) and container.NETWORK_KEY in metadata
