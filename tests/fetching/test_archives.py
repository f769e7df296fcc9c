"""Archives that are no overlay, or that would do harm: refused, and nothing is left behind."""

import bz2
import gzip
import lzma
import shutil
import struct
import tarfile
import tracemalloc
import zipfile
from contextlib import suppress
from io import BytesIO

import pytest
from made_overlays import overlay, sha256, tarred, with_manifest, zipped

from pynq_lstm.errors import OverlayError
from pynq_lstm.runtime.fetching import fetch

pytestmark = pytest.mark.usefixtures("unchanged")


def refused(put, content, text, **limits):
    with pytest.raises(OverlayError, match=text):
        fetch(put(content), sha256(content), **limits)


@pytest.mark.parametrize("pack", [zipped, tarred])
@pytest.mark.parametrize(
    "name",
    [
        "../svd_lstm_tiny.bit",
        "/tmp/manifest.json",
        "a/../../design.json",
        "..",
        "a\\..\\..\\x.bit",
        "C:/x.bit",
        "more/../x.txt",
    ],
)
def test_names_that_lead_out(put, tmp_path, pack, name):
    before = sorted(tmp_path.iterdir())
    refused(put, pack({**overlay(), name: b"x"}), "leads out of the archive")
    assert {path.name for path in tmp_path.iterdir()} - {path.name for path in before} <= {
        "overlay.zip",
        "data",
        "cache",
    }


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE]
)
def test_links_and_devices(put, kind):
    info = tarfile.TarInfo("svd_lstm_tiny.hwh")
    info.type, info.linkname = kind, "/etc/passwd"
    contents = overlay()
    del contents["svd_lstm_tiny.hwh"]
    refused(put, tarred(contents, members=[info]), "neither a file nor a folder")


def test_a_link_in_a_zip(put):
    stream = BytesIO(zipped(overlay()))
    info = zipfile.ZipInfo("more")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr(info, "/etc/passwd")
    refused(put, stream.getvalue(), "archive = 'more': neither a file nor a folder")


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_a_bomb(put, pack):
    content = pack({**overlay(), "svd_lstm_tiny.bit": b"\0" * 10_000_000})
    assert len(content) < 1_000_000
    refused(put, content, "more bytes than are allowed", most_bytes=1_000_000)


@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE])
@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_bomb_in_a_name(put, kind, pack):
    """tarfile reads such a member as a whole, before anybody sees its size."""
    info = tarfile.TarInfo("long")
    info.type, info.size = kind, 100 << 20
    content = pack(info.tobuf() + bytes(info.size))
    tracemalloc.start()
    refused(put, content, "more bytes than are allowed", most_bytes=1_000_000)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 50 << 20


def test_a_size_below_zero(put):
    info = tarfile.TarInfo("x")
    info.size = -512
    head = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    refused(put, bytes(head) + bytes(10240), "size below 0|cannot be unpacked|neither")


@pytest.mark.parametrize("mode", ["w:gz", "w:bz2", "w:xz", "w"])
def test_any_damage_is_an_error_of_the_archive(put, mode):
    """A byte in eight places, each in three ways; what is left whole is an overlay."""
    content = tarred(overlay(), mode)
    for at in range(0, len(content), len(content) // 8):
        for change in (0xFF, 0x01, 0x80):
            flipped = bytearray(content)
            flipped[at] ^= change
            with suppress(OverlayError):
                shutil.rmtree(fetch(put(bytes(flipped)), sha256(flipped)).folder)


@pytest.mark.parametrize("error", [UnicodeDecodeError("utf-8", b"x", 0, 1, "no"), OSError("bad")])
def test_what_reading_raises_is_an_error_of_the_archive(put, monkeypatch, error):
    def fails(*_):
        raise error

    monkeypatch.setattr("zipfile.ZipExtFile.read", fails)
    refused(put, zipped(overlay()), "archive = 'archive': cannot be unpacked")


def test_a_zip_that_lies_about_a_size(put):
    """Its directory says 1 byte of a member that is larger."""
    content = bytearray(zipped({**overlay(), "svd_lstm_tiny.bit": b"\0" * 100_000}))
    at = content.index(b"PK\x01\x02")
    while content[at + 46 :].startswith(b"svd_lstm_tiny.bit") is False:
        at = content.index(b"PK\x01\x02", at + 1)
    content[at + 24 : at + 28] = struct.pack("<I", 1)
    refused(put, bytes(content), "cannot be unpacked|sha256|missing")


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_too_many_members(put, pack):
    more = {f"more{n}": b"" for n in range(1000)}
    refused(put, pack({**overlay(), **more}), "more than 1000 members")


@pytest.mark.parametrize(
    "content, text",
    [
        (b"", "neither .zip nor .tar"),
        (b"<html>not found</html>", "neither .zip nor .tar"),
        (zipped({}), "no manifest.json: not an overlay"),
        (tarred({"README": b"x"}), "no manifest.json: not an overlay"),
        (tarred({"manifest.json": b"{"}), "damaged"),
        (tarred({"manifest.json": b"{}"}), "damaged"),
        (tarred({"manifest.json": b"[" * 100_000}), "damaged .RecursionError"),
    ],
    ids=[
        "empty",
        "html",
        "no-members",
        "no-manifest",
        "no-json",
        "no-fields",
        "too-deep",
    ],
)
def test_what_is_no_overlay(put, content, text):
    refused(put, content, text)


def test_a_damaged_archive(put):
    for content in (zipped(overlay()), tarred(overlay())):
        cut = content[: len(content) // 2]
        refused(put, cut, "archive = |no manifest")
        flipped = bytearray(content)
        flipped[len(content) // 3] ^= 0xFF
        with pytest.raises(OverlayError):
            fetch(put(bytes(flipped)), sha256(flipped))


def test_files_in_two_places(put):
    contents = overlay()
    moved = {f"a/{name}": contents.pop(name) for name in ("manifest.json",)}
    refused(put, zipped({**contents, **moved}), "an overlay's files lie in several folders")


def test_a_file_twice(put):
    contents = overlay()
    refused(put, zipped({**contents, "b/manifest.json": b"{}"}), "'manifest.json': is in it twice")


@pytest.mark.parametrize("name", ["svd_lstm_tiny.bit", "svd_lstm_tiny.hwh"])
def test_a_file_is_missing(put, name):
    contents = overlay()
    del contents[name]
    refused(put, zipped(contents), f"archive = ..{name}..: missing, beside manifest.json")


def test_a_file_of_another_overlay(put):
    contents = {**overlay(), "other.bit": b"x"}
    refused(put, zipped(contents), "archive = ..other.bit..: of another overlay")


def test_files_of_two_builds(put):
    contents = overlay()
    contents["svd_lstm_tiny.bit"] += b"\0"
    refused(put, zipped(contents), "sha256 of .*svd_lstm_tiny.bit = .*: not ")


@pytest.mark.parametrize(
    "change, text",
    [
        (lambda said: said.update(files={}), "manifest: files = ..: not those of svd_lstm_tiny"),
        (lambda said: said["files"].update({"../x": "0"}), "manifest: files = "),
        (lambda said: said.update(name="../../x"), "manifest: files = "),
        (lambda said: said.update(format=99), "format = 99"),
        (lambda said: said.update(design_hash="0"), "of no design that is known here"),
        (lambda said: said["kernel"]["registers"].clear(), "registers = "),
        (lambda said: said["kernel"].update(base_address=float("inf")), "damaged .OverflowError"),
        (lambda said: said.update(clock_mhz=float("nan")), "damaged .ValueError: clock_mhz nan"),
        (lambda said: said.update(clock_mhz=float("inf")), "damaged .ValueError: clock_mhz inf"),
        (lambda said: said.update(clock_mhz=0), "damaged .ValueError: clock_mhz 0"),
    ],
)
def test_manifests(put, change, text):
    refused(put, zipped(with_manifest(overlay(), change)), text)


def test_a_name_that_is_not_the_designs(put):
    contents = overlay()
    for ending in ("bit", "hwh"):
        contents[f"other.{ending}"] = contents.pop(f"svd_lstm_tiny.{ending}")

    def rename(said):
        said["name"] = "other"
        said["files"] = {n.replace("svd_lstm_tiny", "other"): h for n, h in said["files"].items()}

    refused(
        put, zipped(with_manifest(contents, rename)), "manifest: name = 'other': not svd_lstm_t"
    )
