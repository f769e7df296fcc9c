"""The stand-ins for Vitis' hls_stream.h and hls_vector.h in native simulation."""

import subprocess
from pathlib import Path

import cffi
import numpy as np
import pytest

HERE = Path(__file__).resolve().parent
SHIMS = HERE.parents[1] / "hls_src" / "shims"
DECLARATIONS = """
int64_t in_order(int bursts, int longest);
int read_empty(void);
int leave(int tokens);
void keep(void);
int throws(void);
int layout(int which);
void arithmetic(const int16_t *a, const int16_t *b, int16_t *out);
const char *hls_stream_error(void);
size_t hls_stream_leftovers(const char **name);
void hls_stream_clear(void);
"""


def compiled(source, *options):
    command = ["g++", "-std=c++14", "-Wall", "-Wextra", "-Werror", f"-I{SHIMS}", *options, source]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def shims(tmp_path_factory):
    library = tmp_path_factory.mktemp("shims") / "shims.so"
    done = compiled(HERE / "dataflow" / "shims.cpp", "-O1", "-fPIC", "-shared", "-o", library)
    assert done.returncode == 0, done.stderr
    ffi = cffi.FFI()
    ffi.cdef(DECLARATIONS)
    return ffi, ffi.dlopen(str(library))


@pytest.fixture
def lib(shims):
    shims[1].hls_stream_clear()
    yield shims[1]
    shims[1].hls_stream_clear()


def error(shims):
    return shims[0].string(shims[1].hls_stream_error()).decode()


@pytest.mark.parametrize("bursts, longest", [(1, 1), (50, 7), (200, 40), (999, 3)])
def test_tokens_keep_their_order(shims, lib, bursts, longest):
    written = sum(b % longest + 1 for b in range(bursts))
    assert lib.in_order(bursts, longest) == sum(range(written - bursts, written))
    assert error(shims) == ""


def test_a_read_of_an_empty_stream_comes_back(shims, lib):
    assert not lib.read_empty()
    assert error(shims) == "stream nothing: read while empty"
    assert not lib.leave(3)  # errors stick, and the first one stays
    assert error(shims) == "stream nothing: read while empty"
    lib.hls_stream_clear()
    assert lib.leave(0)


def test_tokens_left_over(shims, lib):
    ffi = shims[0]
    assert not lib.leave(3)
    assert error(shims) == "stream left: 3 tokens left over"
    name = ffi.new("const char **")
    assert lib.hls_stream_leftovers(name) == 0 and name[0] == ffi.NULL
    lib.keep()
    assert lib.hls_stream_leftovers(name) == 1 and ffi.string(name[0]) == b"kept"
    lib.hls_stream_clear()
    assert lib.hls_stream_leftovers(ffi.NULL) == 0


def test_other_exceptions_come_back_too(shims, lib):
    assert not lib.throws()
    assert error(shims) == "hls::vector: one value for each element"


def test_layout(lib):
    assert [lib.layout(i) for i in range(6)] == [16, 16, 4, 4, 128, 16]


def test_arithmetic(shims, lib):
    a, b = np.random.default_rng(0).integers(-32768, 32768, (2, 8)).astype(np.int16)
    out = np.zeros(7 * 8 + 2, np.int16)
    pointer = [shims[0].cast("int16_t *", v.ctypes.data) for v in (a, b, out)]
    lib.arithmetic(*pointer)
    seven = np.full(8, 7, np.int16)
    expected = [a + b, a - b, a * b, a & b, a | b, a ^ b, seven, [a.sum(dtype=np.int16), 1]]
    np.testing.assert_array_equal(out, np.concatenate(expected))


@pytest.mark.parametrize(
    "text, message",
    [
        ("hls::vector<int, 3> v;", "power of two"),
        ("struct Odd { char c[3]; }; hls::vector<Odd, 4> v;", "power of two"),
        ("bool f(hls::stream<int> &s) { return s.empty(); }", "empty"),
        ("bool f(hls::stream<int> &s, int &v) { return s.read_nb(v); }", "read_nb"),
        ("void f(hls::stream<int> s);  void g(hls::stream<int> &s) { f(s); }", "deleted"),
    ],
)
def test_what_must_not_compile(tmp_path, text, message):
    source = tmp_path / "bad.cpp"
    source.write_text(f"#include <hls_stream.h>\n#include <hls_vector.h>\n{text}\n")
    done = compiled(source, "-fsyntax-only")
    assert done.returncode != 0 and message in done.stderr
