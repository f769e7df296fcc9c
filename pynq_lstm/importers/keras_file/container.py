"""What kind of file it is, its configuration, and its HDF5; whatever it holds may be hostile."""

import io
import json
import os
import zipfile
import zlib
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple, Optional

from pynq_lstm.errors import NetworkError
from pynq_lstm.importers.keras_file import weights
from pynq_lstm.importers.keras_file.hdf5 import File
from pynq_lstm.keras_extra import h5py

# what the parsers and h5py raise on damaged or oversized data
DAMAGED = (AttributeError, EOFError, LookupError, MemoryError, OSError, RuntimeError, TypeError)
DAMAGED += (ValueError, zipfile.BadZipFile, zlib.error)
LARGEST_CONFIG = 2**24  # bytes
LARGEST_WEIGHTS = 2**30  # bytes of an archive's HDF5, which is read into memory
_CONFIG, _WEIGHTS = "config.json", "model.weights.h5"
_SAVE = "save the whole model with model.save('model.keras')"


class Opened(NamedTuple):
    """A file that is open.

    Attributes
    ----------
    file : File
    config : dict or None
        Of the model; None where a file has weights only.
    weights : weights.Objects or weights.Legacy or None
    """

    file: File
    config: Optional[Any]
    weights: Optional[Any]


@contextmanager
def opened(path):
    """Open a file of any of the three formats, as `Opened`."""
    try:
        name = os.fspath(path)
    except TypeError:
        raise NetworkError(
            "path", type(path).__name__, "not a path", "pass the file that Keras saved"
        ) from None
    if os.path.isdir(name):
        raise NetworkError("path", str(path), "a folder, as of a SavedModel", _SAVE)
    package = h5py()
    with ExitStack() as stack:
        try:
            archive = zipfile.is_zipfile(name)
            found = _archive(package, name, stack) if archive else _plain(package, name, stack)
        except NetworkError:
            raise
        except DAMAGED as error:
            raise refused(path, error) from None
        yield found


def refused(path, error):
    """The error of a file that is damaged or something else."""
    return NetworkError(
        "path", str(path), f"cannot be read as a file of Keras ({error})", f"{_SAVE} again"
    )


def _archive(package, name, stack):
    archive = stack.enter_context(zipfile.ZipFile(name))
    config = _json(_CONFIG, _member(archive, _CONFIG, LARGEST_CONFIG))
    data = io.BytesIO(_member(archive, _WEIGHTS, LARGEST_WEIGHTS))
    file = File(stack.enter_context(package.File(data, "r")))
    return Opened(file, config, weights.Objects(file))


def _plain(package, name, stack):
    file = File(stack.enter_context(package.File(name, "r")))
    text = file.text("model_config")
    if text is not None:
        if len(text) > LARGEST_CONFIG:
            raise _too_large("model_config", len(text), LARGEST_CONFIG)
        return Opened(file, _json("model_config", text), weights.Legacy(file))
    if weights.folders(file):
        return Opened(file, None, None)
    raise NetworkError(
        "model_config", None, "neither a model nor the weights of one that Keras 2.12 or newer "
        "wrote with save_weights", _SAVE
    )  # fmt: skip


def _member(archive, name, largest):
    """A member's bytes; no more is read or allocated than `largest`."""
    try:
        size = archive.getinfo(name).file_size
    except KeyError:
        raise NetworkError(name, None, "missing in the archive", f"{_SAVE}, in one file") from None
    if size > largest:
        raise _too_large(name, size, largest)
    with archive.open(name) as stream:
        return stream.read(size)


def _json(field, text):
    try:
        config = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NetworkError(field, text[:80], f"not JSON ({error})", _SAVE) from None
    if not isinstance(config, dict):
        raise NetworkError(field, text[:80], "not the configuration of a model", _SAVE)
    return config


def _too_large(field, size, largest):
    return NetworkError(
        field, f"{size} bytes", f"more than {largest}", "save LSTMs and a linear head only"
    )
