"""The tests that ONNX has for its operator LSTM, with the data that it makes itself."""

import importlib

import numpy as np
import pytest
from onnx_graphs import constants_of

import pynq_lstm as pl

NODE_TESTS = "onnx.backend.test.case.node"
importlib.import_module(f"{NODE_TESTS}.lstm")  # makes the cases
# collect_testcases would make those of all operators, which takes 10 s
MADE = importlib.import_module(NODE_TESTS)._NodeTestCases
CASES = {case.name: case for case in MADE if case.model is not None}
REFUSED = {"test_lstm_with_peepholes": r"node 'Y_h': P = 'present': peepholes; train an LSTM"}
KNOWN = {
    "test_lstm_batchwise",
    "test_lstm_bidirectional",
    "test_lstm_defaults",
    "test_lstm_reverse",
    "test_lstm_with_initial_bias",
    *REFUSED,
}


def lstm_cases():
    return [
        pytest.param(case, id=name)
        for name, case in CASES.items()
        if [node.op_type for node in case.model.graph.node] == ["LSTM"]
    ]


def test_there_are_cases():
    """Of older versions of onnx fewer; a new one must be looked at."""
    names = {param.id for param in lstm_cases()}
    assert {"test_lstm_defaults", "test_lstm_batchwise"} <= names <= KNOWN


@pytest.mark.parametrize("case", lstm_cases())
def test_case(case):
    ((given, expected),) = case.data_sets
    model = constants_of(case.model, given)
    if case.name in REFUSED:
        with pytest.raises(pl.NetworkError, match=REFUSED[case.name]):
            pl.Network.from_onnx(model)
        return
    batch_first = any(a.name == "layout" and a.i for a in model.graph.node[0].attribute)
    x = given[0] if batch_first else given[0].swapaxes(0, 1)
    out, (h, c) = pl.Network.from_onnx(model).infer(np.ascontiguousarray(x))
    batch, time = x.shape[:2]
    steps = out.reshape(batch, time, len(h), -1)
    ours = {
        "Y": steps if batch_first else steps.transpose(1, 2, 0, 3),
        "Y_h": h.swapaxes(0, 1) if batch_first else h,
        "Y_c": c.swapaxes(0, 1) if batch_first else c,
    }
    names = dict(zip(case.model.graph.node[0].output, ours))
    assert len(expected) == len(case.model.graph.output) > 0
    for output, theirs in zip(case.model.graph.output, expected):
        np.testing.assert_allclose(ours[names[output.name]], theirs, atol=1e-5, rtol=0)
