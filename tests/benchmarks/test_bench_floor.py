"""The floor against its formula by hand."""

import pytest
from cpu.floor import floor
from cpu.limits import CACHED_KILOBYTES, Limits
from cpu.shapes import Shape

SHAPE = Shape("tiny", 2, 10, 20, 8, 3, 5)
LIMITS = Limits(
    read={16: 4e9, 256: 2e9, 1024: 1e9, 65536: 1e8},
    float_macs=1e9,
    int8_macs=1e9,
    amx_macs=0.0,
    sigmoids=1e9,
    clock=1e9,
    int8_instruction="none",
)


def test_shared_components():
    """Two models of 4 x 3 x 30 + 4 x 5 x 40 products a step, read once: 800 + 360 / 4 bytes."""
    found = floor(SHAPE, "svd", LIMITS)
    assert found.multiply == pytest.approx(2 * 8 * 1160 / 1e9 * 1e6)
    assert found.sigmoid == pytest.approx(2 * 8 * 5 * 20 / 1e9 * 1e6)
    assert found.stream == pytest.approx(8 * 890 / 4e9 * 1e6)
    assert found.dependency == pytest.approx(8 * 250 / 1e9 * 1e6)
    assert found.total == found.multiply + found.sigmoid + found.dependency


def test_dense_matrices():
    """Two models of 4 x 20 x 30 products a step, each with matrices of its own."""
    found = floor(SHAPE, "dense", LIMITS)
    assert found.multiply == pytest.approx(2 * 8 * 2400 / 1e9 * 1e6)
    assert found.stream == pytest.approx(2 * 8 * (1600 + 800 / 4) / 4e9 * 1e6)


def test_blocks():
    """Every fourth of the products and bytes of dense matrices."""
    found, dense = floor(SHAPE, "block_diagonal", LIMITS), floor(SHAPE, "dense", LIMITS)
    assert found.multiply == pytest.approx(dense.multiply / 4)
    assert found.stream == pytest.approx(dense.stream / 4)
    assert (found.sigmoid, found.dependency) == (dense.sigmoid, dense.dependency)


def test_the_slower_of_multiplying_and_streaming_counts():
    slow = Limits(**{**vars(LIMITS), "read": dict.fromkeys(LIMITS.read, 1e6)})
    found = floor(SHAPE, "dense", slow)
    assert found.stream > found.multiply + found.sigmoid
    assert found.total == found.stream + found.dependency


def test_other_methods_are_refused():
    with pytest.raises(ValueError, match="choose from svd, dense, block_diagonal"):
        floor(SHAPE, "magic", LIMITS)


@pytest.mark.parametrize(
    "size, rate",
    [(1, 4e9), (16 * 1024, 4e9), (16 * 1024 + 1, 2e9), (1 << 20, 1e9), (1 << 30, 1e9)],
)
def test_bandwidth_of_a_cache_that_holds_it(size, rate):
    assert set(CACHED_KILOBYTES) < set(LIMITS.read)
    assert LIMITS.bandwidth(size) == rate
