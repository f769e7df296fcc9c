"""What is checked: a source and the options that make it compile."""

from dataclasses import dataclass
from pathlib import Path

from .errors import HlsCheckError

OPAQUE = Path(__file__).resolve().parent / "opaque"
STANDARD = "-std=c++14"


@dataclass(frozen=True)
class Kernel:
    """A source with the options that make it compile.

    Parameters
    ----------
    source : Path
        The file that defines the top.
    top : str
        Name of the top function.
    include : tuple of Path
        Folders of the project's own headers; they are checked. The source's folder always is.
    library : tuple of Path
        Folders of headers that are only used, as stand-ins of Vitis headers.
    ap_types : Path or None
        Folder of ap_int.h (``tools/ap_types.py``); None for sources that need none.
    defines : tuple of str
        ``NAME`` or ``NAME=VALUE``.
    """

    source: Path
    top: str
    include: tuple = ()
    library: tuple = ()
    ap_types: Path = None
    defines: tuple = ()

    def __post_init__(self):
        if not Path(self.source).is_file():
            raise HlsCheckError("source", str(self.source), "no such file", "name a C++ file")
        if self.ap_types and not (Path(self.ap_types) / "ap_int.h").is_file():
            raise HlsCheckError(
                "ap_types",
                str(self.ap_types),
                "holds no ap_int.h",
                "make the folder with tools/ap_types.py",
            )

    def flags(self):
        """Compiler flags of both checks; the opaque stream and vector come first.

        Returns
        -------
        list of str
        """
        folders = [f"-I{OPAQUE}", *(f"-I{folder}" for folder in (*self.include, *self.library))]
        ap_types = [f"-isystem{self.ap_types}"] if self.ap_types else []
        defines = [f"-D{define}" for define in self.defines]
        return [STANDARD, *folders, *ap_types, *defines, "-include", "synthesis_view.h"]
