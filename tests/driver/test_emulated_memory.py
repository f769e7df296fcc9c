"""Contiguous memory: allocation, exhaustion, gaps, and that nothing grows."""

import gc

import numpy as np
import pynq
import pytest

from pynq_lstm.errors import DeviceError
from pynq_lstm.runtime.emulator.memory import PAGE, Allocator

MEGA = 1 << 20


def allocate(device, size, **options):
    return pynq.allocate((size,), np.uint8, target=device, cacheable=1, **options)


def test_buffers_do_not_overlap_and_come_back(new_device):
    device = new_device(memory_bytes=MEGA, base=0x2000_0000)
    buffers = [allocate(device, size) for size in (1, PAGE, PAGE + 1, 100)]
    spans = sorted((int(b.device_address), b.nbytes) for b in buffers)
    assert all(a + n <= b for (a, n), (b, _) in zip(spans, spans[1:]))
    assert spans[0][0] == 0x2000_0000 and all(a % PAGE == 0 for a, _ in spans)
    assert device.live_buffers == 4
    for buffer in buffers:
        buffer.freebuffer()
        buffer.freebuffer()  # nothing happens
    assert device.live_buffers == 0 and device.counters["free"] == 4


def test_exhaustion_is_named_and_freeing_cures_it(new_device):
    device = new_device(memory_bytes=MEGA)
    held = allocate(device, MEGA - PAGE)
    with pytest.raises(DeviceError, match=f"{2 * PAGE} bytes: not that much|'{2 * PAGE} bytes'"):
        allocate(device, 2 * PAGE)
    last = allocate(device, PAGE)
    with pytest.raises(RuntimeError):
        allocate(device, 1)
    held.freebuffer()
    last.freebuffer()
    allocate(device, MEGA).freebuffer()


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2), (2, 0, 3, 1)])
def test_gaps_become_one(new_device, order):
    device = new_device(memory_bytes=MEGA)
    buffers = [allocate(device, MEGA // 4) for _ in range(4)]
    for place in order:
        buffers[place].freebuffer()
    allocate(device, MEGA)


def test_a_buffer_that_is_dropped_comes_back(new_device):
    device = new_device(memory_bytes=MEGA)
    for _ in range(10):
        allocate(device, MEGA)  # only because the one before was collected
    gc.collect()
    assert device.live_buffers == 0


def test_views_hold_a_buffer_and_do_not_own_it(new_device):
    device = new_device(memory_bytes=MEGA)
    buffer = allocate(device, MEGA)
    part, plain = buffer[:16], buffer.view(np.ndarray)
    del part, plain
    assert device.live_buffers == 1
    view = buffer[16:32]
    view.freebuffer()
    assert device.live_buffers == 1
    with buffer:
        pass
    assert device.live_buffers == 0


def test_a_new_buffer_shows_what_the_memory_held(new_device):
    device = new_device(memory_bytes=PAGE)
    first = allocate(device, PAGE)
    first[:] = 7
    first.flush()
    first.freebuffer()
    assert (np.array(allocate(device, PAGE)) == 7).all()


def test_nothing_grows_over_many_allocations(new_device):
    rng = np.random.default_rng(0)
    device = new_device(memory_bytes=MEGA)
    held = []
    for size in rng.integers(1, 8 * PAGE, 20_000).tolist():
        held.append(allocate(device, size))
        if len(held) > 8:
            held.pop(int(rng.integers(len(held)))).freebuffer()
    assert len(device.memory._allocator.gaps) < 16
    del held
    gc.collect()
    assert device.live_buffers == 0
    assert device.memory._allocator.gaps == [(0, MEGA)]
    assert device.counters["allocate"] == 20_000


def test_the_allocator_against_a_bitmap():
    rng = np.random.default_rng(1)
    pages = 64
    allocator, used, held = Allocator(pages * PAGE), np.zeros(pages, bool), []
    for _ in range(4000):
        if held and rng.random() < 0.5:
            start, count = held.pop(int(rng.integers(len(held))))
            allocator.give(start, count * PAGE)
            used[start // PAGE :][:count] = False
        else:
            count = int(rng.integers(1, 9))
            start = allocator.take(count * PAGE)
            if start is None:
                free = np.convolve(~used, np.ones(count), "valid")
                assert free.max() < count
            else:
                assert not used[start // PAGE :][:count].any()
                used[start // PAGE :][:count] = True
                held.append((start, count))
        edges = np.flatnonzero(np.diff(np.concatenate([[True], used, [True]]).astype(int)))
        assert allocator.gaps == [tuple(pair) for pair in (edges * PAGE).reshape(-1, 2).tolist()]
