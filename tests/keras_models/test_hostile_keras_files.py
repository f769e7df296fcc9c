"""Damaged and hostile files of Keras end in a NetworkError, within memory and time."""

import contextlib
import io
import json
import pickle
import tracemalloc
import zipfile

import h5py
import numpy as np
import pytest
from keras_files import FORMATS, archive, config_of, dense, lstm, write

import pynq_lstm as pl
from pynq_lstm.importers.keras_file import container, hdf5

pytestmark = pytest.mark.filterwarnings("ignore:this file holds weights only")
RNG = np.random.default_rng(0)
LAYERS = [lstm(RNG, 3, 4, return_sequences=False), dense(RNG, 4, 2)]
CELL = {
    ".h5": "model_weights/lstm_3/lstm_3/lstm_cell",
    ".weights.h5": "layers/lstm/cell/vars",
}
KERNEL = {".h5": "kernel:0", ".weights.h5": "0"}


def refused(path, text=None):
    with pytest.raises(pl.NetworkError, match=text):
        pl.Network.from_keras(path)


@pytest.mark.parametrize("ending", FORMATS)
def test_truncations(tmp_path, ending):
    path = write(tmp_path / f"net{ending}", LAYERS)
    raw = path.read_bytes()
    for size in range(0, len(raw), 97):
        path.write_bytes(raw[:size])
        with contextlib.suppress(pl.NetworkError):
            pl.Network.from_keras(path)  # the end of an HDF5 file may hold nothing that is read
    path.write_bytes(raw[: len(raw) // 2])
    refused(path, "path = .*cannot be read as a file of Keras")


def test_random_bytes_in_an_archive(tmp_path):
    """Checksums keep damage from HDF5's library, which may loop on it: so not of HDF5 alone."""
    path = write(tmp_path / "net.keras", LAYERS)
    raw = np.frombuffer(path.read_bytes(), np.uint8)
    rng = np.random.default_rng(0)
    for _ in range(200):
        changed = raw.copy()
        places = rng.integers(len(raw), size=rng.integers(1, 20))
        changed[places] = rng.integers(256, size=len(places))
        path.write_bytes(changed.tobytes())
        with contextlib.suppress(pl.NetworkError):
            pl.Network.from_keras(path)  # a weight may have changed, and nothing else


@pytest.mark.parametrize("raw", (b"", b"x" * 100, b"\x89HDF\r\n\x1a\n", pickle.dumps({"a": 1})))
def test_other_files(tmp_path, raw):
    (tmp_path / "net.keras").write_bytes(raw)
    refused(tmp_path / "net.keras", "cannot be read as a file of Keras .*save the whole model")
    refused(str(tmp_path / "none.h5"), "cannot be read as a file of Keras")
    refused(tmp_path, "path = .*: a folder, as of a SavedModel; save the whole model")
    refused(7, "path = 'int': not a path; pass the file that Keras saved")


def test_archives_that_lack_a_member_or_hold_others(tmp_path):
    path = tmp_path / "net.keras"
    archive(path, {"config.json": json.dumps(config_of(LAYERS))})
    refused(path, "model.weights.h5 = None: missing in the archive")
    archive(path, {"config.json": "{", "model.weights.h5": b""})
    refused(path, "config.json = b'{': not JSON")
    archive(path, {"config.json": "[" * 200_000, "model.weights.h5": b""})
    refused(path, "config.json = .*: not JSON")
    archive(path, {"config.json": b"\xff\xfe\xfd", "model.weights.h5": b""})
    refused(path, "config.json = .*: not JSON")
    for text in ("3", "null", "[]", '"text"'):
        data = io.BytesIO()
        h5py.File(data, "w").close()
        archive(path, {"config.json": text, "model.weights.h5": data.getvalue()})
        refused(path, "config.json = .*: not the configuration of a model")
    archive(path, {"config.json": "{}", "model.weights.h5": b"nothing"})
    refused(path, "cannot be read as a file of Keras")


@pytest.mark.parametrize("member, limit", (("config.json", 1000), ("model.weights.h5", 2000)))
def test_members_that_are_too_large(tmp_path, monkeypatch, member, limit):
    """Said before they are unpacked: a megabyte of zeros takes a kilobyte in the archive."""
    members = {"config.json": json.dumps({}), "model.weights.h5": b"", member: bytes(10**7)}
    archive(tmp_path / "net.keras", members, zipfile.ZIP_DEFLATED)
    name = {"config.json": "LARGEST_CONFIG", "model.weights.h5": "LARGEST_WEIGHTS"}[member]
    monkeypatch.setattr(container, name, limit)
    tracemalloc.start()
    refused(tmp_path / "net.keras", f"{member} = '10000000 bytes': more than {limit}")
    assert tracemalloc.get_traced_memory()[1] < 10**6
    tracemalloc.stop()


@pytest.mark.parametrize("ending", (".h5", ".weights.h5"))
def test_datasets_that_are_missing_or_of_other_shapes(tmp_path, ending):
    path = tmp_path / f"net{ending}"
    place = f"{CELL[ending]}/{KERNEL[ending]}"
    for value, text in (
        (None, "missing|'2 variables'|not .*8"),
        (np.zeros((3, 15), np.float32), r"shape = \(3, 15\): not \(any, 16\)"),
        (np.zeros((0, 16), np.float32), r"shape = \(0, 16\): not"),
        (np.zeros(16, np.float32), r"shape = \(16,\): not \(any, 16\)"),
        (np.float32(1), r"shape = \(\): not"),
        (np.zeros((3, 16), np.int32), "dtype = 'int32': not floating point; save weights of float"),
        (np.full((3, 16), b"x"), "dtype = .*: not floating point"),
        (np.full((3, 16), np.inf, np.float32), "w_ih = .*inf.*: not finite in float32"),
        (h5py.Empty(np.float32), "shape = None: not"),
    ):
        write(path, LAYERS)
        with h5py.File(path, "r+") as file:
            del file[place]
            if value is not None:
                file[place] = value
        refused(path, text)


def test_more_weights_than_the_settings_tell_of(tmp_path):
    for ending in (".keras", ".h5"):
        biased = lstm(RNG, 3, 4)
        biased["config"]["use_bias"] = False
        refused(write(tmp_path / f"net{ending}", [biased]), "more variables than the layer's set")
    config = config_of([lstm(RNG, 3, 4), *LAYERS])
    text = "layer 'lstm_4': weights = None: missing; save the whole model"
    refused(write(tmp_path / "net.keras", LAYERS, config), text)
    refused(write(tmp_path / "net.h5", LAYERS, config), "lstm_4 = 'weights in 0 groups': not 1 as")


def test_pickles_are_not_loaded(tmp_path):
    """There are none in what Keras writes: an opaque dataset is refused as it is."""
    path = write(tmp_path / "net.weights.h5", LAYERS)
    with h5py.File(path, "r+") as file:
        del file["layers/lstm/cell/vars/0"]
        file["layers/lstm/cell/vars/0"] = np.full((3, 16), np.void(pickle.dumps(print)))
    refused(path, "not floating point")


def huge(file, place, kind):
    """A dataset of sizes for which the file holds nothing, or whose data are elsewhere."""
    del file[place]
    shape = (2**20, 16)
    if kind == "never written":
        file.create_dataset(place, shape, "f4")
    elif kind == "chunked":
        file.create_dataset(place, shape, "f4", chunks=(64, 16))
    elif kind == "compressed":
        file.create_dataset(place, shape, "f4", compression="gzip", data=np.zeros(shape, "f4"))
    elif kind == "virtual":
        layout = h5py.VirtualLayout(shape, "f4")
        layout[:1] = h5py.VirtualSource("other.h5", "data", (1, 16))
        file.create_virtual_dataset(place, layout)
    elif kind == "external":
        file.create_dataset(place, shape, "f4", external=[("/etc/passwd", 0, h5py.h5f.UNLIMITED)])
    elif kind == "soft link":
        file[place] = h5py.SoftLink("/layers/lstm/cell/vars/1")
    else:
        file[place] = h5py.ExternalLink("other.h5", "data")


@pytest.mark.parametrize(
    "kind, text",
    [
        ("never written", "its data are not all here; save the model again"),
        ("chunked", "its data are not all here"),
        ("compressed", "its data are not all here.*uncompressed"),
        ("virtual", "its data are in other files"),
        ("external", "its data are in other files"),
        ("soft link", "'SoftLink': a link that leads elsewhere"),
        ("external link", "'ExternalLink': a link that leads elsewhere"),
    ],
)
@pytest.mark.parametrize("ending", (".h5", ".weights.h5"))
def test_data_that_are_not_in_the_file(tmp_path, ending, kind, text):
    path = write(tmp_path / f"net{ending}", LAYERS)
    with h5py.File(path, "r+") as file:
        huge(file, f"{CELL[ending]}/{KERNEL[ending]}", kind)
    tracemalloc.start()
    refused(path, text)
    assert tracemalloc.get_traced_memory()[1] < 2**22  # the dataset has 64 MiB
    tracemalloc.stop()


def test_sizes_beyond_any_memory(tmp_path):
    path = write(tmp_path / "net.weights.h5", LAYERS)
    with h5py.File(path, "r+") as file:
        del file["layers/lstm/cell/vars/0"]
        file.create_dataset("layers/lstm/cell/vars/0", (2**40, 16), "f4", chunks=(64, 16))
    refused(path, "more than 268435456 weights in all")
    huge_units = lstm(RNG, 3, 4)
    huge_units["config"]["units"] = 10**30
    refused(write(tmp_path / "net.keras", [huge_units]), "shape = .*: not .any, 4000000")


def test_many_layers_on_one_dataset(tmp_path, monkeypatch):
    """Hard links cost nothing in the file; what is read in all has a limit."""
    monkeypatch.setattr(hdf5, "LARGEST", 1000)
    path = write(tmp_path / "net.weights.h5", [lstm(RNG, 4, 4)])
    with h5py.File(path, "r+") as file:
        for n in range(1, 50):
            file[f"layers/lstm_{n}"] = file["layers/lstm"]
    refused(path, "more than 1000 weights in all")


def test_groups_in_one_another_without_end(tmp_path):
    path = write(tmp_path / "net.h5", LAYERS)
    with h5py.File(path, "r+") as file:
        group = file["model_weights/lstm_3"]
        group["again"] = group
    refused(path, "nested too deeply")
    path = write(tmp_path / "wide.h5", LAYERS)
    with h5py.File(path, "r+") as file:
        for n in range(50):
            file[f"model_weights/dense_4/{n}"] = np.float32(n)
    refused(path, "more than 32 entries")


@pytest.mark.parametrize(
    "value", (3, [b"a", b"b"], h5py.Empty("f"), np.zeros((9, 9)), "{", "[]", "3", "null")
)
def test_configurations_that_are_none(tmp_path, value):
    path = write(tmp_path / "net.h5", LAYERS)
    with h5py.File(path, "r+") as file:
        file.attrs["model_config"] = value
    refused(path, "model_config = .*(not a text|not JSON|not the configuration of a model)")


def test_files_of_other_programs(tmp_path):
    with h5py.File(tmp_path / "net.h5", "w") as file:
        file["data"] = np.zeros(3)
    refused(tmp_path / "net.h5", "model_config = None: neither a model nor the weights of one")


WRONG = (None, 7, "text", [], {}, [[]], [None], {"class_name": 3, "config": 4}, True)


def test_fields_of_other_types(tmp_path):
    """Every field of a configuration, replaced by things of other types."""
    rng = np.random.default_rng(0)
    for functional in (False, True):
        text = json.dumps(config_of(LAYERS, functional))
        path = write(tmp_path / "net.h5", LAYERS, json.loads(text))
        for place in _places(json.loads(text)):
            for n in rng.integers(len(WRONG), size=3):
                config = json.loads(text)
                _put(config, place, WRONG[n])
                with h5py.File(path, "r+") as file:
                    file.attrs["model_config"] = json.dumps(config)
                with contextlib.suppress(pl.NetworkError):
                    pl.Network.from_keras(path)


def _places(value, before=()):
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        yield (*before, key)
        if isinstance(item, (dict, list)):
            yield from _places(item, (*before, key))


def _put(value, place, wrong):
    for key in place[:-1]:
        value = value[key]
    value[place[-1]] = wrong
