"""A call reads its arrays and writes its answer, and not a byte beyond either."""

import ctypes
import mmap

import numpy as np
import pytest
from cpu_checks import opened
from random_block_models import sized_block_model
from random_dense_models import sized_dense_model
from random_models import sized_model

GUARD = 64  # floats before and behind what is written
FILL = np.float32(1234.5)
PROT_NONE, PROT_ALL = 0, mmap.PROT_READ | mmap.PROT_WRITE
SIZES = (1, 3, 8, 15, 16, 17, 31, 33, 47, 63, 65)


class BeforeAGuardPage:
    """Memory whose last byte is followed by a page that nobody may touch."""

    def __init__(self, array):
        self._pages = -(-array.nbytes // mmap.PAGESIZE) or 1
        self._map = mmap.mmap(-1, (self._pages + 1) * mmap.PAGESIZE)
        end = self._pages * mmap.PAGESIZE
        whole = np.frombuffer(self._map, np.uint8)
        self._guard = whole.ctypes.data + end
        self.array = whole[end - array.nbytes : end].view(array.dtype).reshape(array.shape)
        self.array[...] = array
        self._protect(PROT_NONE)

    def free(self):
        """Make the page one that may be touched, so that the memory can be given back."""
        self._protect(PROT_ALL)

    def _protect(self, protection):
        address = ctypes.c_void_p(self._guard)
        assert ctypes.CDLL(None).mprotect(address, ctypes.c_size_t(mmap.PAGESIZE), protection) == 0


def models(rng, inputs, hidden):
    for bits in (8, 16):
        yield sized_model(rng, (inputs,) * 2, (hidden,) * 2, activation_bits=bits)
        yield sized_dense_model(rng, (inputs,), (hidden,), activation_bits=bits)
        yield sized_block_model(rng, (inputs,), (hidden,), activation_bits=bits)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("batch, time", [(1, 1), (3, 2)])
def test_nothing_beyond_the_arrays_is_touched(kernel, size, batch, time):
    rng = np.random.default_rng(size)
    for model in models(rng, size, 66 - size):
        steps, units = batch * time * model.models, batch * sum(model.hidden_sizes)
        guarded = [
            BeforeAGuardPage(rng.uniform(-1, 1, count).astype(np.float32))
            for count in (steps * size, units, units)
        ]
        x, h, c = (memory.array for memory in guarded)
        written = [np.full(count + 2 * GUARD, FILL) for count in (units * time, 2 * units)]
        out, state = (array[GUARD:-GUARD] for array in written)
        cpu = opened(model, kernel)
        binding = cpu.bind(batch, time, model.max_refinements)
        cpu.infer(binding, [x], [h], [c], out, state)
        for array in written:
            assert (array[:GUARD] == FILL).all() and (array[-GUARD:] == FILL).all()
            assert (np.abs(array[GUARD:-GUARD]) < FILL).all(), "not written"
        for memory in guarded:
            memory.free()
