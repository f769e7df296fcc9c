"""Addresses, servers and disks that do not do as they should; nothing is left behind."""

import time
import urllib.request

import pytest
from made_overlays import overlay, served, sha256, zipped

from pynq_lstm.errors import FetchError
from pynq_lstm.runtime.fetching import download, fetch

pytestmark = pytest.mark.usefixtures("unchanged")


@pytest.fixture
def plain_http(monkeypatch):
    """A server of this machine has no certificate: for it alone http: is taken."""
    usual = download.opener

    def opener():
        made = usual()
        made.add_handler(urllib.request.HTTPHandler())
        return made

    monkeypatch.setattr(download, "opener", opener)
    monkeypatch.setattr(download, "SCHEMES", ("http", "https", "file"))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("url", ["http://host/x.zip", "ftp://host/x", "overlay.zip", "", None, 3])
def test_only_safe_schemes(url):
    with pytest.raises(FetchError, match="url = .*: neither https: nor file:"):
        fetch(url, "0" * 64)


def test_the_opener_knows_no_other_scheme():
    with pytest.raises(urllib.request.URLError, match="unknown url type: http"):
        download.opener().open("http://127.0.0.1:9/x", timeout=1)


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


@pytest.mark.parametrize("limits", [{"seconds": 0}, {"most_bytes": -1}])
def test_limits_that_are_none(put, limits):
    (name,) = limits
    with pytest.raises(FetchError, match=f"{name} = .*: not positive"):
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
    def drip(handler):
        handler.send_response(200)
        handler.end_headers()
        for _ in range(100):
            try:
                handler.wfile.write(b"x")
                handler.wfile.flush()
            except OSError:
                return
            time.sleep(0.01)

    with served(drip) as url:
        refused("the time is up before all of it is here", url, "0" * 64, seconds=0.1)


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
