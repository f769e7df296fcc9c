"""Layouts to pack for: those of this machine's kernels, of other machines', and made-up ones."""

import importlib.util

import numpy as np

from pynq_lstm.runtime.cpu import library
from pynq_lstm.runtime.cpu.packing import Layout

_SHAPES = {  # lanes, adjacent8, adjacent16, offset, scale_bits, panel_vectors
    "like avx512": (16, 4, 2, 128, 32, 8),
    "like avx2": (8, 4, 2, 0, 32, 4),
    "like neon": (8, 2, 1, 0, 31, 4),
    "like portable": (8, 4, 2, 0, 31, 4),
    "one by one": (4, 1, 1, 0, 32, 8),
    "six lanes": (6, 2, 2, 128, 31, 8),
    "two lanes": (2, 4, 1, 128, 31, 8),
}


def _made_up(lanes, *numbers):
    rng = np.random.default_rng(lanes)
    return Layout(lanes, *numbers, rng.permutation(2 * lanes), rng.permutation(4 * lanes))


LAYOUTS = {name: _made_up(*shape) for name, shape in _SHAPES.items()}
if importlib.util.find_spec("pynq_lstm.runtime.cpu._kernel"):
    _ffi = library.load().ffi
    LAYOUTS |= {name: Layout.of(_ffi, k.layout) for name, k in library.kernels().items()}
