"""A .tar that is unpacked to a limit only, whatever its headers say.

tarfile reads a long name, or a header of further facts, as a whole: so it is given a file that
ends with an error where the limit is.
"""

import bz2
import gzip
import io
import lzma
import tarfile
from contextlib import contextmanager

from pynq_lstm.errors import OverlayError

_PIECE = 1 << 16
_PACKINGS = {  # by how a file begins
    b"\x1f\x8b": gzip.GzipFile,
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\x00": lzma.LZMAFile,
    b"\x5d\x00\x00\x80": lzma.LZMAFile,  # .lzma with a dictionary of 2^23 or more
    b"\x5d\x00\x00\x40": lzma.LZMAFile,
}


class Bounded(io.RawIOBase):
    """A file up to a place; what is unpacked beyond it is an `OverlayError`."""

    def __init__(self, stream, most):
        super().__init__()
        self._stream, self._most = stream, most

    def read(self, size=-1):
        """Bytes, as of any file."""
        left = self._most - self._stream.tell()
        found = self._stream.read(left + 1 if size is None or not 0 <= size <= left else size)
        if len(found) > left:
            raise OverlayError(
                "archive",
                self._most,
                "more bytes than are allowed in it",
                "take an archive of NAME.bit, NAME.hwh and manifest.json",
            )
        return found

    def seek(self, offset, whence=io.SEEK_SET):
        """Go to a place; forwards by reading, so that the limit holds."""
        if whence != io.SEEK_SET or offset < 0:
            raise OSError(f"cannot go to {offset} from {whence}")
        if offset < self._stream.tell():
            return self._stream.seek(offset)
        for at in range(self._stream.tell(), offset, _PIECE):
            if not self.read(min(offset - at, _PIECE)):
                break
        return self._stream.tell()

    def tell(self):
        """Where it is."""
        return self._stream.tell()

    def seekable(self):
        """It is."""
        return True

    def readable(self):
        """It is."""
        return True

    def close(self):
        """Close what it reads from, too."""
        self._stream.close()
        super().close()


@contextmanager
def plain_tar(path, most):
    """A .tar, packed or not, for the block.

    Raises
    ------
    OverlayError
        Before more than `most` bytes of it were unpacked, then or later.
    tarfile.TarError and others
        It is none.
    """
    with open(path, "rb") as file:
        head = file.read(6)
    kinds = (kind for start, kind in _PACKINGS.items() if head.startswith(start))
    stream = Bounded(next(kinds, io.FileIO)(path), most)
    with stream, tarfile.open(fileobj=stream, mode="r:") as tar:
        yield tar
