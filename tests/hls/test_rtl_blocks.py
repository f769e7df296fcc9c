"""RTL leaf blocks in Verilator, bit for bit against numerics.py; seeded errors must be found."""

import numpy as np
import pytest
import rtl_benches as benches
from rtl import blocks
from rtl.ports import Port, pack, unpack
from rtl.programs import ToolError
from rtl.verilator import Simulator

pytestmark = pytest.mark.hls


@pytest.fixture(scope="module")
def simulator(tmp_path_factory):
    return Simulator(tmp_path_factory.mktemp("rtl"))


@pytest.mark.parametrize("seeded", (False, True), ids=("own", "seeded"))
@pytest.mark.parametrize("name", benches.BENCHES)
def test_a_block_equals_numerics(simulator, name, seeded):
    block, bench = benches.BENCHES[name]
    wrong = bench(simulator.build(block, seeded), np.random.default_rng(1))
    assert (wrong > 0) == seeded


@pytest.mark.parametrize("bits", (8, 10))
def test_the_split_of_a_packed_product_is_exact_for_every_operand(simulator, bits):
    run = simulator.build(blocks.packed_sum(1, bits))
    every = np.arange(-128, 128)
    operand = np.arange(-(1 << (bits - 1)), 1 << (bits - 1))
    low, shared = np.tile(every, len(operand)), np.repeat(operand, 256)
    for high in every:
        got = run(high=np.full_like(low, high), low=low, shared=shared)
        assert np.array_equal(got["low_sum"], low * shared)
        assert np.array_equal(got["high_sum"], high * shared)


@pytest.mark.parametrize(
    "n, bits, pair, shared, exact",
    (
        (8, 8, -128, 127, True),  # 130,048 of 131,071
        (8, 8, -128, -127, True),
        (9, 8, -128, 127, False),
        (9, 8, -128, -127, False),
        (8, 8, -128, -128, False),  # why codes exclude -128
        (2, 10, 127, -512, True),
        (2, 10, -127, -512, True),
        (3, 10, 127, -512, False),
        (2, 10, -128, -512, False),
        (2, 11, 127, -1024, False),  # p of 11 bits does not pack
    ),
)
def test_the_limit_of_a_packed_sum_is_tight(simulator, n, bits, pair, shared, exact):
    run = simulator.build(blocks.packed_sum(n, bits))
    got = run(**{k: np.full((1, n), pair) for k in ("high", "low")}, shared=np.full((1, n), shared))
    sums = (got["high_sum"][0], got["low_sum"][0])
    assert (sums == (n * pair * shared,) * 2) == exact


def test_ports_pack_and_unpack():
    rng = np.random.default_rng(2)
    for port in (Port("p", 10, 13), Port("c", 8, 16), Port("w", 32, 4)):
        values = rng.integers(-(1 << (port.bits - 1)), 1 << (port.bits - 1), (50, port.count))
        assert np.array_equal(unpack(port, pack(port, values)), values)


@pytest.mark.parametrize("value", (512, -513))
def test_a_value_that_does_not_fit_its_port_is_refused(value):
    with pytest.raises(ToolError, match="port = 'p': .* do not fit 10 bits"):
        pack(Port("p", 10), [value])


def test_a_wrong_port_name_is_refused(simulator):
    run = simulator.build(blocks.pwl("tanh"))
    with pytest.raises(ToolError, match="not the ports of the block"):
        run(x=np.zeros(1))


def test_a_source_that_does_not_compile_is_refused(simulator):
    block = blocks.Block("absent", (), (), 1)
    with pytest.raises(ToolError, match="tool = 'verilator': it failed"):
        simulator.build(block)
