"""Build the timed simulation of a kernel: a shared library and a manifest beside it."""

import json
import subprocess
from functools import cache
from pathlib import Path

from .depths import loop_depths
from .errors import SimulationError
from .instrument import instrument, read_kernel, write_copy
from .loops import loop_key

HERE = Path(__file__).resolve().parent
RUNTIME = HERE / "runtime"
SHIMS = HERE.parents[1] / "hls_src" / "shims"
STANDARD = "-std=c++14"
TIMEOUT = 300  # seconds that a compiler may take


def settings():
    """The assumed numbers of timing.json.

    Returns
    -------
    dict of str to float
    """
    entries = json.loads((HERE / "timing.json").read_text(encoding="utf-8"))["settings"]
    return {name: entry["value"] for name, entry in entries.items()}


def build(sources, top, include_dirs, depths, out, *, system_dirs=(), compiler="g++", flags=()):
    """Build the timed simulation of a kernel.

    Parameters
    ----------
    sources : list of path
        C++ files; the headers they include from `include_dirs` are instrumented with them.
    top : str
        The ``extern "C"`` void function.
    include_dirs : list of path
        Directories of the kernel.
    depths : path
        Operators on the critical path of each pipelined loop; see ``depths.loop_depths``.
    out : path
        Directory for the copy and the library; made if need be.
    system_dirs : sequence of path, optional
        Directories of other people's headers (ap_types): used, not instrumented.
    compiler : str, optional
    flags : sequence of str, optional
        More arguments of the compiler, such as ``-DNAME=1``.

    Returns
    -------
    Path
        The shared library; for ``library.load``.

    Raises
    ------
    InstrumentationError
        The source has a form that the simulation cannot time.
    DepthError
        A pipelined loop has no stated depth.
    SimulationError
        The copy does not compile.
    """
    sources = [Path(s).resolve() for s in sources]
    include_dirs = [Path(d).resolve() for d in include_dirs]
    out = Path(out).resolve()
    tree = out / "timed"
    tree.mkdir(parents=True, exist_ok=True)
    _write_defaults(tree)

    last = [f"-I{SHIMS}", *(f"-isystem{Path(d).resolve()}" for d in system_dirs), *flags]
    given = [f"-I{SHIMS}", *(f"-I{d}" for d in include_dirs), *last]
    system = [f"-isystem{d}" for d in system_includes(compiler)]
    arguments = ["-x", "c++", STANDARD, *given, *system]
    kernel = read_kernel(sources, top, include_dirs, arguments, excluded=SHIMS)

    manifest = instrument(kernel, loop_depths(depths, [loop_key(s) for s in kernel.pipelined]))
    places = write_copy(kernel, include_dirs, tree)

    library = out / f"{top}_timed.so"
    copied = [f"-I{RUNTIME}", f"-I{tree}", "-include", "hls_stream.h"]
    copied += [*(f"-I{places[d]}" for d in include_dirs), *last]
    copies = [str(places[s]) for s in sources]
    options = [STANDARD, "-O2", "-w", "-fPIC", "-shared", *_own_statics(compiler)]
    _compile([compiler, *options, *copied, *copies, "-o", str(library)])
    Path(f"{library}.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    return library


def _write_defaults(tree):
    lines = [f'{{"{name}", {float(value)!r}}},\n' for name, value in settings().items()]
    (tree / "hlssim_defaults.inc").write_text("".join(lines), encoding="utf-8")


def _own_statics(compiler):
    """A copy of the library must not share the statics of another one with g++'s unique symbols."""
    return ["-fno-gnu-unique"] if "clang" not in Path(compiler).name else []


@cache
def system_includes(compiler="g++"):
    """Directories of the compiler's own headers: the libclang wheel brings none.

    Parameters
    ----------
    compiler : str, optional

    Returns
    -------
    tuple of str
    """
    command = [compiler, "-E", "-x", "c++", "-v", "/dev/null"]
    lines = _run(command).stderr.splitlines()
    begin = next(i for i, line in enumerate(lines) if line.startswith("#include <"))
    end = next(i for i, line in enumerate(lines) if line.startswith("End of search"))
    return tuple(line.strip() for line in lines[begin + 1 : end])


def _compile(command):
    done = _run(command)
    if done.returncode:
        first = next((line for line in done.stderr.splitlines() if "error" in line), done.stderr)
        problem = f"its timed copy does not compile: {first.strip()}"
        raise SimulationError("kernel", command[-3], problem, "see whether the native build does")


def _run(command):
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SimulationError("compiler", command[0], str(error), "install it") from error
