"""The sanitizers see seeded bugs, in a program and in a library that Python loads."""

import shutil

import pytest
from hls_lint import HlsCheckError
from hls_lint.sanitize import run_program, run_python, sanitized_build

pytestmark = [
    pytest.mark.hls,
    pytest.mark.skipif(not shutil.which("g++"), reason="needs g++ and its sanitizers"),
]

SOURCE = """
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
extern "C" int clean(int n) { int a[8]; for (int i = 0; i < 8; ++i) a[i] = i * n; return a[7]; }
extern "C" int throwing(int n) {
  try { if (n) throw std::runtime_error("caught"); } catch (const std::exception &) { return 1; }
  return 0;
}
extern "C" int past_the_end(int n) { static int a[8]; return a[n]; }
extern "C" int freed(int n) { int *p = new int[n]; delete[] p; return p[0]; }
extern "C" int wide_shift(int n) { return 1 << n; }
extern "C" int overflow(int n) { return n + 2147483647; }
extern "C" int buffer(const int8_t *data, int n) { return data[n]; }
#ifdef PROGRAM
int main(int, char **argv) {
  const int n = std::atoi(argv[2]);
  switch (argv[1][0]) {
  case 'c': return clean(n) - 21;
  case 'o': return overflow(n) & 1;
  default: return freed(n) & 1;
  }
}
#endif
"""
CALL = "import ctypes, sys; getattr(ctypes.CDLL(sys.argv[1]), sys.argv[2])(int(sys.argv[3]))"
BUFFER = """
import ctypes, sys
import numpy as np
data = np.zeros(4096, np.int8)
ctypes.CDLL(sys.argv[1]).buffer(ctypes.c_void_p(data.ctypes.data), int(sys.argv[2]))
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    path = tmp_path_factory.mktemp("sanitize") / "seeded.cpp"
    path.write_text(SOURCE)
    return path


@pytest.fixture(scope="module")
def library(source):
    return sanitized_build([source], ["-std=c++14"], source.with_suffix(".so"))


@pytest.fixture(scope="module")
def program(source):
    return sanitized_build([source], ["-std=c++14", "-DPROGRAM"], source.with_suffix(".bin"))


@pytest.mark.parametrize("name, argument", [("clean", 3), ("throwing", 1)])
def test_clean_library_runs(library, name, argument):
    run = run_python(["-c", CALL, library, name, argument])
    assert (run.status, run.finding) == (0, None), run.errors


@pytest.mark.parametrize(
    "name, argument, words",
    [
        ("past_the_end", 9, "out of bounds"),
        ("freed", 4, "heap-use-after-free"),
        ("wide_shift", 40, "shift exponent 40 is too large"),
        ("overflow", 5, "signed integer overflow"),
    ],
)
def test_bug_in_a_library(library, name, argument, words):
    run = run_python(["-c", CALL, library, name, argument])
    assert run.status != 0
    assert words in run.finding


def test_overrun_of_a_numpy_buffer(library):
    assert run_python(["-c", BUFFER, library, 4095]).finding is None
    assert "heap-buffer-overflow" in run_python(["-c", BUFFER, library, 4096]).finding


@pytest.mark.parametrize(
    "name, argument, words",
    [
        ("clean", 3, None),
        ("overflow", 5, "signed integer overflow"),
        ("freed", 4, "use-after-free"),
    ],
)
def test_program(program, name, argument, words):
    run = run_program([program, name, argument])
    if words is None:
        assert (run.status, run.finding) == (0, None), run.errors
    else:
        assert run.status != 0 and words in run.finding


def test_source_that_does_not_compile(tmp_path):
    source = tmp_path / "broken.cpp"
    source.write_text("this is no C++\n")
    with pytest.raises(HlsCheckError, match="error"):
        sanitized_build([source], [], tmp_path / "broken.so")
