"""Forged files of networks whose passes share components: the references are refused by name."""

import io

import numpy as np
import pytest
from example_matrices import random_layer
from model_files import ANYTHING, forge, masked, take_apart
from test_network_file_forgeries import forged, refused, taken_apart

import pynq_lstm as pl
from pynq_lstm import model_file, network_file
from pynq_lstm.errors import ModelFormatError
from pynq_lstm.model_file import container, tensors
from pynq_lstm.network_file import schema

STACK = {"num_layers": 1, "bidirectional": False, "reverse": False}


@pytest.fixture(scope="module")
def network():
    """Four layers of two sizes, of which the first, second and last share."""
    rng = np.random.default_rng(0)
    layers = [random_layer(rng, *size) for size in [(3, 4), (4, 4), (4, 4), (4, 4)]]
    net = pl.Network(layers, stacks=[pl.Stack(4)])
    share = [[0, 1, 3], [2]]
    return pl.compress(net, input_range=(-1, 1), refinements=3, share=share, progress=False)


@pytest.fixture(scope="module")
def apart(network):
    return taken_apart(network)


def tensor(raw):
    return "U8", [len(raw)], raw


def test_what_is_forged_without_a_change_loads(network, apart):
    metadata, tensors = apart
    again = network_file.from_bytes(forged(*apart))
    assert again.content_hash == network.content_hash == metadata["sha256"]
    assert (metadata["schema"], metadata["shares"]) == (2, [[0, 1, 3], [2]])
    assert metadata["members"] == [[0], [1], [2], [3]] and list(tensors) == ["group.0", "group.1"]
    for g, model in enumerate(network.groups):
        assert tensors[f"group.{g}"][2] == model_file.to_bytes(model)


CASES = {
    "missing": ({"shares": None}, "shares = None: not a list"),
    "none": ({"shares": []}, "shares, entries = 0: outside 1 to 64"),
    "too many groups": ({"shares": [[0]] * 65}, "shares, entries = 65"),
    "too many LSTMs of a group": ({"shares": [[0] * 65, [2]]}, r"shares\[0\], LSTMs = 65"),
    "an empty group": ({"shares": [[0, 1, 2, 3], []]}, r"shares\[1\], LSTMs = 0"),
    "out of range": ({"shares": [[0, 1, 9], [2]]}, "shares = .*not the LSTMs of members"),
    "far out of range": ({"shares": [[0, 1, 1024], [2]]}, r"shares\[0\]\[2\] = 1024: outside"),
    "negative": ({"shares": [[0, 1, -1], [2]]}, r"shares\[0\]\[2\] = -1: outside"),
    "an LSTM twice": ({"shares": [[0, 1, 1], [2]]}, "shares = .*not the LSTMs of members"),
    "an LSTM twice in both": (
        {"shares": [[0, 1, 1], [2]], "members": [[0], [1], [2], [1]]},
        "shares = .*an LSTM twice",
    ),
    "an LSTM in two groups": ({"shares": [[0, 1, 2], [2]]}, "not the LSTMs of members"),
    "an LSTM of no group": ({"shares": [[0, 1], [2]]}, "not the LSTMs of members"),
    "another LSTM of the same group": (
        {"shares": [[0, 1, 2], [3]], "members": [[0], [1], [3], [2]]},
        r"members\[2\] = 3: reads what no earlier pass gives",
    ),
    "of another shape": ({"shares": [[2, 1, 3], [0]]}, "x_inverse_scale|inputs|values"),
    "a pass of two groups": ({"members": [[0], [1], [2, 3]]}, "LSTMs of several groups"),
    "a pass with what it reads": ({"members": [[0, 1], [2], [3]]}, "reads what no earlier pass"),
    "a pass too early": ({"members": [[1], [0], [2], [3]]}, "reads what no earlier pass gives"),
    "an empty pass": ({"members": [[0], [1], [2], [3], []]}, r"members\[4\], LSTMs = 0"),
    "nothing shared across passes": (
        {"members": [[0, 1, 3], [2]]},
        "metadata.schema = 2: more than groups of one pass need",
    ),
    "a group too few": ({"shares": [[0, 1, 3, 2]]}, "header.group.1 = .*unknown"),
    "a group too many": ({"shares": [[0, 1], [3], [2]]}, "header.group.2 = None: missing"),
    "passes of schema 1": ({"schema": 1}, "metadata.shares = .*unknown"),
}


@pytest.mark.parametrize("case", CASES)
def test_references_that_are_none(apart, case):
    changes, text = CASES[case]
    refused(forged({**apart[0], **changes}, apart[1]), text)


def test_every_type(apart, network):
    metadata, tensors = apart
    for name in ("shares", "members"):
        value = metadata[name]
        wrong = [*ANYTHING]
        for i, one in enumerate(value):
            wrong += [[*value[:i], x, *value[i + 1 :]] for x in ANYTHING]
            for j in range(len(one)):
                inside = ([*one[:j], x, *one[j + 1 :]] for x in ANYTHING)
                wrong += [[*value[:i], changed, *value[i + 1 :]] for changed in inside]
        for changed in wrong:
            try:
                again = network_file.from_bytes(forged({**metadata, name: changed}, tensors))
            except ModelFormatError as error:
                assert error.field and error.remedy
            else:
                assert again.content_hash == network.content_hash


def test_every_order_of_every_list_is_refused_or_runs(apart, network):
    """Groups that change places, LSTMs that change places in one, passes that do."""
    metadata, tensors = apart
    swapped = {"group.0": tensors["group.1"], "group.1": tensors["group.0"]}
    refused(forged(metadata, swapped), r"shares\[0\] = .*3 entries, not 1")
    again = network_file.from_bytes(forged({**metadata, "shares": [[2], [0, 1, 3]]}, swapped))
    assert again.members == network.members and again.held == ((2,), (0, 1, 3))
    for one, other in zip(again.passes, network.passes):
        assert one.content_hash == other.content_hash
    refused(forged({**metadata, "shares": [[1, 0, 3], [2]]}, tensors), "inputs|power|values")
    again = network_file.from_bytes(forged({**metadata, "shares": [[0, 3, 1], [2]]}, tensors))
    assert again.content_hash != network.content_hash  # the LSTMs of two layers, as it says


def test_groups_are_checked_as_models_are(apart, network):
    metadata, tensors = apart
    own, inner = take_apart(tensors["group.0"][2])
    dense = pl.compress(
        network.float_network(), "dense", input_range=(-1, 1), progress=False
    ).passes[0]  # fmt: skip
    whole = network_file.to_bytes(network)
    for raw, text in (
        (tensors["group.0"][2][:-1], "group.0: file size"),
        (bytes(64), "group.0: header"),
        (whole, "group.0: file = .*holds a network, not a model"),
        (forge({**own, "pre_shift": [0, 0, 99]}, inner), r"group.0: pre_shift\[2\] = 99"),
        (model_file.to_bytes(dense), r"groups\[1\].method = 'svd': not dense as in the first"),
    ):
        refused(forged(metadata, {**tensors, "group.0": tensor(raw)}), text)


def test_methods_that_share_nothing(apart, network):
    """Dense LSTMs side by side are a model, but none that passes could share."""
    layers = network.float_network().layers
    models = [
        pl.compress(pl.Network(own), "dense", input_range=(-1, 1), progress=False)
        for own in ([layers[k] for k in (0, 1, 3)], [layers[2]])
    ]
    raw = {f"group.{g}": tensor(model_file.to_bytes(model)) for g, model in enumerate(models)}
    refused(forged(apart[0], raw), r"groups\[0\]: method = 'dense': shares nothing among")


def test_a_group_in_many_passes_is_no_bomb(apart):
    """12 MiB of absent tiles from few bytes, of which each of 64 passes would take a copy."""
    count = 64
    metadata, tensors = take_apart(forge(*masked(1200, 1000, 1000)))
    several = ("input_sizes", "hidden_sizes", "x_inverse_scale", "cell_fraction_bits", "pre_shift")
    metadata = {**metadata, **{name: metadata[name] * count for name in several}}
    rows = {}
    for name in ("input", "hidden"):
        metadata[name] = {**metadata[name], "s_shift": metadata[name]["s_shift"] * count}
        dtype, (components, _), raw = tensors[f"{name}.s"]
        s = np.repeat(np.frombuffer(raw, np.int16).reshape(components, 1), count, axis=1)
        rows[f"{name}.s"] = dtype, [components, count], s.tobytes()
    bias = {f"bias.{j}": tensors["bias.0"] for j in range(count)}
    small = forge(metadata, {**tensors, **bias, **rows})
    model_file.from_bytes(small)
    names = [f"m{j}" for j in range(count)]
    network = {
        **apart[0],
        "names": names,
        "stacks": [STACK] * count,
        "wiring": {name: f"x{j}" for j, name in enumerate(names)},
        "members": [[k] for k in range(count)],
        "shares": [list(range(count))],
    }
    raw = forged(network, {"group.0": tensor(small)})
    refused(raw, "dense size = .*oversized: above", most=16 * len(raw))


@pytest.mark.parametrize(
    ("members", "shares"),
    [
        ([[0, 1], [2]], [[1, 0], [2]]),  # a pass of all LSTMs of a group, in another order
        ([[1, 0], [2]], [[1, 0], [2]]),
        ([[0], [1], [2]], [[1, 0], [2]]),
        ([[2, 0, 1]], [[0, 1, 2]]),
        ([[0], [1, 2]], [[0, 1, 2]]),
    ],
)
def test_every_copy_is_counted(members, shares, monkeypatch):
    """As many as there are models in memory: groups, and passes that are no group."""
    rng = np.random.default_rng(1)
    net = pl.Network([random_layer(rng, 4, 4) for _ in range(3)])
    each = [pl.Network([net.layers[k] for k in own]) for own in shares]
    options = {"input_range": (-1, 1), "refinements": 3, "progress": False}
    groups = tuple(pl.compress(own, **options) for own in each)
    network = pl.CompressedNetwork(
        groups, members, net.stacks, net.wiring, shares=None if members == shares else shares
    )
    held = {id(model): model for model in (*network.groups, *network.passes)}
    assert len(held) >= len(groups)
    counted = schema.groups(schema.describe(network)).values()
    assert sum(counted) == len(held)
    sizes = [tensors.dense_bytes(container.checked(*file(own))[0]) for own in groups]
    enough = sum(size * count for size, count in zip(sizes, counted))
    monkeypatch.setattr(tensors, "DENSE_RATIO", 0)
    monkeypatch.setattr(tensors, "DENSE_FREE", enough)
    raw = network_file.to_bytes(network)
    assert network_file.from_bytes(raw).content_hash == network.content_hash
    monkeypatch.setattr(tensors, "DENSE_FREE", enough - 1)
    with pytest.raises(ModelFormatError, match="dense size = .*oversized: above"):
        network_file.from_bytes(raw)


def file(model):
    raw = model_file.to_bytes(model)
    return io.BytesIO(raw), len(raw)


def test_mutants(network):
    raw, rng = network_file.to_bytes(network), np.random.default_rng(0)
    for _ in range(1000):
        changed = bytearray(raw)
        for at in rng.integers(0, len(raw), rng.integers(1, 4)):
            changed[at] = rng.integers(256)
        try:
            again = network_file.from_bytes(bytes(changed))
        except ModelFormatError:
            continue
        assert again.content_hash == network.content_hash


def test_of_python(network):
    """The constructor refuses what a file cannot say, too."""
    given = (network.stacks, network.wiring)
    for shares, members, text in (
        (3, network.members, "shares = 3: not one entry for each of 1 to 64 groups"),
        (((0, 1), (2,)), network.members, r"shares\[0\] = .*2 entries, not 3"),
        (network.shares, None, "members = None: not one entry for each"),
        (network.shares, ((0,), (1,), (2,)), "members = .*not each LSTM of the groups once"),
        (network.shares, ((0,), (1,), (2,), (3,), ()), r"members\[4\] = .*not 1 to 64 LSTMs"),
        (network.shares, ((0,), (1,), (2,), ("3",)), r"members\[3\]\[0\] = '3': not an integer"),
    ):
        with pytest.raises(ModelFormatError, match=text):
            pl.CompressedNetwork(network.groups, members, *given, shares=shares)
    whole = pl.CompressedNetwork(network.groups, network.members, *given, shares=network.shares)
    assert whole.held == network.held
    plain = pl.CompressedNetwork(network.passes, network.members, *given, shares=network.members)
    assert plain.shares is None and plain.passes == network.passes
