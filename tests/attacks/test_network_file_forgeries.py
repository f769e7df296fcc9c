"""Forged files of networks: refused by name, without memory that the file does not back."""

import dataclasses
import hashlib
import json
import struct
import tracemalloc

import numpy as np
import pytest
from example_matrices import random_layer
from model_files import ANYTHING, canonical, forge, masked, take_apart, with_header

import pynq_lstm as pl
from pynq_lstm import model_file, network_file
from pynq_lstm.errors import ModelFormatError

KEY = "pynq_lstm_network"


@pytest.fixture(scope="module")
def network():
    """Three passes and a head: directions, a wiring with a size in it, a slower model."""
    rng = np.random.default_rng(0)
    layers = [random_layer(rng, *size) for size in [(3, 4), (3, 4), (10, 2), (2, 2)]]
    head = pl.Head(np.ones((3, 2), np.float32), np.zeros(3, np.float32))
    wiring = pl.Wiring(("z", "b", "a"), ("x0:3", "z, x1:2", "last(b)"))
    net = pl.Network(layers, head, [pl.Stack(1, True), pl.Stack(), pl.Stack()], wiring)
    return pl.compress(net, "dense", input_range=(-1, 1), progress=False)


@pytest.fixture(scope="module")
def apart(network):
    return taken_apart(network)


def taken_apart(network):
    """Metadata and tensors, name to (dtype, shape, bytes)."""
    raw = network_file.to_bytes(network)
    length = struct.unpack("<Q", raw[:8])[0]
    header, buffer = json.loads(raw[8 : 8 + length]), raw[8 + length :]
    metadata = json.loads(header.pop("__metadata__")[KEY])
    cut = {n: slice(*entry["data_offsets"]) for n, entry in header.items()}
    return metadata, {n: (e["dtype"], e["shape"], buffer[cut[n]]) for n, e in header.items()}


def forged(metadata, tensors, header=lambda entries: None, text=None, key=KEY, more=b""):
    """A file of any metadata and tensors, with a hash that is right for them."""
    names = sorted(tensors, key=lambda n: (tensors[n][0] == "U8", n))
    buffer = b"".join(tensors[name][2] for name in names) + more
    metadata = {k: v for k, v in metadata.items() if k != "sha256"}
    hashed = hashlib.sha256(canonical(metadata).encode() + buffer).hexdigest()
    stated = canonical({**metadata, "sha256": hashed})
    entries, begin = {"__metadata__": {key: text(stated) if text else stated}}, 0
    for name in names:
        dtype, shape, raw = tensors[name]
        entries[name] = {"dtype": dtype, "shape": shape, "data_offsets": [begin, begin + len(raw)]}
        begin += len(raw)
    return with_header(header(entries) or entries, buffer)


def refused(raw, text, most=1 << 20):
    tracemalloc.start()
    try:
        with pytest.raises(ModelFormatError, match=text) as caught:
            network_file.from_bytes(raw)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < most, f"{peak} bytes for a file of {len(raw)}"
    assert caught.value.field and caught.value.remedy and str(caught.value)


def test_what_is_forged_without_a_change_loads(network, apart):
    again = network_file.from_bytes(forged(*apart))
    assert again.content_hash == network.content_hash == apart[0]["sha256"]
    assert list(apart[1]) == ["head.bias", "head.weight", "pass.0", "pass.1", "pass.2"]
    for p, model in enumerate(network.passes):
        assert apart[1][f"pass.{p}"][2] == model_file.to_bytes(model)
    metadata = {name: value for name, value in apart[0].items() if name != "sha256"}
    assert metadata == {
        "schema": 1,
        "names": ["z", "b", "a"],
        "wiring": {"z": "x0:3", "b": "z, x1:2", "a": "last(b)"},
        "stacks": [
            {"num_layers": 1, "bidirectional": both, "reverse": False}
            for both in (True, False, False)
        ],
        "members": [[0, 1], [2], [3]],
        "classes": 3,
        "provenance": dict(network.provenance),
    }


def test_missing_and_unknown_fields(apart):
    metadata, tensors = apart
    for name in set(metadata) - {"sha256"}:
        less = {key: value for key, value in metadata.items() if key != name}
        refused(forged(less, tensors), f"^metadata.{name} = None: missing")
    refused(forged({**metadata, "extra": 1}, tensors), "^metadata.extra = 1: unknown")
    stack = metadata["stacks"][0]
    for wrong, text in (
        ({**stack, "dropout": 0}, r"stacks\[0\].dropout = 0: unknown"),
        ({"num_layers": 1, "reverse": False}, r"stacks\[0\].bidirectional = None: missing"),
    ):
        refused(forged({**metadata, "stacks": [wrong, *metadata["stacks"][1:]]}, tensors), text)


def test_every_field_of_every_wrong_type(apart, network):
    metadata, tensors = apart
    attempts = loaded = 0
    for name, value in metadata.items():
        inside = []
        if type(value) is list:
            for i, one in enumerate(value):
                inside += [[*value[:i], x, *value[i + 1 :]] for x in ANYTHING]
                if type(one) is list:
                    inside += [[*value[:i], [x], *value[i + 1 :]] for x in ANYTHING]
        if type(value) is dict:
            inside += [{**value, key: x} for key in value for x in ANYTHING]
        if name == "stacks":
            one = value[0]
            inside += [[{**one, key: x}, *value[1:]] for key in one for x in ANYTHING]
        for wrong in [*ANYTHING, *inside]:
            changed, attempts = {**metadata, name: wrong}, attempts + 1
            try:
                raw = forged(changed, tensors)
                if name == "sha256":
                    raw = forged(metadata, tensors, text=lambda _, c=changed: canonical(c))
                again = network_file.from_bytes(raw)
                loaded += 1
                assert name == "provenance" or again.content_hash == network.content_hash
            except ModelFormatError as error:
                assert str(error)
    assert attempts > 600 and loaded < attempts / 10


STRUCTURES = {
    "newer": ({"schema": 3}, "metadata.schema = 3: newer than 2"),
    "of a schema with shares": ({"schema": 2}, "metadata.shares = None: missing"),
    "shares before their schema": ({"shares": [[0, 1, 2, 3]]}, "metadata.shares = .*unknown"),
    "an LSTM twice": ({"members": [[0, 0], [2], [3]]}, "not each of 4 LSTMs once"),
    "too early": ({"members": [[0, 2], [1], [3]]}, r"members\[1\] = \[1\]|reads what no|inputs"),
    "a pass too many": ({"members": [[0, 1], [2], [3], [4]]}, "header.pass.3 = None: missing"),
    "a pass too few": ({"members": [[0, 1], [2]]}, "header.pass.2 = .*unknown"),
    "no pass": ({"members": []}, "members, entries = 0: outside 1 to 64"),
    "too many passes": ({"members": [[0]] * 65}, "members, entries = 65: outside 1 to 64"),
    "too many LSTMs of a pass": ({"members": [[0] * 65, [2], [3]]}, r"members\[0\], LSTMs = 65"),
    "names without wiring": ({"names": ["z", "b", "q"]}, "not those of the wiring"),
    "a name twice": ({"names": ["z", "z", "a"]}, "two models have it|no model"),
    "a name too few": ({"names": ["z", "b"]}, "names, entries = 2: outside 3 to 3"),
    "a cycle": ({"wiring": {"z": "a", "b": "z, x0", "a": "b"}}, "a cycle"),
    "no notation": ({"wiring": {"z": "x0:3", "b": "z; x1", "a": "last(b)"}}, "expected"),
    "no canonical wiring": (
        {"wiring": {"z": "x0:3", "b": "z,x1:2", "a": "last(b)"}},
        "wiring = .*not in canonical form",
    ),
    "a head that says what all do": (
        {"wiring": {"z": "x0:3", "b": "z, x1:2", "a": "last(b)", "head": "a"}},
        "not in canonical form",
    ),
    "a head of another": (
        {"wiring": {"z": "x0:3", "b": "z, x1:2", "a": "last(b)", "head": "z"}},
        "head.weight.shape",
    ),
    "a wrong size": ({"wiring": {"z": "x0:4", "b": "z, x1:2", "a": "last(b)"}}, "wiring"),
    "a long wiring": (
        {"wiring": {"z": "x0", "b": "z" + ", x1" * 20000, "a": "last(b)"}},
        "wiring, characters = 8",
    ),
    "a deep stack": (
        {"stacks": [{"num_layers": 10**9, "bidirectional": True, "reverse": False}] * 3},
        r"stacks\[0\].num_layers = 1000000000: outside 1 to 1024",
    ),
    "deep stacks": (
        {"stacks": [{"num_layers": 1024, "bidirectional": True, "reverse": False}] * 3},
        "they take 6144 layers of 4",
    ),
    "both and reverse": (
        {"stacks": [{"num_layers": 1, "bidirectional": True, "reverse": True}] * 3},
        "bidirectional has both directions",
    ),
    "a head that is not there": ({"classes": None}, "header.head.*unknown"),
    "other classes": ({"classes": 2}, "header.head.bias"),
}


@pytest.mark.parametrize("case", STRUCTURES)
def test_structures_that_are_none(apart, case):
    changes, text = STRUCTURES[case]
    metadata, tensors = apart
    refused(forged({**metadata, **changes}, tensors), text)


def test_headers(apart):
    metadata, tensors = apart
    pass_0 = tensors["pass.0"]
    for name, entry, text in (
        ("pass.0", ("I8", pass_0[1], pass_0[2]), "header.pass.0 = "),
        ("pass.0", ("U8", [1, *pass_0[1]], pass_0[2]), "pass.0.shape = .*2 entries, not 1"),
        ("pass.0", ("U8", [0], b""), r"pass.0.shape\[0\] = 0: outside 8"),
        ("pass.0", ("U8", [2**40], pass_0[2]), r"pass.0.shape\[0\] = 1099511627776: outside"),
        ("head.weight", ("F32", [3], bytes(12)), "head.weight.shape = .*1 entries, not 2"),
        ("head.weight", ("F32", [3, 3], bytes(36)), "head.weight.shape = .* columns"),
        ("head.weight", ("F32", [3, 2], struct.pack("<6f", *[np.nan] * 6)), "not finite"),
        ("pass.3", pass_0, "header.pass.3 = .*unknown"),
        ("extra", pass_0, "header.extra = .*unknown"),
    ):
        refused(forged(metadata, {**tensors, name: entry}), text)

    def moved(entries):
        entries["pass.1"]["data_offsets"][0] -= 1

    def floats(entries):
        entries["pass.0"]["data_offsets"] = [float(v) for v in entries["pass.0"]["data_offsets"]]

    refused(forged(metadata, tensors, moved), "header.pass.1 = ")
    refused(forged(metadata, tensors, floats), "file = .*refused by safetensors")
    refused(forged(metadata, tensors, more=b"\0"), "file size = .*truncated or extended")
    raw = forged(metadata, tensors)
    refused(raw[:-1], "file size")
    refused(raw[:-1] + bytes([raw[-1] ^ 1]), "metadata.sha256 = ")
    refused(forged(metadata, tensors, text=lambda t: t.replace(":", ": ", 1)), "canonical form")
    twice = forged(metadata, tensors, text=lambda t: t[:-1] + ',"schema":1}')
    refused(twice, "metadata = 'schema': a duplicate key")
    refused(forged(metadata, tensors, text=lambda t: t + "x"), "metadata = .*not JSON")
    refused(b"", "file size = 0")


def test_passes_are_checked_as_models_are(apart, network):
    metadata, tensors = apart
    own, inner = take_apart(tensors["pass.1"][2])
    for raw, text in (
        (tensors["pass.1"][2] + b"\0", "pass.1: file size"),
        (tensors["pass.1"][2][:-1], "pass.1: file size"),
        (bytes(64), "pass.1: header"),
        (forge({**own, "pre_shift": [99]}, inner), r"pass.1: pre_shift\[0\] = 99"),
        (forge(own, inner, header=lambda e: e.pop("bias.0") and None), "pass.1: header.bias.0"),
        (network_file.to_bytes(network), "pass.1: file = .*holds a network, not a model"),
        (forge({**own, "x_inverse_scale": [100.0]}, inner), "b layer 0 reads h: not a power of"),
        (forge({**own, "activation_bits": 16}, inner), r"groups\[1\].activation_bits|overflow|acc"),
        (tensors["pass.2"][2], "members|inputs|values"),
    ):
        refused(forged(metadata, {**tensors, "pass.1": ("U8", [len(raw)], raw)}), text)
    headed = dataclasses.replace(
        network.passes[2], head=pl.Head(np.ones((1, 2), np.float32), np.ones(1, np.float32))
    )
    raw = model_file.to_bytes(headed)
    text = r"groups\[2\].head = .*the head is the network's"
    refused(forged(metadata, {**tensors, "pass.2": ("U8", [len(raw)], raw)}), text)


def test_many_passes_of_absent_tiles_are_refused_together(apart):
    """Each would pass alone: 12 MiB in memory from few bytes."""
    small = forge(*masked(1200, 1000, 1000))
    assert 10 << 20 < _held(small) < 14 << 20
    members = [[k] for k in range(20)]
    stack = {"num_layers": 1, "bidirectional": False, "reverse": False}
    names = [f"m{j}" for j in range(20)]
    metadata = {
        **apart[0],
        "members": members,
        "stacks": [stack] * 20,
        "names": names,
        "wiring": {name: f"x{j}" for j, name in enumerate(names)},
        "classes": None,
    }
    raw = forged(metadata, {f"pass.{p}": ("U8", [len(small)], small) for p in range(20)})
    refused(raw, "dense size = .*oversized: above", most=16 * len(raw))


def _held(raw):
    model = model_file.from_bytes(raw)
    return sum(
        part.u.nbytes + part.v.nbytes + part.u_mask.nbytes + part.v_mask.nbytes
        for part in (model.input, model.hidden)
    )


def test_the_other_kind_of_file(network, tmp_path):
    network.save(tmp_path / "network")
    network.passes[0].save(tmp_path / "model")
    with pytest.raises(ModelFormatError, match="holds a network, not a model; open it with Compr"):
        pl.CompressedModel.load(tmp_path / "network")
    with pytest.raises(ModelFormatError, match="holds a model, not a network; open it with Compr"):
        pl.CompressedNetwork.load(tmp_path / "model")
    for name, kind in (("network", pl.NetworkSession), ("model", pl.Session)):
        with pl.load(tmp_path / name, "cpu") as session:
            assert type(session) is kind
    (tmp_path / "neither").write_bytes(with_header({}))
    for load in (pl.load, pl.CompressedNetwork.load, pl.CompressedModel.load):
        with pytest.raises(ModelFormatError, match="__metadata__"):
            load(tmp_path / "neither")
        with pytest.raises(ModelFormatError, match="path"):
            load(tmp_path / "absent")


def test_saving_that_fails_leaves_the_file(network, tmp_path):
    path = tmp_path / "network"
    network.save(path)
    before = path.read_bytes()
    with pytest.raises(ModelFormatError, match="cannot be written"):
        network.save(tmp_path / "absent" / "network")
    path.chmod(0o400)
    network.with_provenance({"by": "hand"}).save(path)  # renamed over it
    assert path.read_bytes() != before
    assert [p.name for p in tmp_path.iterdir()] == ["network"]


def test_mutants(network):
    raw, rng = network_file.to_bytes(network), np.random.default_rng(0)
    for _ in range(2000):
        changed = bytearray(raw)
        for at in rng.integers(0, len(raw), rng.integers(1, 4)):
            changed[at] = rng.integers(256)
        if changed == raw:
            continue
        try:
            again = network_file.from_bytes(bytes(changed))
        except ModelFormatError:
            continue
        assert again.content_hash == network.content_hash  # spaces of the header
