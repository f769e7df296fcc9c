"""The files of an overlay without Vivado: what the emulator loads, in the form of the real ones.

``NAME.bit`` has a valid header and nothing behind it; only pynq.remote reads it.
"""

import hashlib
import json
import os
import struct
import tempfile
from functools import lru_cache

from pynq_lstm.accelerator import registers
from pynq_lstm.runtime.emulator.cache import cache_folder
from pynq_lstm.runtime.emulator.handoff import handoff
from pynq_lstm.runtime.fpga.files import OverlayFiles
from pynq_lstm.runtime.fpga.manifest import FORMAT
from pynq_lstm.version import __version__


def overlay_files(design):
    """Files for a design, in the cache folder; those that are there and as they must be stay.

    Parameters
    ----------
    design : Design

    Returns
    -------
    OverlayFiles

    Raises
    ------
    OSError
        They cannot be written.
    """
    contents = _contents(design)
    digest = hashlib.sha256(b"\0".join(contents.values())).hexdigest()[:16]
    folder = cache_folder() / "overlays" / f"{design.name}-{digest}"
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        path = folder / name
        if not path.is_file() or path.read_bytes() != content:
            _write(path, content)
    bit = folder / f"{design.name}.bit"
    return OverlayFiles(design, bit, bit.with_suffix(".hwh"), folder / "manifest.json")


@lru_cache(maxsize=8)
def _contents(design):
    """Bytes by name; the manifest last, since it names the hashes of the others."""
    files = {
        f"{design.name}.bit": bit_header(design),
        f"{design.name}.hwh": handoff(design).encode(),
    }
    manifest = json.dumps(_manifest(design, files), indent=1) + "\n"
    return {**files, "design.json": design.to_json().encode(), "manifest.json": manifest.encode()}


def _manifest(design, files):
    kernel = {
        "instance": registers.kernel_instance(design),
        "vlnv": registers.vlnv(design),
        "base_address": registers.KERNEL_BASE,
        "address_range": registers.KERNEL_RANGE,
        "registers": registers.OFFSETS,
    }
    counter = {
        "instance": registers.COUNTER_INSTANCE,
        "vlnv": registers.COUNTER_VLNV,
        "base_address": registers.COUNTER_BASE,
        "address_range": registers.COUNTER_RANGE,
    }
    return {
        "format": FORMAT,
        "name": design.name,
        "design_hash": f"{design.hash64:016x}",
        "part": design.part,
        "board": "xilinx.com:zcu104:part0:1.1",
        "clock_mhz": design.clock_mhz,
        "kernel": kernel,
        "cycle_counter": counter,
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        "tools": {"emulator": __version__},
        "timing": None,  # there is nothing to time, and nothing is used
        "utilisation": None,
    }


def bit_header(design):
    """A .bit whose header names the design and its hash, and that configures nothing.

    Returns
    -------
    bytes
    """
    device, package, _ = design.part.split("-", 2)
    fields = (
        (b"a", f"{design.name};UserID=0X{design.hash64 & 0xFFFF_FFFF:08X};Version=emulated"),
        (b"b", f"{device}-{package}"),
        (b"c", "2026/01/01"),
        (b"d", "00:00:00"),
    )
    head = b"\x00\x09" + b"\x0f\xf0" * 4 + b"\x00" + b"\x00\x01"
    for key, text in fields:
        data = text.encode() + b"\0"
        head += key + struct.pack(">H", len(data)) + data
    body = b"\xff" * 64
    return head + b"e" + struct.pack(">I", len(body)) + body


def _write(path, content):
    descriptor, part = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.replace(part, path)
    except BaseException:
        os.unlink(part)
        raise
