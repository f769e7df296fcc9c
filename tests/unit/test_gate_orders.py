"""The one table of gate orders."""

import numpy as np
import pytest

from pynq_lstm.importers.gate_orders import ORDERS, OWN, reordered


def test_table():
    assert ORDERS == {"torch": "ifgo", "onnx": "iofg", "keras": "ifgo"}
    assert all(sorted(order) == sorted(OWN) for order in ORDERS.values())


@pytest.mark.parametrize("axis", (0, 1, -1))
def test_blocks_of_gates_change_places(axis):
    # 10 * gate + unit, gates numbered in the order of ONNX
    rows = np.array([10, 11, 20, 21, 30, 31, 40, 41])
    array = rows if axis == 0 else np.stack([rows, rows])
    found = reordered(array, ORDERS["onnx"], axis=axis)
    expected = [10, 11, 30, 31, 40, 41, 20, 21]  # i, f, g, o
    assert np.array_equal(found, expected if axis == 0 else [expected] * 2)
    assert np.array_equal(reordered(found, OWN, ORDERS["onnx"], axis), array)
