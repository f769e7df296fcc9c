"""LSTM-HW: by hand, below the roof, against a naive search and a naive array, monotone, errors."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from example_matrices import random_network

from pynq_lstm import baselines
from pynq_lstm.accelerator.devices import NAMES, Device
from pynq_lstm.accelerator.energy_constants import HIGH, LOW
from pynq_lstm.accelerator.latencies import Latencies
from pynq_lstm.accelerator.roofline import dense_macs, roof
from pynq_lstm.baselines import residency, systolic, systolic_design
from pynq_lstm.baselines.lstm_hw import lstm_hw
from pynq_lstm.baselines.systolic import Part
from pynq_lstm.baselines.systolic_design import best
from pynq_lstm.candidate import BASELINES
from pynq_lstm.errors import DesignError, InputError

ZCU104 = Device.of("zcu104")
PAPER = [(1024, 512)] * 2
FASHION = [(28, 128)] * 2


def random_sizes(rng, most=200):
    return [tuple(int(v) for v in rng.integers(1, most, 2)) for _ in range(rng.integers(1, 5))]


# --- by hand ----------------------------------------------------------------------------------
def test_passes_and_columns_by_hand():
    """8 elements of two rows each: 128 units in 8 passes, of ceil(28 / 6) columns."""
    part = Part(8, 6, 2, (28, 28), (128, 128))
    assert part.depths == (40, 40) and part.cycles == 80
    assert part.dsp == 4 * 48
    assert part.word_bits(8) == 4 * 48 * 2 * 8
    assert part.macs() == 2 * 4 * 128 * 28


def test_the_fashion_shape_by_hand():
    """All on chip; 80 cycles of the input part, whose columns and rows do not divide better."""
    found = best(FASHION, ZCU104, 200, 1728)
    assert (found.cycles, found.residency.share) == (80, (1, 1))
    assert found.traffic == 2 * (28 + 128)
    assert found.dsp == 4 * (48 + 320) + 8 * 8 + 8


def test_states_around_loops_by_hand():
    """25 cycles for each of two LSTMs; where memory is the limit they cost nothing."""
    part = Part(8, 6, 2, (28, 28), (128, 128), 25)
    assert part.cycles == 130 and part.depths == (40, 40)
    found = best(FASHION, ZCU104, 200, 1728, call_cycles=25)
    assert found.cycles == found.feedback == 80 + 25  # the loop of each has one of them
    assert found.input.cycles == sum(found.input.depths) + 50 <= 105
    for bits in (8, 4):
        free, charged = (best(PAPER, ZCU104, 200, 1728, bits, call_cycles=n) for n in (0, 25))
        assert charged.residency.share == free.residency.share
        assert charged.cycles - free.cycles == pytest.approx(0 if bits == 8 else 50, abs=20)


def test_the_paper_shape_streams_what_does_not_fit():
    """6.29 MB of int8 weights, 4.98 MB of memory: a fifth streams at 70 % of 19.2 GB/s."""
    found = best(PAPER, ZCU104, 200, 1728)
    weights, room = 2 * 4 * 512 * 1536, ZCU104.on_chip_bits / 8
    assert found.limit == "memory"
    assert found.streamed / 8 == pytest.approx(weights - room, rel=0.01)
    assert found.traffic == pytest.approx(found.streamed / 8 + 2 * 1536)
    assert found.cycles / 200 == pytest.approx(found.traffic / 13.44e3)
    four = best(PAPER, ZCU104, 200, 1728, bits=4)
    assert four.limit != "memory" and four.residency.share == (1, 1)


@pytest.mark.parametrize("bits, packed", ((16, 1), (8, 2), (4, 2)))
def test_rows_that_share_a_dsp(bits, packed):
    """Of weights of 4 bits and activations of 8 a DSP packs as of 8."""
    assert best(FASHION, ZCU104, 200, 1728, bits).input.packed == packed


# --- against naive ones -----------------------------------------------------------------------
def test_an_array_step_by_step():
    """A chain of elements fed an x a cycle makes the sums in as many cycles as stated."""
    rng = np.random.default_rng(0)
    for _ in range(20):
        rows, groups, packed = (int(v) for v in rng.integers(1, 5, 3))
        units, length = (int(v) for v in rng.integers(1, 30, 2))
        w, x = rng.integers(-9, 9, (units, length)), rng.integers(-9, 9, length)
        sums, cycles = np.zeros(units, int), 0
        for first in range(0, units, rows * packed):
            own = range(first, min(first + rows * packed, units))
            for start in range(-(-length // groups)):
                for column in range(start, length, -(-length // groups)):
                    sums[list(own)] += w[list(own), column] * x[column]
                cycles += 1
        np.testing.assert_array_equal(sums, w @ x)
        assert Part(rows, groups, packed, (length,), (units,)).cycles == cycles


def test_the_front_against_every_shape():
    rng = np.random.default_rng(1)
    for _ in range(20):
        sizes, packed, dsp = (
            random_sizes(rng, 20),
            int(rng.integers(1, 4)),
            int(rng.integers(4, 99)),
        )
        lengths, hidden = zip(*sizes)
        front = systolic.front(lengths, hidden, packed, dsp)
        every = [Part(r, g, packed, lengths, hidden) for r, g in product(range(1, 25), repeat=2)]
        every = [part for part in every if part.dsp <= dsp]
        assert min(part.cycles for part in every) == front[0].cycles
        for part in every:
            assert any(f.dsp <= part.dsp and f.cycles <= part.cycles for f in front)
        assert [f.cycles for f in front] == sorted({f.cycles for f in front})


def naive_feedback(part, count, units):
    """From the first h taken to the first h taken of the next step, unit by unit."""
    depth, columns = systolic_depth(), -(-count // part.groups)
    outputs, end, free = part.rows * part.packed, 0, 0
    ready = []
    for first in range(0, count, outputs):
        end += columns
        own = min(outputs, count - first)
        begin = max(free, end + part.latency)
        ready += [begin + m // units + depth + 1 for m in range(own)]
        free = begin + -(-own // units)
    return max(end, *(time - k // part.groups for k, time in enumerate(ready)))


def systolic_depth():
    return Latencies.load().depth("step_tiles")


def test_feedback_against_unit_by_unit():
    rng = np.random.default_rng(5)
    for _ in range(300):
        rows, groups, packed, units = (int(v) for v in rng.integers(1, 9, 4))
        count = int(rng.integers(1, 80))
        part = Part(rows, groups, packed, (count,), (count,))
        _, _, feedback = systolic_design.computing((part, part), units)
        assert abs(feedback - naive_feedback(part, count, units)) <= 1


def test_no_division_of_the_dsps_is_faster():
    """Where everything fits on chip: every pair of parts and every number of sigma units."""
    rng, device = np.random.default_rng(2), replace(ZCU104, uram=960, bram36=3120)
    for _ in range(4):
        sizes, dsp = random_sizes(rng, 24), int(rng.integers(60, 200))
        lengths, hidden = zip(*sizes)
        fastest = None
        for units, rows, groups in product((1, 2, 4, 8), range(1, 13), range(1, 25)):
            own = Part(rows, groups, 2, hidden, hidden)
            room = dsp - 8 * units - 8 - own.dsp
            others = systolic.front(lengths, hidden, 2, room) if room >= 4 else []
            if others:
                sigma = sum(-(-one // units) for one in hidden)
                feedback = max(naive_feedback(own, one, units) for one in hidden)
                cycles = max(others[0].cycles, own.cycles, sigma, feedback)
                fastest = cycles if fastest is None else min(fastest, cycles)
        assert abs(best(sizes, device, 200, dsp).cycles - fastest) <= 1


def every_shape(sizes, packed, call, dsp):
    """Input and hidden parts of any shape that has work for its elements."""
    for lengths in zip(*sizes):
        hidden = tuple(count for _, count in sizes)
        ranges = range(1, -(-max(hidden) // packed) + 1), range(1, max(lengths) + 1)
        parts = [Part(r, g, packed, lengths, hidden, call) for r, g in product(*ranges)]
        yield [part for part in parts if part.dsp <= dsp]


@pytest.mark.parametrize("fits", (True, False))
def test_the_least_time_of_all_shapes(fits):
    """Small LSTMs and few DSPs, where feedback prefers other shapes than the fewest cycles do."""
    rng, beside = np.random.default_rng(7), 0
    for _ in range(12):
        sizes, dsp = random_sizes(rng, 20), int(rng.integers(40, 90))
        call, device = int(rng.choice([0, 25])), replace(ZCU104, uram=960, bram36=3120)
        if not fits:
            few = {"uram": int(rng.integers(0, 4)), "bram36": int(rng.integers(1, 5))}
            device = replace(ZCU104, **few, memory_bytes_a_second=3e8)
        moved, rate = sum(map(sum, sizes)), systolic_design.bytes_a_cycle(device, 200)
        least = np.inf
        for units in (1, 2, 4, 8):
            room = dsp - 8 * units - 8
            for own, hidden in product(*every_shape(sizes, 2, call, room - 4)):
                if own.dsp + hidden.dsp > room:
                    continue
                cycles, _, feedback = systolic_design.computing((own, hidden), units)
                beside += feedback == cycles
                if cycles < least:
                    streamed = residency.best((own, hidden), 8, device)[1]
                    least = min(least, max(cycles, (moved + streamed / 8) / rate))
        assert best(sizes, device, 200, dsp, call_cycles=call).cycles == least
    assert beside > 0


def test_residency_against_every_division():
    """No split of the columns of both parts between the memories keeps more on chip."""
    rng = np.random.default_rng(3)
    for _ in range(30):
        device = replace(ZCU104, uram=int(rng.integers(1, 6)), bram36=int(rng.integers(1, 9)))
        sizes = [tuple(int(v) for v in rng.integers(10, 900, 2))]
        shapes = rng.integers(1, 9, (2, 2))
        lengths, hidden = zip(*sizes)
        parts = [
            Part(int(r), int(g), 2, own, hidden) for (r, g), own in zip(shapes, (lengths, hidden))
        ]
        kept, streamed = residency.best(parts, 8, device)
        assert kept.uram <= device.uram and kept.bram36 <= device.bram36
        whole = sum(part.macs() * 8 for part in parts)
        resident = sum(part.macs() * 8 * one for part, one in zip(parts, kept.share))
        assert streamed == pytest.approx(whole - resident)
        assert streamed == pytest.approx(whole - _most_resident(parts, device), rel=0.1, abs=1e-3)
        assert streamed >= whole - _most_resident(parts, device) - 1e-3


def _most_resident(parts, device):
    widths = [-(-part.word_bits(8) // 72) for part in parts]
    depths = [part.cycles for part in parts]
    urams = [0.5 if d <= 2048 else -(-d // 4096) for d in depths]
    brams = [-(-d // 512) for d in depths]
    most = 0
    for u in product(*(range(min(w, int(device.uram / c)) + 1) for w, c in zip(widths, urams))):
        if sum(n * c for n, c in zip(u, urams)) > device.uram:
            continue
        for first in range(min(widths[0] - u[0], device.bram36 // brams[0]) + 1):
            left = device.bram36 - first * brams[0]
            second = min(widths[1] - u[1], left // brams[1])
            kept = [(u[0] + first) / widths[0], (u[1] + second) / widths[1]]
            most = max(most, sum(p.macs() * 8 * k for p, k in zip(parts, kept)))
    return most


# --- properties -------------------------------------------------------------------------------
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("bits", (4, 8, 16))
def test_below_the_roof(name, bits):
    device = Device.of(name)
    for sizes in (PAPER, FASHION, [(100, 60), (30, 200)]):
        found = lstm_hw(sizes, device, bits=bits)
        at = roof(device, bits=max(bits, 8))
        assert found.gops <= at.attainable(found.intensity) * (1 + 1e-9)
        assert found.resources["dsp"] <= device.dsp
        assert found.resources["bram36"] <= device.bram36
        assert found.resources["uram"] <= device.uram


def test_more_is_never_slower():
    rng = np.random.default_rng(4)
    for _ in range(4):
        sizes, dsp = random_sizes(rng, 300), int(rng.integers(100, 1200))
        least = best(sizes, ZCU104, 200, dsp).cycles
        faster = replace(ZCU104, memory_bytes_a_second=3e10)
        larger = replace(ZCU104, bram36=400)
        assert best(sizes, ZCU104, 200, dsp + int(rng.integers(1, 500))).cycles <= least
        assert best(sizes, faster, 200, dsp).cycles <= least
        assert best(sizes, larger, 200, dsp).cycles <= least
        assert best(sizes, ZCU104, 200, dsp, bits=4).cycles <= least
        assert best(sizes[:1], ZCU104, 200, dsp).cycles <= least


def test_a_faster_clock_takes_less_time():
    for sizes in (PAPER, FASHION):
        times = [lstm_hw(sizes, clock_mhz=clock).microseconds for clock in (100, 200, 300)]
        assert all(more <= less * (1 + 1e-9) for less, more in zip(times, times[1:]))


def test_the_candidate():
    found = lstm_hw(FASHION, "zcu104", bits=8, mse=0.25)
    assert found.engine == "lstm_hw" and found.engine in BASELINES
    assert found.how == "modelled" and found.design is None and found.mse == 0.25
    macs = dense_macs(FASHION)
    assert found.multiplications == macs == 159_744
    assert found.microseconds == pytest.approx(0.4)
    assert found.gops == pytest.approx(2 * macs / 0.4e3)
    assert found.intensity == pytest.approx(2 * macs / 312)
    assert found.bytes == macs + 2 * 512 * 4
    assert found.stages["input_part"] == max(found.stages.values())
    assert found.as_dict()["resources"]["lut"][0] < found.as_dict()["resources"]["lut"][1]


def test_a_network_and_its_sizes_are_one():
    network = random_network(np.random.default_rng(0), [(6, 8), (5, 3)])
    assert lstm_hw(network) == lstm_hw([(6, 8), (5, 3)])


def test_energy_has_its_terms():
    """The published constants on either side; static power and the board's memory are in it."""
    low, high = (lstm_hw(PAPER, constants=constants).energy for constants in (LOW, HIGH))
    found = lstm_hw(PAPER)
    assert low < found.energy < high
    traffic = 2 * found.multiplications / found.intensity
    assert low > traffic * 8 * LOW.dram / 1000 + LOW.static * found.microseconds * 1000
    assert lstm_hw(FASHION, bits=4).energy < lstm_hw(FASHION).energy < found.energy


# --- bad input --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "arguments, text",
    (
        ({"bits": 3}, "bits = 3: not modelled; use one of 2, 4, 8, 16"),
        ({"bits": True}, "bits = True"),
        ({"activation_bits": 4}, "activation_bits = 4: not modelled"),
        ({"call_cycles": -1}, "call_cycles = -1: not a whole number"),
        ({"call_cycles": 2.5}, "call_cycles = 2.5: not a whole number"),
        ({"dsp": 1729}, "dsp = 1729: more than the 1728 of zcu104"),
        ({"dsp": 23}, "dsp = 23: less than 24: an element an array; use 24"),
        ({"dsp": 0}, "dsp = 0: not a positive integer"),
        ({"dsp": 2.5}, "dsp = 2.5: not a positive integer"),
        ({"clock_mhz": 0}, "clock_mhz = 0: not a positive number"),
        ({"network": []}, "network = 'list': no LSTMs"),
        ({"network": [(1, 0)]}, r"network\[0\] = \(1, 0\): not two positive integers"),
        ({"network": [(1, 2), 3]}, r"network\[1\] = 3: not two positive integers"),
        ({"network": None}, "network = 'NoneType': no LSTMs"),
    ),
)
def test_refused(arguments, text):
    with pytest.raises(InputError, match=text):
        lstm_hw(**{"network": FASHION, **arguments})


def test_unknown_devices_are_refused():
    with pytest.raises(DesignError, match="no known device"):
        baselines.lstm_hw(FASHION, "zcu102")


def test_the_fewest_dsps_there_can_be():
    assert lstm_hw(FASHION, dsp=24).resources["dsp"] == 24
