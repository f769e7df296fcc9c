"""What one core of this machine can do at most: bandwidth, multiply-adds, sigmoids, clock."""

import importlib.util
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Dict

import cffi
import numpy as np

from pynq_lstm.sigma_knots import SIGMOID

FLAGS = ["-O3", "-march=native", "-ffp-contract=fast"]
CACHED_KILOBYTES = (16, 256, 1024)  # in the first and the second cache of most cores
READ_KILOBYTES = (*CACHED_KILOBYTES, 65536)
REPEATS = 15
LINE = 64  # bytes, the alignment of what is read
SIGMOIDS = 1024  # in and out fit the first cache
SECONDS = 2e-3  # of one measurement, about
DECLARATIONS = """
double read_rate(const void *data, size_t size, long repeats);
double float_rate(long repeats);
const char *int8_instruction(void);
double int8_rate(const void *codes, long repeats);
double amx_rate(long repeats);
double sigmoid_rate(const int16_t *codes, int16_t *out, int count, const int16_t *knots,
                    long repeats);
double clock_rate(long repeats);
"""


@dataclass(frozen=True)
class Limits:
    """The best of several measurements, on one core.

    Attributes
    ----------
    read : dict of int to float
        Bytes a second, by the kilobytes that are read again and again.
    float_macs, int8_macs, amx_macs : float
        Multiply-adds a second of float32, of int8 in vectors, and of int8 in AMX tiles (0: none).
    sigmoids : float
        A second, of int16 codes.
    clock : float
        Hertz.
    int8_instruction : str
    """

    read: Dict[int, float]
    float_macs: float
    int8_macs: float
    amx_macs: float
    sigmoids: float
    clock: float
    int8_instruction: str

    def bandwidth(self, size):
        """Bytes a second at which `size` bytes can be read over and over, at most.

        The rate of the smallest set of `CACHED_KILOBYTES` that holds them, and of the largest of
        these for all that is larger: a floor must not be too high.
        """
        fitting = [kilobytes for kilobytes in CACHED_KILOBYTES if kilobytes * 1024 >= size]
        return self.read[fitting[0] if fitting else CACHED_KILOBYTES[-1]]


def measure(built, repeats=REPEATS):
    """Measure with what `build` returned, on the core that the process is pinned to."""
    library, ffi = built
    data = _aligned(max(READ_KILOBYTES) * 1024)
    codes = np.linspace(-(2**15), 2**15 - 1, SIGMOIDS).astype(np.int16)
    out, knots = np.empty_like(codes), np.array(SIGMOID, np.int16)

    def best(rate, *arguments):
        calls = 1
        while rate(*arguments, calls) and _seconds(rate, arguments, calls) < SECONDS:
            calls *= 2
        return max(rate(*arguments, calls) for _ in range(repeats))

    given = ffi.from_buffer(data)
    sigmoid = (
        ffi.from_buffer("int16_t[]", codes),
        ffi.from_buffer("int16_t[]", out, require_writable=True),
        SIGMOIDS,
        ffi.from_buffer("int16_t[]", knots),
    )
    return Limits(
        read={k: best(library.read_rate, given, k * 1024) for k in READ_KILOBYTES},
        float_macs=best(library.float_rate),
        int8_macs=best(library.int8_rate, given),
        amx_macs=best(library.amx_rate),
        sigmoids=best(library.sigmoid_rate, *sigmoid),
        clock=best(library.clock_rate),
        int8_instruction=ffi.string(library.int8_instruction()).decode(),
    )


def _seconds(rate, arguments, calls):
    start = time.perf_counter()
    rate(*arguments, calls)
    return time.perf_counter() - start


def _aligned(size):
    memory = np.ones(size + LINE, np.uint8)
    start = -memory.ctypes.data % LINE
    return memory[start : start + size]


def build(folder):
    """Compile the C files into `folder`; the library and its cffi.FFI."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    here = Path(__file__).parent
    ffi = cffi.FFI()
    ffi.cdef(DECLARATIONS)
    ffi.set_source(
        "_bench_cpu_limits",
        DECLARATIONS,
        sources=[str(path) for path in sorted(here.glob("*.c"))],
        include_dirs=[str(here)],
        extra_compile_args=FLAGS,
    )
    spec = importlib.util.spec_from_file_location("_bench_cpu_limits", ffi.compile(str(folder)))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.lib, module.ffi
