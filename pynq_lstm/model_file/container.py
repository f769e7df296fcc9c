"""Read and write the file of a `CompressedModel` (docs/model_file.md).

A file is safetensors. Its header is checked against what its metadata implies
before the tensors are read; whatever does not fit raises `ModelFormatError`.
"""

import hashlib
import io
import math
import os
import secrets
import stat

import safetensors.numpy
from safetensors import SafetensorError

from pynq_lstm.errors import ModelFormatError
from pynq_lstm.field_checks import integers, refuse
from pynq_lstm.model_file import encoding, schema, tensors
from pynq_lstm.model_file.strict_json import DAMAGED, FOREIGN, canonical, keys, parse

KEY = "pynq_lstm"  # of the metadata in the header
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
    raw = to_bytes(model)
    try:
        _replace(os.path.realpath(os.fsdecode(path)), raw)
        return
    except (OSError, TypeError, ValueError) as error:
        problem = f"cannot be written ({error})"
    refuse("path", str(path), problem, "give the path of a file in a folder that can be written")


def _replace(path, raw):
    if os.path.exists(path) and not os.path.isfile(path):
        raise OSError("not a regular file")
    folder = os.path.dirname(path)
    temporary = os.path.join(folder, f".pynq_lstm-{secrets.token_hex(8)}.tmp")
    try:
        with open(temporary, "xb") as stream:
            stream.write(raw)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    except BaseException:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise


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
    try:
        with _open(path) as stream:
            return _read(stream, os.fstat(stream.fileno()).st_size)
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
    text = canonical({**metadata, "sha256": _digest(metadata, buffer)})
    raw = safetensors.numpy.save(arrays, {KEY: text})
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
    return _digest(metadata, buffer)


def _content(model):
    metadata = schema.describe(model)
    arrays = tensors.pack(model, metadata)
    buffer = b"".join(array.tobytes() for array in arrays.values())
    tensors.check_dense(metadata, len(buffer))
    return metadata, arrays, buffer


def _digest(metadata, buffer):
    digest = hashlib.sha256(canonical(metadata).encode())
    digest.update(buffer)
    return digest.hexdigest()


def _read(stream, size):
    if not 8 <= size <= MAX_FILE:
        refuse("file size", size, f"outside 8 to {MAX_FILE} bytes", FOREIGN)
    head = stream.read(8)
    length = int.from_bytes(head, "little")
    if length > MAX_HEADER:
        refuse("header size", length, f"above {MAX_HEADER} bytes: not a model file", FOREIGN)
    if length > size - 8:
        refuse("header size", length, f"beyond the {size - 8} bytes that follow", DAMAGED)
    head += stream.read(length)
    header = parse("header", head[8:])
    metadata, sha256 = schema.read(_metadata_text(header))
    buffer_size = _check_header(header, metadata)
    if size != 8 + length + buffer_size:
        refuse(
            "file size",
            size,
            f"not the {8 + length + buffer_size} bytes that its header "
            "states: truncated or extended",
            DAMAGED,
        )
    tensors.check_dense(metadata, buffer_size)
    stream.seek(0)
    raw = stream.read(size)
    if len(raw) != size or not raw.startswith(head):
        refuse("file", size, "changed while it was read", "load it again")
    found = _digest(metadata, memoryview(raw)[8 + length :])
    if found != sha256:
        refuse("metadata.sha256", sha256, f"not {found}, the hash of the content", DAMAGED)
    return tensors.unpack(metadata, _parse(raw))


def _parse(raw):
    try:
        return safetensors.numpy.load(raw)
    except SafetensorError as error:
        problem = f"refused by safetensors ({error})"
    raise ModelFormatError("file", len(raw), problem, DAMAGED)


def _metadata_text(header):
    if not isinstance(header, dict):
        refuse("header", header, "not an object", FOREIGN)
    entry = header.pop("__metadata__", None)
    keys("header.__metadata__", entry, (KEY,))
    if not isinstance(entry[KEY], str):
        refuse(f"header.__metadata__.{KEY}", entry[KEY], "not a string", FOREIGN)
    return entry[KEY]


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
