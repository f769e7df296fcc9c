"""Archives of overlays, and a server that plays tricks."""

import hashlib
import io
import json
import tarfile
import threading
import zipfile
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

from pynq_lstm.runtime.emulator.overlay_files import overlay_files
from pynq_lstm.runtime.fpga import files


def overlay(name=None, **change):
    """Bytes by name: an overlay of a design that ships, or of a changed one called `name`."""
    design = files.designs()["svd_lstm_tiny"]
    if name is not None:
        design = replace(design, name=name, **change)
    found = overlay_files(design)
    return {path.name: path.read_bytes() for path in sorted(found.bit.parent.iterdir())}


def with_manifest(contents, change):
    """The overlay with `change` made to what its manifest says."""
    said = json.loads(contents["manifest.json"])
    change(said)
    return {**contents, "manifest.json": json.dumps(said).encode()}


def zipped(contents):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return stream.getvalue()


def tarred(contents, mode="w:gz", members=()):
    """A .tar of files, and of other members as they are."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:
        for name, content in contents.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for info in members:
            archive.addfile(info)
    return stream.getvalue()


def sha256(content):
    return hashlib.sha256(content).hexdigest()


@contextmanager
def served(answer, tls=None):
    """An address of a server on this machine; ``answer(handler)`` answers every request.

    `tls`: the ssl.SSLContext of a server for https:, whose certificate names localhost.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            answer(self)

        def log_message(self, *_):
            pass

    server, origin = HTTPServer(("127.0.0.1", 0), Handler), "http://127.0.0.1"
    if tls:
        origin = "https://localhost"
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"{origin}:{server.server_port}/overlay.zip"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
