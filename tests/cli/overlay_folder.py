"""A folder that looks like a built overlay: nothing reads its bits."""

import hashlib
import json

from pynq_lstm.accelerator.registers import COUNTER_BASE, KERNEL_BASE, OFFSETS, vlnv


def make(place, design):
    """The folder of the overlay of a design, below `place`, with a manifest of its files."""
    folder = place / design.name
    folder.mkdir(parents=True)
    for ending, content in (("bit", b"bits"), ("hwh", b"<EDKSYSTEM/>")):
        (folder / f"{design.name}.{ending}").write_bytes(content)
    manifest = {
        "format": 1,
        "name": design.name,
        "design_hash": f"{design.hash64:016x}",
        "clock_mhz": design.clock_mhz,
        "kernel": _peripheral(f"{design.name}_0", vlnv(design), KERNEL_BASE, OFFSETS),
        "cycle_counter": _peripheral("cycle_counter_0", "counter", COUNTER_BASE, {}),
        "files": {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()
        },
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    (folder / "design.json").write_text(design.to_json())
    return folder


def _peripheral(instance, name, base, registers):
    return {
        "instance": instance,
        "vlnv": name,
        "base_address": base,
        "address_range": 4096,
        "registers": registers,
    }
