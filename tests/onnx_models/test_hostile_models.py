"""Damaged and hostile ONNX files end in a NetworkError, within memory and time."""

import contextlib

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from onnx_graphs import Graph

import pynq_lstm as pl


def small():
    g = Graph()
    return g, g.lstm(g.input("x", ["time", "batch", 4]), 4, 5)


def refused(given, text=None):
    with pytest.raises(pl.NetworkError, match=text):
        pl.Network.from_onnx(given)


def test_every_truncation(tmp_path):
    g, outputs = small()
    raw = g.model(*outputs).SerializeToString()
    path = tmp_path / "net.onnx"
    for size in range(0, len(raw), 17):
        path.write_bytes(raw[:size])
        refused(path)


def test_random_bytes_in_a_file(tmp_path):
    g, outputs = small()
    raw = np.frombuffer(g.model(*outputs).SerializeToString(), np.uint8)
    rng, path = np.random.default_rng(0), tmp_path / "net.onnx"
    for _ in range(1000):
        changed = raw.copy()
        places = rng.integers(len(raw), size=rng.integers(1, 4))
        changed[places] = rng.integers(256, size=len(places))
        path.write_bytes(changed.tobytes())
        with contextlib.suppress(pl.NetworkError):
            pl.Network.from_onnx(path)  # a weight may have changed, and nothing else


@pytest.mark.parametrize("raw", (b"", b"x" * 100, b"\x08\x09", b"\xff" * 1000))
def test_other_files(tmp_path, raw):
    (tmp_path / "net.onnx").write_bytes(raw)
    refused(tmp_path / "net.onnx")
    refused(str(tmp_path / "none.onnx"), "path = .*: cannot be read as ONNX")
    refused(tmp_path, "cannot be read as ONNX")


def test_other_things():
    refused(7, "path_or_model = 'int': neither a path nor an onnx.ModelProto")
    refused(onnx.ModelProto(), "graph = 'empty': no nodes in it")


@pytest.mark.parametrize("location", ("missing.bin", "../outside.bin", "/etc/hostname", ""))
def test_external_data_that_are_not_there(tmp_path, location):
    g, outputs = small()
    model = g.model(*outputs)
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=location)
    folder = tmp_path / "inside"
    folder.mkdir()
    (tmp_path / "outside.bin").write_bytes(bytes(4096))
    (folder / "net.onnx").write_bytes(model.SerializeToString())
    refused(folder / "net.onnx")
    refused(model, "initializer = 'constant0': cannot be read")


def test_cycles_and_names_that_nobody_gives():
    g, outputs = small()
    model = g.model(*outputs)
    model.graph.node[0].input[0] = outputs[0]
    refused(model, "node 'LSTM0' = 'lstm0_0': read before any node gives it: a cycle")
    model.graph.node[0].input[0] = "nothing"
    refused(model, "node 'LSTM0' = 'nothing': read before")


def test_initialisers_without_their_data():
    g, outputs = small()
    model = g.model(*outputs)
    model.graph.initializer[0].dims[0] = 10**12
    refused(model, "initializer = 'constant0': cannot be read")
    model.graph.initializer[0].data_type = 99
    refused(model, "initializer = 'constant0': cannot be read")


@pytest.mark.parametrize("axes", ([10**9, 10**9, 4], [2**62, 1, 4], [10**6, 10**6, 4]))
def test_huge_inputs(axes):
    g = Graph()
    refused(g.model(*g.lstm(g.input("x", axes), 4, 5)), "graph input 'x' = .*more than the")


def big(g, kind):
    if kind == "shape":
        return g.node("ConstantOfShape", np.array([10**6, 10**6], np.int64))
    if kind == "overflow":
        return g.node("ConstantOfShape", np.array([2**40, 2**40], np.int64))
    if kind == "negative":
        return g.node("ConstantOfShape", np.array([-3], np.int64))
    if kind == "expand":
        return g.node("Expand", np.zeros(1, np.float32), np.array([10**12], np.int64))
    if kind == "tile":
        return g.node("Tile", np.zeros(9, np.float32), np.array([10**12], np.int64))
    if kind == "broadcast":
        a = np.zeros(10**6, np.float32)
        return g.node("Add", a[:, None], a[None])
    if kind == "gather":
        a = np.zeros((1, 10**5), np.float32)
        return g.node("Gather", a, np.zeros(10**5, np.int64))
    a = np.zeros(100, np.float32)
    for _ in range(60):
        a = g.node("Concat", a, a, axis=0)
    return a


@pytest.mark.parametrize(
    "kind",
    ("shape", "overflow", "negative", "expand", "tile", "broadcast", "gather", "doubled"),
)
def test_constants_that_grow(kind):
    g, outputs = small()
    big(g, kind)
    refused(g.model(*outputs))


def test_data_that_grow():
    g, outputs = small()
    y = outputs[0]
    for _ in range(40):
        y = g.node("Concat", y, y, axis=0)
    refused(g.model(y), "node 'Concat.*: more than the")
    g, outputs = small()
    y = outputs[0]
    for _ in range(40):
        y = g.node("Add", y, y)
    refused(g.model(y), "node 'Add.*: more than the")


@pytest.mark.parametrize("op", ("Squeeze", "Reshape", "Gather", "Concat", "Split", "Add", "Slice"))
def test_nodes_whose_inputs_are_wrong(op):
    for given in ([], ["x"], ["x", "x"], ["x", np.array([9, 9, 9], np.int64)]):
        for wrong in ({}, {"axis": 99}, {"perm": [7]}):
            g, _ = small()
            y = g.node(op, *given, **wrong)
            with contextlib.suppress(pl.NetworkError):
                pl.Network.from_onnx(g.model(y))


def test_types_that_are_not_tensors():
    g, outputs = small()
    g.inputs.append(helper.make_tensor_sequence_value_info("s", TensorProto.FLOAT, None))
    refused(g.model(*outputs), "graph input 's' = 'sequence_type': not a tensor")
    g, outputs = small()
    g.inputs.append(helper.make_tensor_value_info("t", TensorProto.FLOAT, None))
    refused(g.model(*outputs), "graph input 't' = 'tensor_type': not a tensor whose axes")


@pytest.mark.parametrize("op", ("LSTM", "Gemm", "MatMul", "Add", "Cast", "Dropout"))
def test_attributes_of_other_types(op):
    names = ["direction", "hidden_size", "layout", "activations", "activation_alpha", "clip"]
    wrong = ["text", 2.5, 3, ["a", "b"], [1.5], onnx.numpy_helper.from_array(np.ones((2, 2)))]
    for name in (*names, "input_forget", "transA", "transB", "alpha", "beta", "to", "axis"):
        for value in wrong:
            for count in range(4):
                g, (y, _, _) = small()
                given = [y, np.ones((5, 2), np.float32), np.ones(2, np.float32)][:count]
                y = g.node(op, *given, **{name: value})
                with contextlib.suppress(pl.NetworkError):
                    pl.Network.from_onnx(g.model(y))
