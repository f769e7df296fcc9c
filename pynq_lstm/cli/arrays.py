"""Arrays that the command line reads and writes."""

import os
import re
import secrets

import numpy as np

from pynq_lstm.errors import InputError


def read(path, inputs):
    """Read x, which has `inputs` external inputs, from a .npy or .npz file.

    A .npz holds one array, or one for each input in the order of their names: x2
    before x10.
    """
    return of_inputs(path, list(members(path).values()), inputs)


def members(path):
    """The arrays of a .npz file by name, in the order of their names; of a .npy one, by ""."""
    try:
        loaded = np.load(path, allow_pickle=False)
        if isinstance(loaded, np.ndarray):
            return {"": loaded}
        with loaded:
            found = {name: loaded[name] for name in sorted(loaded.files, key=_numbers_as_such)}
    except Exception as error:  # zipfile, zlib, tokenize, ...: a damaged file meets many parsers
        raise InputError(
            "path",
            str(path),
            f"cannot be read as .npy or .npz ({type(error).__name__}: {error})",
            "write it with numpy.save or numpy.savez",
        ) from None
    for name, member in found.items():
        if not isinstance(member, np.ndarray):  # NumPy gives the bytes of any other file
            raise InputError(
                "path",
                str(path),
                f"its member {name!r} is not an array",
                "write it with numpy.savez",
            )
    return found


def of_inputs(path, arrays, inputs):
    """x from the arrays of a file: one array, or a list over external inputs."""
    if len(arrays) not in (1, inputs):
        raise InputError(
            "path",
            str(path),
            f"{len(arrays)} arrays for {inputs} inputs",
            "save one array, or one for each input",
        )
    return arrays[0] if len(arrays) == 1 else arrays


def _numbers_as_such(name):
    return [int(t) if t.isdigit() else t for t in re.split("([0-9]+)", name)]


def write(path, arrays):
    """Write named arrays, or lists over models, as .npz: under a temporary name, then renamed."""
    flat = {}
    for name, value in arrays.items():
        if isinstance(value, list):
            flat.update({f"{name}{j}": a for j, a in enumerate(value)})
        else:
            flat[name] = value
    temporary = f"{path}.{secrets.token_hex(4)}.tmp"
    try:
        with open(temporary, "wb") as stream:
            np.savez(stream, **flat)
        os.replace(temporary, path)
    except OSError as error:
        raise InputError(
            "output",
            str(path),
            f"cannot be written ({error.strerror or error})",  # not of the temporary name
            "give a path in a folder that can be written",
        ) from None
    finally:
        if os.path.exists(temporary):
            os.unlink(temporary)


def add_ranges(command):
    """Declare what the scales are chosen from."""
    command.add_argument(
        "--calibration", metavar="FILE", help="typical inputs, .npy or .npz, float32"
    )
    command.add_argument(
        "--input-range",
        nargs=2,
        type=float,
        metavar=("LOW", "HIGH"),
        help="range of x; alone it stands in for calibration data",
    )
