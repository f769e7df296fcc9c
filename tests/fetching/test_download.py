"""Addresses, servers and disks that do not do as they should; nothing is left behind."""

import os
import time
import urllib.request
from functools import partial

import pytest
from made_overlays import overlay, served, sha256, zipped

from pynq_lstm.errors import FetchError
from pynq_lstm.runtime.fetching import download, fetch
from pynq_lstm.runtime.fetching.deadline import Deadline

pytestmark = pytest.mark.usefixtures("unchanged")


@pytest.fixture
def plain_http(monkeypatch):
    """A server of this machine has no certificate: for it alone http: is taken."""
    usual = download.opener

    class Http(urllib.request.HTTPHandler):
        def __init__(self, deadline):
            super().__init__()
            self._deadline = deadline

        def do_open(self, http_class, req, **settings):
            connection = partial(self._deadline.connection, http_class)
            return super().do_open(connection, req, **settings)

    def opener(deadline):
        made = usual(deadline)
        made.add_handler(Http(deadline))
        return made

    monkeypatch.setattr(download, "opener", opener)
    monkeypatch.setattr(download, "SCHEMES", ("http", "https", "file"))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    "url", ["http://host/x.zip", "ftp://host/x", "overlay.zip", "", None, 3, "https://[::1/x"]
)
def test_only_safe_schemes(url):
    with pytest.raises(FetchError, match="url = .*: neither https: nor file:"):
        fetch(url, "0" * 64)


def test_the_opener_knows_no_other_scheme():
    with pytest.raises(urllib.request.URLError, match="unknown url type: http"):
        download.opener(Deadline(1)).open("http://127.0.0.1:9/x", timeout=1)


@pytest.mark.parametrize("digest", ["", "0" * 63, "g" * 64, "0" * 65, None])
def test_a_checksum_that_is_none(put, digest):
    with pytest.raises(FetchError, match="sha256 = .*: not 64 hexadecimal digits"):
        fetch(put(b"x"), digest)


def test_another_file(put):
    with pytest.raises(FetchError, match=f"sha256 = '{sha256(b'other')}': not {sha256(b'x')}"):
        fetch(put(b"other"), sha256(b"x"))


def test_no_file(put, tmp_path):
    with pytest.raises(FetchError, match="cannot be fetched .*check the address"):
        fetch((tmp_path / "none.zip").as_uri(), "0" * 64)


def test_too_large_by_what_is_said(put):
    with pytest.raises(FetchError, match="101 bytes or more, above the limit of 100"):
        fetch(put(b"x" * 101), sha256(b"x" * 101), most_bytes=100)


def test_no_room(put, monkeypatch):
    usage = download.shutil.disk_usage("/")
    monkeypatch.setattr(download.shutil, "disk_usage", lambda _: usage._replace(free=3))
    with pytest.raises(FetchError, match="4 bytes, and 3 are free in .*; make room"):
        fetch(put(b"1234"), sha256(b"1234"))


@pytest.mark.parametrize(
    "limits",
    [{"seconds": 0}, {"most_bytes": -1}, {"seconds": float("inf")}, {"seconds": float("nan")}]
    + [{"seconds": "1"}, {"most_bytes": None}],
)
def test_limits_that_are_none(put, limits):
    (name,) = limits
    with pytest.raises(FetchError, match=f"{name} = .*: not a positive number"):
        fetch(put(b"x"), sha256(b"x"), **limits)


def refused(text, url, digest, **limits):
    with pytest.raises(FetchError, match=text):
        fetch(url, digest, **limits)


def answering(*headers, body=b"", code=200):
    def answer(handler):
        handler.send_response(code)
        for name, value in headers:
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@pytest.mark.parametrize("code", [403, 404, 500])
def test_an_answer_that_is_an_error(plain_http, code):
    with served(answering(code=code)) as url:
        refused(f"the server answers {code} .*; check the address", url, "0" * 64)


@pytest.mark.parametrize("new", ["file:///etc/passwd", "ftp://127.0.0.1/x", "http://127.0.0.1:9/x"])
def test_a_redirection_out_of_https(plain_http, new):
    with served(answering(("Location", new), code=302)) as url:
        refused("redirected to what is not https:|is not allowed", url, "0" * 64)


def test_an_answer_that_ends_early(plain_http):
    with served(answering(("Content-Length", "10"), body=b"12345")) as url:
        refused("ended after 5 of 10 bytes|IncompleteRead", url, sha256(b"12345"))


def test_too_large_without_saying_so(plain_http):
    with served(answering(body=b"x" * 3000)) as url:
        refused("bytes or more, above the limit of 1,000", url, "0" * 64, most_bytes=1000)


def test_a_server_that_says_nothing(plain_http, monkeypatch):
    monkeypatch.setattr(download, "WAIT", 0.05)
    with served(lambda handler: time.sleep(0.5)) as url:
        refused("cannot be fetched .*timed out", url, "0" * 64)


def test_a_server_that_drips_meets_the_deadline(plain_http):
    with served(_dripping(b"HTTP/1.0 200 OK\r\n\r\n")) as url:
        refused("the time is up before all of it is here", url, "0" * 64, seconds=0.1)


def _dripping(*first):
    """Sends what is first, then bytes forever, each long before a time-out."""

    def drip(handler):
        for piece in first:
            handler.wfile.write(piece)
        for _ in range(2000):
            try:
                handler.wfile.write(b"x")
                handler.wfile.flush()
            except OSError:
                return
            time.sleep(0.01)

    return drip


@pytest.mark.parametrize(
    "first",
    [(), (b"HTTP/1.1 200 OK\r\n",), (b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n",)],
    ids=["status", "headers", "body"],
)
def test_a_drip_of_any_part_meets_the_deadline(plain_http, first):
    began = time.monotonic()
    with served(_dripping(*first)) as url:
        refused(
            "seconds = 0.3: the time is up before all of it is here", url, "0" * 64, seconds=0.3
        )
        assert time.monotonic() - began < 15  # not the 20 s of the server


def test_a_redirection_to_no_address(plain_http):
    with served(answering(("Location", "https://[::1/x"), code=302)) as url:
        refused("cannot be fetched|redirected to what is not", url, "0" * 64)


@pytest.mark.parametrize("said", ["²", "9" * 5000, "-1", "x"])
def test_a_length_that_is_none_is_not_believed(plain_http, said):
    def answer(handler):
        handler.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Length: ")
        handler.wfile.write(said.encode("latin-1") + b"\r\n\r\nbody")

    with served(answer) as url:
        refused("sha256 = .*: not 000", url, "0" * 64)


@pytest.mark.parametrize("kind", ["pipe", "folder"])
def test_a_file_that_is_none(tmp_path, kind):
    """A pipe that nobody writes to would keep it waiting."""
    (os.mkfifo if kind == "pipe" else os.mkdir)(tmp_path / "x")
    refused("no regular file", (tmp_path / "x").as_uri(), "0" * 64)


def test_arguments_are_refused_before_a_folder_is_made(tmp_path):
    refused("sha256 = 'x': not 64", (tmp_path / "x").as_uri(), "x", folder=tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_nobody_there(plain_http):
    with served(answering()) as url:
        pass
    with pytest.raises(FetchError, match="cannot be fetched"):
        fetch(url, "0" * 64, seconds=5)


def test_a_folder_that_cannot_be_made(put, tmp_path, home):
    (tmp_path / "file").write_text("")
    with pytest.raises(FetchError, match="folder = .*cannot be written"):
        fetch(put(b"x"), sha256(b"x"), tmp_path / "file" / "below")


def test_ctrl_c_leaves_nothing(put, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    content = zipped(overlay())
    monkeypatch.setattr("pynq_lstm.runtime.fetching.archive.unpack", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fetch(put(content), sha256(content))
