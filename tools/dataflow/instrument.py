"""From a plain kernel to its timed copy: a source tree of the same shape, edited."""

import os
from dataclasses import dataclass
from pathlib import Path

from . import loops, memory, regions, scopes, streams
from .errors import InstrumentationError
from .source import SourceFile, parse


@dataclass(frozen=True)
class Kernel:
    """What was read of a kernel before it is edited.

    Attributes
    ----------
    files : dict of str to SourceFile
        Every file of the kernel that a source includes, and the sources.
    functions : list of Scope
    top : str
    """

    files: dict
    functions: list
    top: str

    @property
    def pipelined(self):
        """Scopes of the pipelined loops."""
        return [s for f in self.functions for s in f.descendants() if s.pipelined]


def read_kernel(sources, top, include_dirs, arguments, excluded):
    """Parse a kernel.

    Parameters
    ----------
    sources : list of Path
    top : str
    include_dirs : list of Path
        Files below these, and beside the sources, belong to the kernel.
    arguments : list of str
        For the compiler.
    excluded : Path
        Files below it do not: the stand-ins for the tool's own headers.

    Returns
    -------
    Kernel

    Raises
    ------
    InstrumentationError
    """
    roots = [Path(p).resolve() for p in (*include_dirs, *(Path(s).parent for s in sources))]
    files, functions = {}, {}
    for source in sources:
        unit = parse(source, arguments)
        names = [str(source), *(str(i.include) for i in unit.get_includes())]
        for name in names:
            path = Path(name).resolve()
            if excluded in path.parents or not any(root in path.parents for root in roots):
                continue
            if name not in files:
                same = next((f for f in files.values() if f.path == path), None)
                files[name] = same or SourceFile.read(path)
        for function in scopes.functions_of(unit, files):
            place = (function.file.path, function.start)
            functions.setdefault(place, function)
    functions = list(functions.values())
    found = [f for f in functions if f.name == top]
    if len(found) != 1 or found[0].cursor.result_type.spelling != "void":
        raise InstrumentationError(
            "top", top, f"{len(found)} functions of the kernel have this name", "name one void one"
        )
    for function in functions:
        loops.check_pragmas(function)
    return Kernel(files, functions, top)


def instrument(kernel, depths):
    """Edit the files of a kernel, in memory.

    Parameters
    ----------
    kernel : Kernel
    depths : dict of str to int
        As from ``depths.loop_depths``.

    Returns
    -------
    dict
        The manifest: loops, plain_loops, fifos and processes, with the numbers of the source.

    Raises
    ------
    InstrumentationError
    """
    manifest = {"top": kernel.top, "loops": [], "plain_loops": [], "fifos": {}, "processes": []}
    ports = memory.memory_parameters(kernel.functions, kernel.top)
    sequential, structural = loops.timed_functions(kernel.functions, kernel.top)
    for function in kernel.functions:
        if function.name == kernel.top:
            function.file.insert(function.open, " hlssim::run_top([&] {")
            function.file.insert(function.close, " }); ", closing=True)
        hoisted = set()
        for scope in (function, *function.descendants()):
            if scope.pragma("DATAFLOW"):
                names, moved = regions.instrument(scope)
                manifest["processes"] += names
                hoisted |= moved
            if scope.pipelined:
                depth = depths[loops.loop_key(scope)]
                reads = any(memory.accesses(scope.cursor, ports[function.name]))
                manifest["loops"].append(loops.instrument_pipelined(scope, depth, reads))
        if function.name in sequential:
            manifest["plain_loops"] += loops.instrument_sequential(function, structural)
        manifest["fifos"].update(streams.instrument(function, hoisted))
        memory.instrument(function, ports[function.name])
    return manifest


def write_copy(kernel, include_dirs, out):
    """Write the edited files below `out`, placed to each other as before.

    Parameters
    ----------
    kernel : Kernel
    include_dirs : list of Path
    out : Path

    Returns
    -------
    dict of Path to Path
        Each directory of `include_dirs` and each file to its copy.
    """
    paths = {f.path for f in kernel.files.values()}
    roots = [Path(d).resolve() for d in include_dirs]
    common = Path(os.path.commonpath([*paths, *roots]))
    places = {}
    for file in kernel.files.values():
        places[file.path] = out / file.path.relative_to(common)
        places[file.path].parent.mkdir(parents=True, exist_ok=True)
        places[file.path].write_bytes(file.edited())
    for root in roots:
        places[root] = out / root.relative_to(common)
    return places
