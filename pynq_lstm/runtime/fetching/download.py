"""A file from an https: or file: address, bounded in time and size, and its checksum."""

import hashlib
import http.client
import re
import shutil
import time
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from pynq_lstm.errors import FetchError
from pynq_lstm.version import __version__

SCHEMES = ("https", "file")
WAIT = 30.0  # seconds for a connection, and for each piece of the answer
_PIECE = 1 << 16


class _SameSchemes(urllib.request.HTTPRedirectHandler):
    """Redirections, but to nothing that would not be taken itself; none from https: to file:."""

    def redirect_request(self, request, stream, code, message, headers, new):
        if urlsplit(new).scheme != "https":
            raise FetchError("url", new, "redirected to what is not https:", "fetch from elsewhere")
        return super().redirect_request(request, stream, code, message, headers, new)


def opener():
    """What opens addresses: https: and file:, no others."""
    made = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler,
        urllib.request.UnknownHandler,
        urllib.request.HTTPDefaultErrorHandler,
        urllib.request.HTTPErrorProcessor,
        urllib.request.HTTPSHandler,
        urllib.request.FileHandler,
        _SameSchemes,
    ):
        made.add_handler(handler())
    made.addheaders = [("User-Agent", f"pynq-lstm/{__version__}")]
    return made


def download(url, sha256, path, seconds, most_bytes, progress=None):
    """Bring a file to `path`; arguments as `fetch` takes them, and `check` found them good.

    Returns
    -------
    int
        Its bytes.

    Raises
    ------
    FetchError
    OSError
        It cannot be written.
    """
    ends = time.monotonic() + seconds
    try:
        answer = opener().open(url, timeout=min(WAIT, seconds))
    except urllib.error.HTTPError as error:
        error.close()
        raise FetchError(
            "url", url, f"the server answers {error.code} {error.reason}", "check the address"
        ) from None
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise _unreachable(url, error) from None
    with answer:
        size = _length(answer)
        if size is not None:
            _room(url, size, most_bytes, path)
        found = _copy(url, answer, size, path, ends, most_bytes, progress)
    if found != sha256.lower():
        remedy = "ask whom it is from for the right one, and fetch again"
        raise FetchError("sha256", found, f"not {sha256.lower()}", remedy)
    return path.stat().st_size


def check(url, sha256, seconds, most_bytes):
    """Refuse arguments that cannot be taken, before anything is made.

    Raises
    ------
    FetchError
    """
    scheme = urlsplit(url).scheme if isinstance(url, str) else None
    if scheme not in SCHEMES:
        raise FetchError("url", url, "neither https: nor file:", "give the address of an archive")
    if not isinstance(sha256, str) or not re.fullmatch("[0-9a-fA-F]{64}", sha256):
        remedy = "pass the SHA-256 of the archive, as sha256sum prints it"
        raise FetchError("sha256", sha256, "not 64 hexadecimal digits", remedy)
    for name, value in (("seconds", seconds), ("most_bytes", most_bytes)):
        if not value > 0:
            raise FetchError(name, value, "not positive", "leave it out, or pass a larger one")


def _length(answer):
    """What the server says of the size; None where it says nothing."""
    said = answer.headers.get("Content-Length", "")
    return int(said) if said.isdigit() else None


def _room(url, size, most_bytes, path):
    if size > most_bytes:
        raise _too_large(url, size, most_bytes)
    free = shutil.disk_usage(path.parent).free
    if size > free:
        problem = f"{size:,d} bytes, and {free:,d} are free in {path.parent.parent}"
        raise FetchError("url", url, problem, "make room, or name another folder")


def _too_large(url, size, most_bytes):
    return FetchError(
        "url",
        url,
        f"{size:,d} bytes or more, above the limit of {most_bytes:,d}",
        "allow more: --most-mib",
    )


def _unreachable(url, error):
    reason = getattr(error, "reason", error)
    problem = f"cannot be fetched ({type(reason).__name__}: {reason})"
    return FetchError("url", url, problem, "check the address and the network")


def _copy(url, answer, size, path, ends, most_bytes, progress):
    """Write the answer; its SHA-256."""
    from tqdm import tqdm

    digest, count, disable = hashlib.sha256(), 0, None if progress is None else not progress
    with (
        open(path, "xb") as file,
        tqdm(
            total=size, desc="fetch", unit="B", unit_scale=True, disable=disable, leave=False
        ) as bar,
    ):
        while piece := _read(url, answer, ends):
            count += len(piece)
            if count > most_bytes:
                raise _too_large(url, count, most_bytes)
            file.write(piece)
            digest.update(piece)
            bar.update(len(piece))
    if size is not None and count != size:
        raise FetchError("url", url, f"ended after {count:,d} of {size:,d} bytes", "fetch again")
    return digest.hexdigest()


def _read(url, answer, ends):
    if time.monotonic() > ends:
        raise FetchError("seconds", None, "the time is up before all of it is here", "allow more")
    try:
        return answer.read1(_PIECE) if hasattr(answer, "read1") else answer.read(_PIECE)
    except (OSError, http.client.HTTPException) as error:
        raise _unreachable(url, error) from None
