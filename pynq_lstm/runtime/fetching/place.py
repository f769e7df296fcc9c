"""Are these files one overlay? Then under its name with them."""

import os

from pynq_lstm.errors import OverlayError
from pynq_lstm.runtime.fetching import staging
from pynq_lstm.runtime.fpga import files
from pynq_lstm.runtime.fpga.manifest import Manifest

MANIFEST = "manifest.json"
_REMEDY = "take an archive of NAME.bit, NAME.hwh and manifest.json of one build"


def check(folder):
    """Check the files of a folder, and that there is nothing else in it.

    Returns
    -------
    Manifest, Design

    Raises
    ------
    OverlayError
        A file is missing, not that of the manifest, of a design that is not known, or too many.
    """
    there = {path.name for path in folder.iterdir()}
    if MANIFEST not in there:
        raise OverlayError("archive", sorted(there), f"no {MANIFEST}: not an overlay", _REMEDY)
    manifest = Manifest.load(folder / MANIFEST)
    both = {f"{manifest.name}.bit", f"{manifest.name}.hwh"}
    if set(manifest.files) != both:
        problem = f"not those of {manifest.name}"
        raise OverlayError("manifest: files", sorted(manifest.files), problem, _REMEDY)
    lacking, more = both - there, there - both - {MANIFEST, files.DESIGN}
    if lacking or more:
        problem = f"{'missing' if lacking else 'of another overlay'}, beside {MANIFEST}"
        raise OverlayError("archive", sorted(lacking or more), problem, _REMEDY)
    manifest.check_files()
    design = files.at(folder / f"{manifest.name}.bit").design
    if design.name != manifest.name:
        raise OverlayError("manifest: name", manifest.name, f"not {design.name}", _REMEDY)
    return manifest, design


def put(folder, target):
    """Let an overlay have its place; one that was there is replaced as a whole.

    Parameters
    ----------
    folder : Path
        In a temporary folder beside `target`.
    target : Path

    Returns
    -------
    bool
        Whether one was there.

    Raises
    ------
    OverlayError
        Something else has that name, or other files lie in it.
    OSError
    """
    old, replaced = folder.with_name(f"{staging.OLD}{target.name}"), os.path.lexists(target)
    if replaced:
        _check_replaceable(target)
    try:
        if replaced:
            os.rename(target, old)
        os.rename(folder, target)
    except BaseException:  # Ctrl-C, too, between the two
        if os.path.lexists(old) and not os.path.lexists(target):
            os.rename(old, target)
        raise
    return replaced


def _check_replaceable(target):
    """Refuse to take away what is not all of an overlay, and nothing else."""
    remedy = "move it away, then fetch again"
    if target.is_symlink() or not (target / MANIFEST).is_file():
        raise OverlayError("folder", str(target), "there, and no overlay", remedy)
    for path in sorted(target.iterdir()):
        own = path.name in (MANIFEST, files.DESIGN) or path.suffix in (".bit", ".hwh")
        if not own or path.is_symlink() or not path.is_file():
            problem = f"no file of an overlay, in {target}"
            raise OverlayError("folder", path.name, problem, remedy)
