"""The way that a user's overlay comes: TLS, with a certificate that is checked."""

import ssl
from functools import partial
from pathlib import Path

import pytest
from made_overlays import overlay, served, sha256, zipped

from pynq_lstm.errors import FetchError
from pynq_lstm.runtime.fetching import fetch

CERTIFICATE = Path(__file__).with_name("localhost.pem")


@pytest.fixture
def content(monkeypatch):
    """An archive; no proxy stands between."""
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return zipped(overlay())


@pytest.fixture
def secure(content):
    """A server that answers with the archive over TLS, to be entered for its address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)

    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return partial(served, answer, tls=context)


@pytest.fixture
def trusted(monkeypatch):
    """As where the system's own store has the certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))


def test_an_overlay_over_https(secure, content, trusted, home):
    with secure() as url:
        fetched = fetch(url, sha256(content))
    assert url.startswith("https://localhost:") and fetched.downloaded_bytes == len(content)
    assert (home / "svd_lstm_tiny" / "svd_lstm_tiny.bit").is_file()


def test_a_certificate_that_nobody_vouches_for(secure, content, unchanged):
    with secure() as url, pytest.raises(FetchError, match="CERTIFICATE_VERIFY_FAILED"):
        fetch(url, sha256(content))


def test_a_certificate_of_another_host(secure, content, trusted, unchanged):
    with secure() as url, pytest.raises(FetchError, match="not valid for '127.0.0.1'"):
        fetch(url.replace("localhost", "127.0.0.1"), sha256(content))


def test_a_server_that_speaks_no_tls(content, unchanged):
    with served(lambda handler: None) as url, pytest.raises(FetchError, match="SSL"):
        fetch(url.replace("http:", "https:"), sha256(content))
