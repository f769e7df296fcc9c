"""The small kernel, timed or sequential, from its sources or a copy with a fault in it."""

import shutil
import subprocess
from pathlib import Path

import cffi
import dataflow
import numpy as np

HERE = Path(__file__).resolve().parent
MINI = HERE / "mini"
SHIMS = HERE.parents[2] / "hls_src" / "shims"
UNITS, TILES = 4, 8
TOP = "void mini_top(const void *in, int steps, void *out, int *status);"
NATIVE = "const char *mini_guarded(const void *in, int steps, void *out, int *status);"
GUARD = """
extern "C" const char *mini_guarded(const void *in, int steps, void *out, int *status) {
  hls_stream_clear();
  hls::guarded([&] {
    mini_top(static_cast<const mini::Beat *>(in), steps, static_cast<mini::Beat *>(out), status);
  });
  const char *name;
  const bool clean = *hls_stream_error() == 0;
  return clean && hls_stream_leftovers(&name) ? name : hls_stream_error();
}
"""


def copied(folder, edits=()):
    """A copy of the small kernel with (file, old, new) replaced, each old text exactly once."""
    tree = folder / "mini"
    shutil.copytree(MINI, tree)
    for name, old, new in edits:
        path = tree / name
        text = path.read_text()
        assert text.count(old) == 1, (name, old)
        path.write_text(text.replace(old, new))
    return tree


def build_timed(tree, out, flags=()):
    """The timed simulation of a copy."""
    given = [tree / "mini.cpp"], "mini_top", [tree], tree / "depths.json", out
    return dataflow.build(*given, flags=flags)


def inputs(steps, seed=0):
    """x of some steps, (steps * TILES, UNITS), int32."""
    rng = np.random.default_rng(seed)
    return rng.integers(-100, 100, (steps * TILES, UNITS), dtype=np.int32)


def expected(x):
    """h of every step, from the recurrence in NumPy."""
    h, out = np.zeros((TILES, UNITS), np.int64), []
    offset = np.arange(UNITS) + np.arange(TILES)[:, None]
    for x_step in x.reshape(-1, TILES, UNITS).astype(np.int64):
        h = (5 * x_step + 3 * h + offset) >> 2
        out.append(h)
    return np.concatenate(out).astype(np.int32)


def call(ffi, function, x):
    """(what `function` returns, h, status) of the top, or of a wrapper with its arguments."""
    out, status = np.zeros_like(x), ffi.new("int *")
    given, taken = (ffi.cast("void *", a.ctypes.data) for a in (x, out))
    returned = function(given, len(x) // TILES, taken, status)
    return returned, out, status[0]


def run_timed(library, x, **settings):
    """(Report, h) of a run on a fresh copy of the library."""
    simulation = dataflow.Simulation(library, TOP)
    for name, value in settings.items():
        simulation.set(name, value)
    _, out, _ = call(simulation.ffi, simulation.lib.mini_top, x)
    return simulation.report(), out


def run_sequential(tree, folder, x):
    """(error text, h) of the plain sequential simulation, Vitis' own order."""
    source, library = folder / "guarded.cpp", folder / "sequential.so"
    source.write_text(f'#include "{tree}/mini.cpp"\n{GUARD}')
    options = ["-std=c++14", "-O0", "-w", "-fPIC", "-shared", "-fno-gnu-unique", f"-I{SHIMS}"]
    subprocess.run(["g++", *options, source, "-o", library], check=True, timeout=120)
    ffi = cffi.FFI()
    ffi.cdef(NATIVE)
    error, out, _ = call(ffi, ffi.dlopen(str(library)).mini_guarded, x)
    return ffi.string(error).decode(), out
