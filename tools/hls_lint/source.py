"""Parse a kernel as Vitis would read it, and tell the project's files from the others."""

import shutil
import subprocess
from functools import cache, cached_property
from pathlib import Path

from clang.cindex import CursorKind, Index, LibclangError, TranslationUnit

from .cursors import children, file_of
from .errors import HlsCheckError
from .kernel import OPAQUE
from .libclang import skipped_ranges


@cache
def system_flags():
    """Folders of the C and C++ library: the wheel of libclang carries none, so a compiler is asked.

    Returns
    -------
    tuple of str
    """
    compiler = shutil.which("clang++") or shutil.which("g++")
    if compiler is None:
        raise HlsCheckError("PATH", "", "neither clang++ nor g++", "install one of them")
    command = [compiler, "-E", "-x", "c++", "-v", "/dev/null"]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stderr
    listed = told.partition("#include <...>")[2].partition("End of search list")[0]
    return tuple(f"-isystem{line.strip()}" for line in listed.splitlines()[1:])


class Unit:
    """A parsed kernel.

    Attributes
    ----------
    kernel : Kernel
    cursor : clang.cindex.Cursor
        The translation unit.
    files : dict
        Text of each project file, by its path; a character a byte, as clang's offsets count.
    skipped : list of (str, int, int)
        File, first and last line of what the preprocessor left out.
    """

    def __init__(self, kernel):
        self.kernel = kernel
        arguments = ["-x", "c++", *kernel.flags(), *system_flags(), "-ferror-limit=0"]
        try:
            self._unit = Index.create().parse(
                str(kernel.source),
                args=arguments,
                options=TranslationUnit.PARSE_DETAILED_PROCESSING_RECORD,
            )
        except LibclangError as error:
            raise HlsCheckError(
                "libclang", str(error), "cannot be loaded", "pip install libclang==18.1.1"
            ) from None
        self.cursor = self._unit.cursor
        self._roots = [Path(kernel.source).resolve().parent]
        self._roots += [Path(folder).resolve() for folder in kernel.include]
        self._library = [OPAQUE, *(Path(folder).resolve() for folder in kernel.library)]
        names = {str(kernel.source)} | {str(use.include) for use in self._unit.get_includes()}
        self.files = {
            name: Path(name).read_text(encoding="latin-1")
            for name in sorted(names)
            if self.is_project(name)
        }
        self.skipped = skipped_ranges(self._unit)

    def errors(self):
        """Diagnostics that stopped the compiler: (file, line), message."""
        for diagnostic in self._unit.diagnostics:
            if diagnostic.severity >= 3:
                where = diagnostic.location
                name = where.file.name if where.file else str(self.kernel.source)
                yield (name, where.line), diagnostic.spelling

    def is_project(self, name):
        """Whether a file is the project's own, so that it is checked."""
        return _is_below(name, tuple(self._roots), tuple(self._library))

    def is_synthesisable_library(self, name):
        """Whether a file stands for a header of Vitis: ap_types, the opaque ones, stand-ins."""
        allowed = list(self._library)
        if self.kernel.ap_types:
            allowed.append(Path(self.kernel.ap_types).resolve())
        parents = Path(name).resolve().parents if name else ()  # a builtin has no file
        return any(folder in parents for folder in allowed)

    def in_project(self, cursor):
        """Whether a cursor lies in a file of the project."""
        return file_of(cursor) in self.files

    @cached_property
    def declarations(self):
        """Cursors of the project at any depth outside of function bodies, parents first.

        Returns
        -------
        list of clang.cindex.Cursor
        """
        inside = (
            CursorKind.NAMESPACE,
            CursorKind.LINKAGE_SPEC,
            CursorKind.UNEXPOSED_DECL,
            CursorKind.STRUCT_DECL,
            CursorKind.CLASS_DECL,
            CursorKind.CLASS_TEMPLATE,
            CursorKind.CLASS_TEMPLATE_PARTIAL_SPECIALIZATION,
        )
        waiting = [child for child in self.cursor.get_children() if self.in_project(child)][::-1]
        found = []
        while waiting:
            cursor = waiting.pop()
            found.append(cursor)
            if cursor.kind in inside:
                waiting.extend(children(cursor)[::-1])
        return found


@cache
def _is_below(name, roots, library):
    path = Path(name).resolve()
    below = [folder for folder in (*roots, *library) if folder in path.parents]
    return bool(below) and max(below, key=lambda folder: len(folder.parts)) not in library
