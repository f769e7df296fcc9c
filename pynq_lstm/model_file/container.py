"""Read and write the file of a `CompressedModel` (docs/model_file.md).

A file is safetensors. Its header is checked against what its metadata implies
before the tensors are read; whatever does not fit raises `ModelFormatError`.
"""

import hashlib
import io
import math
import os
import stat

import safetensors.numpy
from safetensors import SafetensorError

from pynq_lstm import whole_file
from pynq_lstm.errors import ModelFormatError
from pynq_lstm.field_checks import integers, refuse
from pynq_lstm.model_file import encoding, schema, tensors
from pynq_lstm.model_file.strict_json import DAMAGED, FOREIGN, canonical, keys, parse

KEY, NETWORK_KEY = "pynq_lstm", "pynq_lstm_network"  # of the metadata in the header
_KINDS = {  # what a file with the key holds, and what opens it
    KEY: ("a model", "CompressedModel.load"),
    NETWORK_KEY: ("a network", "CompressedNetwork.load"),
}
MAX_FILE = 512 << 20  # bytes
MAX_HEADER = 1 << 20


def save(model, path):
    """Write `model` to a file, which appears whole or not at all.

    Parameters
    ----------
    model : CompressedModel
    path : str or path-like
        An existing file is replaced; where saving fails it stays as it was.

    Raises
    ------
    ModelFormatError
        The path cannot be written, or the provenance does not fit the format.
    """
    write(to_bytes(model), path)


def write(raw, path):
    """Write the bytes of a file, which appears whole or not at all; raises as `save`."""
    try:
        whole_file.replace(path, raw)
        return
    except (OSError, TypeError, ValueError) as error:
        problem = f"cannot be written ({error})"
    refuse("path", str(path), problem, "give the path of a file in a folder that can be written")


def load(path):
    """Read a model from a file.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    CompressedModel

    Raises
    ------
    ModelFormatError
        The file cannot be opened, or is damaged, foreign, oversized or inconsistent.
    """
    return read(path, _read)


def read(path, reader):
    """What ``reader(stream, size)`` gives of a file; raises `ModelFormatError` as `load` does."""
    try:
        with _open(path) as stream:
            return reader(stream, os.fstat(stream.fileno()).st_size)
    except OSError as error:
        problem = f"cannot be read ({error})"
    raise ModelFormatError("path", str(path), problem, "give the path of a file that can be read")


def _open(path):
    try:
        path = os.fsdecode(path)
        regular = stat.S_ISREG(os.stat(path).st_mode)  # opening a pipe would wait for a writer
    except (TypeError, ValueError) as error:
        raise OSError(error) from None
    if not regular:
        raise OSError("not a regular file")
    return open(path, "rb")


def to_bytes(model):
    """The bytes of a model's file; models of equal content have equal bytes."""
    metadata, arrays, buffer = _content(model)
    return serialised(KEY, metadata, arrays, buffer)


def serialised(key, metadata, arrays, buffer):
    """The bytes of a file, its hash included; `buffer` is that of the arrays in their order."""
    text = canonical({**metadata, "sha256": digest(metadata, buffer)})
    raw = safetensors.numpy.save(arrays, {key: text})
    if not raw.endswith(buffer):
        refuse(
            "safetensors",
            safetensors.__version__,
            "orders tensors in a way not known here",
            "install another version of safetensors",
        )
    return raw


def from_bytes(raw):
    """The model of a file's bytes; raises `ModelFormatError` as `load` does."""
    return _read(io.BytesIO(raw), len(raw))


def content_hash(model):
    """Hash of a model's content, which its file states, 64 hexadecimal digits."""
    metadata, _, buffer = _content(model)
    return digest(metadata, buffer)


def _content(model):
    metadata = schema.describe(model)
    arrays = tensors.pack(model, metadata)
    buffer = b"".join(array.tobytes() for array in arrays.values())
    tensors.check_dense(metadata, len(buffer))
    return metadata, arrays, buffer


def digest(metadata, buffer):
    """The hash of a file, 64 hexadecimal digits."""
    found = hashlib.sha256(canonical(metadata).encode())
    found.update(buffer)
    return found.hexdigest()


def _read(stream, size):
    return tensors.unpack(*checked(stream, size))


def checked(stream, size):
    """Metadata and arrays of a model's file, when all but the arrays' contents is checked."""
    head, header = read_header(stream, size)
    metadata, sha256 = schema.read(metadata_text(header, KEY))
    buffer_size = _check_header(header, metadata)
    check_size(size, len(head) + buffer_size)
    tensors.check_dense(metadata, buffer_size)
    return metadata, parse_tensors(read_all(stream, size, head, metadata, sha256))


def read_header(stream, size):
    """The first bytes of a file, length and text of its header, and the header parsed."""
    if not 8 <= size <= MAX_FILE:
        refuse("file size", size, f"outside 8 to {MAX_FILE} bytes", FOREIGN)
    head = stream.read(8)
    length = int.from_bytes(head, "little")
    if length > MAX_HEADER:
        refuse("header size", length, f"above {MAX_HEADER} bytes: not a model file", FOREIGN)
    if length > size - 8:
        refuse("header size", length, f"beyond the {size - 8} bytes that follow", DAMAGED)
    head += stream.read(length)
    return head, parse("header", head[8:])


def check_size(size, stated):
    """Refuse a file of another size than its header states."""
    if size != stated:
        refuse(
            "file size",
            size,
            f"not the {stated} bytes that its header states: truncated or extended",
            DAMAGED,
        )


def read_all(stream, size, head, metadata, sha256):
    """All bytes of a file, when they begin with `head` and have the hash."""
    stream.seek(0)
    raw = stream.read(size)
    if len(raw) != size or not raw.startswith(head):
        refuse("file", size, "changed while it was read", "load it again")
    found = digest(metadata, memoryview(raw)[len(head) :])
    if found != sha256:
        refuse("metadata.sha256", sha256, f"not {found}, the hash of the content", DAMAGED)
    return raw


def parse_tensors(raw):
    """The arrays of a file by name, from all of its bytes."""
    try:
        return safetensors.numpy.load(raw)
    except SafetensorError as error:
        problem = f"refused by safetensors ({error})"
    raise ModelFormatError("file", len(raw), problem, DAMAGED)


def metadata_text(header, key):
    """Take the metadata out of a parsed header: the text under `key`."""
    if not isinstance(header, dict):
        refuse("header", header, "not an object", FOREIGN)
    entry = header.pop("__metadata__", None)
    for other, (what, call) in _KINDS.items():
        if other != key and isinstance(entry, dict) and list(entry) == [other]:
            remedy = f"open it with {call}, or with pynq_lstm.load, which takes both"
            refuse("file", other, f"holds {what}, not {_KINDS[key][0]}", remedy)
    keys("header.__metadata__", entry, (key,))
    if not isinstance(entry[key], str):
        refuse(f"header.__metadata__.{key}", entry[key], "not a string", FOREIGN)
    return entry[key]


def _check_header(header, metadata):
    """Compare the header's tensors with those the metadata implies; returns the buffer's bytes."""
    table, begin = tensors.table(metadata), 0
    keys("header", header, [tensor.name for tensor in table])
    for tensor in table:
        entry, shape = header[tensor.name], list(tensor.shape)
        if tensor.sparse:  # the masks, not yet read, have the exact length
            stated = entry.get("shape") if isinstance(entry, dict) else None
            shape = integers(f"{tensor.name}.shape", stated, 0, shape[0], 1)
        end = begin + math.prod(shape) * encoding.DTYPES[tensor.dtype]
        wanted = {"dtype": tensor.dtype, "shape": shape, "data_offsets": [begin, end]}
        if entry != wanted:
            refuse(f"header.{tensor.name}", entry, f"not {wanted}", DAMAGED)
        begin = end
    return begin
