"""`fetch`: download, unpack, check, put in place."""

from dataclasses import asdict, dataclass
from pathlib import Path

from pynq_lstm.errors import FetchError
from pynq_lstm.runtime.fetching import archive, place
from pynq_lstm.runtime.fetching.download import check, download
from pynq_lstm.runtime.fetching.staging import staged
from pynq_lstm.runtime.fpga import files

MOST_BYTES = 256 << 20  # a bitstream of the ZCU104 has some 19 MB
SECONDS = 1800


@dataclass(frozen=True)
class Fetched:
    """What was put in place.

    Attributes
    ----------
    name : str
        Of the design.
    folder : str
        Where its files are.
    replaced : bool
        Whether an overlay of this name was there.
    downloaded_bytes : int
    design_hash : str
        16 hexadecimal digits.
    clock_mhz : float
    """

    name: str
    folder: str
    replaced: bool
    downloaded_bytes: int
    design_hash: str
    clock_mhz: float

    def to_dict(self):
        """For JSON."""
        return asdict(self)


def fetch(url, sha256, folder=None, seconds=SECONDS, most_bytes=MOST_BYTES, progress=None):
    """Fetch an overlay: a .zip or .tar of NAME.bit, NAME.hwh and manifest.json.

    Parameters
    ----------
    url : str
        https: or file:.
    sha256 : str
        Of the archive, 64 hexadecimal digits.
    folder : path, optional
        Gets a folder of the overlay's name; default: `files.own_folder`.
    seconds : float
        For the whole download.
    most_bytes : int
        Of the archive, and of what is in it.
    progress : bool, optional
        A progress bar on stderr; default: on terminals only.

    Returns
    -------
    Fetched

    Raises
    ------
    FetchError
        An address that is not taken or does not answer, another checksum, too large, no room.
    OverlayError
        What came is no overlay, or its files do not belong together. Nothing was changed.
    """
    check(url, sha256, seconds, most_bytes)
    folder = files.own_folder() if folder is None else Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with staged(folder) as work:
            path = work / "archive"
            size = download(url, sha256, path, seconds, most_bytes, progress)
            unpacked = work / "unpacked"
            archive.unpack(path, unpacked, most_bytes)
            manifest, design = place.check(unpacked)
            replaced = place.put(unpacked, folder / design.name)
    except OSError as error:
        problem = f"cannot be written ({error.strerror or error})"
        remedy = f"make room, or name another folder by {files.FOLDER}"
        raise FetchError("folder", str(folder), problem, remedy) from None
    return Fetched(
        design.name,
        str(folder / design.name),
        replaced,
        size,
        f"{design.hash64:016x}",
        manifest.clock_mhz,
    )
