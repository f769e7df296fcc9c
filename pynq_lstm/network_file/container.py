"""Read and write the file of a `CompressedNetwork` (docs/model_file.md, "Networks").

A safetensors file whose tensors are the files of the models that share components, each read as a
model's file is, and the float head. The header is checked against the metadata before anything
else is read.
"""

import io
import math

import numpy as np

from pynq_lstm.compressed_network import CompressedNetwork
from pynq_lstm.errors import ModelFormatError
from pynq_lstm.field_checks import MAX_SIZE, integers, refuse
from pynq_lstm.head import Head
from pynq_lstm.model_file import container, encoding, tensors
from pynq_lstm.model_file.container import NETWORK_KEY
from pynq_lstm.model_file.strict_json import DAMAGED, keys
from pynq_lstm.network_file import schema

LEAST_MODEL = 8  # bytes


def save(network, path):
    """Write a network to a file, which appears whole or not at all.

    Parameters
    ----------
    network : CompressedNetwork
    path : str or path-like
        An existing file is replaced; where saving fails it stays as it was.

    Raises
    ------
    ModelFormatError
        The path cannot be written, or the passes are together more than a file may hold.
    """
    container.write(to_bytes(network), path)


def load(path):
    """Read a network from a file.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    CompressedNetwork

    Raises
    ------
    ModelFormatError
        The file cannot be opened, or is damaged, foreign, oversized or inconsistent.
    """
    return container.read(path, _read)


def to_bytes(network):
    """The bytes of a network's file; networks of equal content have equal bytes."""
    return container.serialised(NETWORK_KEY, *_content(network))


def from_bytes(raw):
    """The network of a file's bytes; raises `ModelFormatError` as `load` does."""
    return _read(io.BytesIO(raw), len(raw))


def content_hash(network):
    """Hash of a network's content, which its file states, 64 hexadecimal digits."""
    metadata, _, buffer = _content(network)
    return container.digest(metadata, buffer)


def _content(network):
    arrays = {} if network.head is None else {
        "head.bias": network.head.bias, "head.weight": network.head.weight
    }  # fmt: skip
    metadata = schema.describe(network)
    copies = schema.groups(metadata)
    files = {name: container.to_bytes(model) for name, model in zip(copies, network.groups)}
    arrays.update({name: np.frombuffer(files[name], np.uint8) for name in sorted(files)})
    buffer = b"".join(array.tobytes() for array in arrays.values())
    read = [(name, io.BytesIO(raw), len(raw)) for name, raw in files.items()]
    _check_dense([_checked(*own)[0] for own in read], copies.values(), len(buffer))
    return metadata, arrays, buffer


def _read(stream, size):
    head, header = container.read_header(stream, size)
    metadata, sha256 = schema.read(container.metadata_text(header, NETWORK_KEY))
    buffer_size = _check_header(header, metadata)
    container.check_size(size, len(head) + buffer_size)
    structure = schema.structure(metadata)
    raw = container.read_all(stream, size, head, metadata, sha256)
    arrays = container.parse_tensors(raw)
    copies = schema.groups(metadata)
    files = {name: arrays[name].tobytes() for name in copies}
    models = [_checked(name, io.BytesIO(own), len(own)) for name, own in files.items()]
    _check_dense([own for own, _ in models], copies.values(), buffer_size)
    head = None
    if metadata["classes"] is not None:
        head = Head(arrays["head.weight"], arrays["head.bias"])
    groups = [_named(name, tensors.unpack, *own) for name, own in zip(files, models)]
    return CompressedNetwork(groups, head=head, provenance=metadata["provenance"], **structure)


def _checked(name, stream, size):
    return _named(name, container.checked, stream, size)


def _named(name, work, *arguments):
    """``work(*arguments)``, with the tensor named in its errors."""
    try:
        return work(*arguments)
    except ModelFormatError as error:
        problem = f"{name}: {error.field}", error.value, error.problem, error.remedy
    return refuse(*problem)


def _check_dense(models, copies, buffer_bytes):
    """Refuse models that together, with the copies that passes take, are out of proportion to
    what backs them.
    """
    dense = sum(tensors.dense_bytes(own) * count for own, count in zip(models, copies))
    tensors.check_dense_bytes(dense, models[0], buffer_bytes)


def _check_header(header, metadata):
    """Compare the header's tensors with what the metadata implies; returns the buffer's bytes."""
    names = list(schema.groups(metadata))
    heads = [] if metadata["classes"] is None else ["head.bias", "head.weight"]
    keys("header", header, [*heads, *names])
    begin = 0
    for name in [*heads, *sorted(names)]:
        entry, is_head = header[name], name in heads
        dtype = "F32" if is_head else "U8"
        shape = entry.get("shape") if isinstance(entry, dict) else None
        if is_head:
            shape = _head_shape(name, shape, metadata["classes"])
        else:
            shape = integers(f"{name}.shape", shape, LEAST_MODEL, container.MAX_FILE, 1)
        end = begin + math.prod(shape) * encoding.DTYPES[dtype]
        wanted = {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}
        if entry != wanted:
            refuse(f"header.{name}", entry, f"not {wanted}", DAMAGED)
        begin = end
    return begin


def _head_shape(name, shape, classes):
    """[classes], or [classes, columns]: how many there are the passes tell later."""
    axes = 1 if name == "head.bias" else 2
    shape = integers(f"{name}.shape", shape, 1, MAX_SIZE * schema.MAX_LSTMS, axes)
    return [classes, *shape[1:]]
