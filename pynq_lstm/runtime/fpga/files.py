"""Where the files of an overlay are."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pynq_lstm.accelerator.design import Design
from pynq_lstm.errors import DesignError, OverlayError
from pynq_lstm.runtime.fpga.manifest import Manifest

SHIPPED = Path(__file__).resolve().parents[2] / "overlays"
DESIGN = "design.json"
FOLDER = "PYNQ_LSTM_OVERLAYS"  # environment: a folder that is looked at first
USER = Path("pynq_lstm", "overlays")  # below the user's data folder
BY_MODEL = {  # method and activation_bits; the first whose weights are wide enough
    ("svd", 8): ("svd_lstm",),
    ("svd", 16): ("svd_lstm_wide",),
    ("block_diagonal", 8): ("block_diagonal_lstm", "block_diagonal_lstm_w8"),
    ("block_diagonal", 16): ("block_diagonal_lstm_wide",),
}


@dataclass(frozen=True)
class OverlayFiles:
    """What one overlay consists of.

    Attributes
    ----------
    design : Design
    bit, hwh, manifest : Path
    """

    design: Design
    bit: Path
    hwh: Path
    manifest: Path


def designs():
    """The designs that ship, by name."""
    return {path.parent.name: Design.load(path) for path in SHIPPED.glob("*/design.json")}


def design_for(model, overlay=None):
    """The design that an option names, or the one for the model's method and widths.

    Parameters
    ----------
    model : CompressedModel
    overlay : str or path, optional
        Name of a design that ships, or a folder with a design.json, as an exploration saves it.

    Raises
    ------
    OverlayError
        No such design, or one that is damaged.
    """
    folder = design_folder(overlay)
    if folder is not None:
        return _read(folder / DESIGN)
    shipped = designs()
    name = _name_for(model, shipped) if overlay is None else overlay
    if not isinstance(name, str) or name not in shipped:
        raise OverlayError(
            "overlay", name, "no design of this name ships", f"choose from {sorted(shipped)}"
        )
    return shipped[name]


def design_folder(overlay):
    """The folder that an option names, or whose design.json it names; None for anything else.

    The name of a design that ships stands for that, whatever folder has it, too. Any other name
    stands for a folder of the working folder, or of one of `folders`: in this order the first
    that has a bitstream of its design, or where none has one, the first that has a design.
    """
    if not isinstance(overlay, (str, os.PathLike)) or not str(overlay):
        return None
    path = Path(overlay)
    if path.name == DESIGN:
        path, plain = path.parent, False
    else:
        plain = str(overlay) == path.name
    if plain and (SHIPPED / path / DESIGN).is_file():
        return None
    places = [path, *(folder / path for folder in folders() if plain)]
    places = [place for place in places if (place / DESIGN).is_file()]
    return next(filter(_has_bitstream, places), places[0] if places else None)


def _has_bitstream(place):
    try:
        return (place / f"{Design.load(place / DESIGN).name}.bit").is_file()
    except DesignError:  # said where it is taken
        return False


def _read(path):
    try:
        return Design.load(path)
    except DesignError as error:
        raise OverlayError(
            "overlay", str(path), f"no valid design ({error})", "take it anew from where it is from"
        ) from None


def _name_for(model, shipped):
    names = BY_MODEL[model.method, model.activation_bits]
    widths = {name: getattr(shipped[name], "weight_bits", model.weight_bits) for name in names}
    return next((name for name in names if widths[name] >= model.weight_bits), names[-1])


def find(overlay, model):
    """Files of the overlay to load.

    Parameters
    ----------
    overlay : str, path or None
        Path of a .bit with .hwh and manifest.json beside it, a folder with a design.json and
        those, the name of a design, or None: the design that fits the model's method and widths.
        Names are looked up in the `folders`.
    model : CompressedModel

    Returns
    -------
    OverlayFiles

    Raises
    ------
    OverlayError
        Nothing there, or not complete.
    """
    if overlay is not None and str(overlay).endswith(".bit"):
        return at(Path(overlay))
    design = design_for(model, overlay)
    own = design_folder(overlay)
    places = [folder / design.name for folder in folders()] if own is None else [own]
    tried = [place / f"{design.name}.bit" for place in places]
    for path in tried:
        if path.is_file():
            return at(path)
    raise OverlayError(
        "overlay",
        design.name,
        f"no bitstream in {' or '.join(str(path.parent) for path in tried)}",
        "build it (pynq-lstm build), fetch it (pynq-lstm fetch) or copy .bit, .hwh and "
        'manifest.json there, or use backend="emulator"',
    )


def folders():
    """Folders with a folder for each overlay, the first first.

    That of ``PYNQ_LSTM_OVERLAYS``, the user's (``$XDG_DATA_HOME``, else ``~/.local/share``, and
    there ``pynq_lstm/overlays``), the package's.
    """
    named, data = os.environ.get(FOLDER), os.environ.get("XDG_DATA_HOME")
    with suppress(RuntimeError):  # there is no home
        data = data or Path("~/.local/share").expanduser()
    return [*([Path(named)] if named else []), *([Path(data) / USER] if data else []), SHIPPED]


def own_folder():
    """Where a user's overlays go: the folder that is looked at first, never the package's.

    Raises
    ------
    OverlayError
        There is none: no variable, no home.
    """
    first = folders()[0]
    if first == SHIPPED:
        raise OverlayError(
            FOLDER, None, "nor is there a home folder", "name a folder for overlays by it"
        )
    return first


def at(bit):
    """The overlay of a .bit.

    Raises
    ------
    OverlayError
    """
    bit = Path(bit).resolve()
    hwh, path = bit.with_suffix(".hwh"), bit.with_name("manifest.json")
    for file in (bit, hwh, path):
        if not file.is_file():
            raise OverlayError("overlay", str(file), "missing", "copy .bit, .hwh and manifest.json")
    return OverlayFiles(_design_of(Manifest.load(path)), bit, hwh, path)


def _design_of(manifest):
    beside = manifest.path.with_name(DESIGN)
    known = [_read(beside)] if beside.is_file() else []
    for design in [*known, *designs().values()]:
        if design.hash64 == manifest.design_hash:
            return design
    raise OverlayError(
        f"{manifest.path}: design_hash",
        f"{manifest.design_hash:016x}",
        "of no design that is known here",
        "put the overlay's design.json beside it, or take the package that it was built from",
    )
