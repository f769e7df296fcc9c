"""A file from an https: or file: address, bounded in time and size, and its checksum."""

import hashlib
import http.client
import math
import os
import re
import shutil
import stat
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from pynq_lstm.errors import FetchError
from pynq_lstm.runtime.fetching.deadline import Deadline, Https
from pynq_lstm.version import __version__

SCHEMES = ("https", "file")
WAIT = 30.0  # seconds for a connection, and for each piece of the answer
_PIECE = 1 << 16
_DIGITS = 19  # of a length that can be one


class _SameSchemes(urllib.request.HTTPRedirectHandler):
    """Redirections, but to nothing that would not be taken itself; none from https: to file:."""

    def redirect_request(self, request, stream, code, message, headers, new):
        if _scheme(new) != "https":
            raise FetchError("url", new, "redirected to what is not https:", "fetch from elsewhere")
        return super().redirect_request(request, stream, code, message, headers, new)


def opener(deadline):
    """What opens addresses: https: and file:, no others."""
    made = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler,
        urllib.request.UnknownHandler,
        urllib.request.HTTPDefaultErrorHandler,
        urllib.request.HTTPErrorProcessor,
        urllib.request.FileHandler,
        _SameSchemes,
    ):
        made.add_handler(handler())
    made.add_handler(Https(deadline))
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
    with Deadline(seconds) as deadline:
        try:
            found = _bring(url, path, seconds, most_bytes, progress, deadline)
        except FetchError:
            if deadline.passed:
                raise _late(seconds) from None
            raise
    if found != sha256.lower():
        remedy = "ask whom it is from for the right one, and fetch again"
        raise FetchError("sha256", found, f"not {sha256.lower()}", remedy)
    return path.stat().st_size


def _bring(url, path, seconds, most_bytes, progress, deadline):
    _check_file(url)
    try:
        answer = opener(deadline).open(url, timeout=min(WAIT, seconds))
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
        return _copy(url, answer, size, path, seconds, most_bytes, progress, deadline)


def _check_file(url):
    """Refuse what is no file: a pipe or a device need never end."""
    if _scheme(url) == "file":
        path = urllib.request.url2pathname(urlsplit(url).path)
        try:
            regular = stat.S_ISREG(os.stat(path).st_mode)
        except (OSError, ValueError) as error:
            raise _unreachable(url, error) from None
        if not regular:
            raise FetchError("url", url, "no regular file", "give the address of an archive")


def _scheme(url):
    """Of an address; None of what is none."""
    try:
        return urlsplit(url).scheme if isinstance(url, str) else None
    except ValueError:
        return None


def _late(seconds):
    problem = "the time is up before all of it is here"
    return FetchError("seconds", seconds, problem, "allow more")


def check(url, sha256, seconds, most_bytes):
    """Refuse arguments that cannot be taken, before anything is made.

    Raises
    ------
    FetchError
    """
    if _scheme(url) not in SCHEMES:
        raise FetchError("url", url, "neither https: nor file:", "give the address of an archive")
    if not isinstance(sha256, str) or not re.fullmatch("[0-9a-fA-F]{64}", sha256):
        remedy = "pass the SHA-256 of the archive, as sha256sum prints it"
        raise FetchError("sha256", sha256, "not 64 hexadecimal digits", remedy)
    for name, value in (("seconds", seconds), ("most_bytes", most_bytes)):
        if not isinstance(value, (int, float)) or not 0 < value < math.inf:
            remedy = "leave it out, or pass another one"
            raise FetchError(name, value, "not a positive number", remedy)


def _length(answer):
    """What the server says of the size; None where it says nothing."""
    said = answer.headers.get("Content-Length", "")
    known = said.isascii() and said.isdigit() and len(said) < _DIGITS
    return int(said) if known else None


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


def _copy(url, answer, size, path, seconds, most_bytes, progress, deadline):
    """Write the answer; its SHA-256."""
    from tqdm import tqdm

    digest, count, disable = hashlib.sha256(), 0, None if progress is None else not progress
    with (
        open(path, "xb") as file,
        tqdm(
            total=size, desc="fetch", unit="B", unit_scale=True, disable=disable, leave=False
        ) as bar,
    ):
        while piece := _read(url, answer):
            if deadline.passed:
                break
            count += len(piece)
            if count > most_bytes:
                raise _too_large(url, count, most_bytes)
            file.write(piece)
            digest.update(piece)
            bar.update(len(piece))
    if deadline.passed:  # what was shut looks like an end
        raise _late(seconds)
    if size is not None and count != size:
        raise FetchError("url", url, f"ended after {count:,d} of {size:,d} bytes", "fetch again")
    return digest.hexdigest()


def _read(url, answer):
    try:
        return answer.read1(_PIECE) if hasattr(answer, "read1") else answer.read(_PIECE)
    except (OSError, http.client.HTTPException) as error:
        raise _unreachable(url, error) from None
