"""Whatever is wrong with a file of arrays, the command line names the file in one line."""

import io
import struct
import zipfile

import numpy as np
import pytest

from pynq_lstm.cli import arrays
from pynq_lstm.errors import InputError


def npy(array):
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def npy_header(text):
    """A .npy of no data with this header."""
    text = text.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


def npz(*members, **options):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", **options) as file:
        for name, content in members:
            file.writestr(name, content)
    return stream.getvalue()


def flagged(content, at, value):
    """A zip whose two headers of the only member hold `value`, at this place of the first."""
    content = bytearray(content)
    central = content.rfind(b"PK\x01\x02")
    for place in (at, central + at + 2):
        content[place : place + 2] = struct.pack("<H", value)
    return bytes(content)


ARRAY = npy(np.random.default_rng(0).standard_normal((40, 40)).astype(np.float32))
STORED = npz(("x.npy", ARRAY))
DEFLATED = npz(("x.npy", ARRAY), compression=zipfile.ZIP_DEFLATED)
HUGE = npy_header("{'descr': '<f4', 'fortran_order': False, 'shape': (10000000000000000,), }")
DAMAGED = {
    "empty": b"",
    "text": b"0.5 0.25\n",
    "pickle": b"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00\x8c\x01x\x94.",
    "magic only": b"\x93NUMPY",
    "unknown version": b"\x93NUMPY\x09\x09" + ARRAY[8:],
    "cut off": ARRAY[:-100],
    "huge": HUGE,
    "huge member": npz(("x.npy", HUGE)),
    "more than an address": npy_header(
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 64), }"
    ),
    "broken header": npy_header("{'descr': ('<f4', "),
    "brackets": npy_header("(" * 100),
    "another mapping": npy_header("{'shape': 3}"),
    "no type": npy_header("{'descr': 'zz', 'fortran_order': False, 'shape': (1,), }"),
    "objects": npy_header("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"),
    "broken member": npz(("x.npy", npy_header("{'descr': ('<f4', "))),
    "cut archive": STORED[:200],
    "checksum": STORED.replace(ARRAY[200:230], bytes(30), 1),
    "deflated": DEFLATED[:100] + b"\xff" * 100 + DEFLATED[200:],
    "encrypted": flagged(STORED, 6, 1),
    "unknown method": flagged(STORED, 8, 77),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_damaged_files_are_refused(tmp_path, damage):
    path = tmp_path / "x"
    path.write_bytes(DAMAGED[damage])
    with pytest.raises(InputError, match="cannot be read as .npy or .npz") as caught:
        arrays.read(path, 1)
    assert caught.value.field == "path" and caught.value.value == str(path)
    assert caught.value.__cause__ is None


def test_every_cut_and_many_flips_end_in_the_error_or_an_answer(tmp_path):
    rng = np.random.default_rng(1)
    path = tmp_path / "x"
    for content in (ARRAY[:300], STORED, DEFLATED):
        spoilt = [content[: int(n)] for n in rng.integers(0, len(content), 20)]
        for _ in range(60):
            flipped = bytearray(content)
            edges = int(rng.integers(0, 160)) * int(rng.choice([1, -1]))
            flipped[edges] ^= int(rng.integers(1, 256))
            spoilt.append(bytes(flipped))
        for bad in spoilt:
            path.write_bytes(bad)
            try:
                arrays.read(path, 1)
            except InputError as error:
                assert error.field == "path"


@pytest.mark.parametrize("name", ["notes.txt", "x.npy"])
def test_a_member_that_is_no_array_is_named(tmp_path, name):
    path = tmp_path / "x.npz"
    path.write_bytes(npz(("a.npy", ARRAY), (name, b"not an array")))
    with pytest.raises(InputError, match="is not an array") as caught:
        arrays.read(path, 2)
    assert caught.value.field == "path" and repr(name.replace(".npy", "")) in str(caught.value)


def test_folder(tmp_path):
    with pytest.raises(InputError, match="path = .*cannot be read"):
        arrays.read(tmp_path, 1)


def test_count(tmp_path):
    np.savez(tmp_path / "x.npz", a=np.zeros(2), b=np.ones(2))
    with pytest.raises(InputError, match="2 arrays for 3 inputs"):
        arrays.read(tmp_path / "x.npz", 3)
    np.savez(tmp_path / "none.npz")
    with pytest.raises(InputError, match="0 arrays for 1 inputs"):
        arrays.read(tmp_path / "none.npz", 1)
    np.savez(tmp_path / "one.npz", a=np.ones(2))
    assert arrays.read(tmp_path / "one.npz", 3).tolist() == [1, 1]


def test_more_than_ten_arrays_keep_their_order(tmp_path):
    """numpy.savez calls them arr_0 to arr_11; so does `write` with a list."""
    path = tmp_path / "x.npz"
    np.savez(path, *(np.full(1, n) for n in range(12)))
    assert [int(a[0]) for a in arrays.read(path, 12)] == list(range(12))
    arrays.write(path, {"x": [np.full(1, n) for n in range(12)]})
    assert [int(a[0]) for a in arrays.read(path, 12)] == list(range(12))
    assert [p.name for p in tmp_path.iterdir()] == ["x.npz"]
