"""pynq's own machinery finds what the entry points name. Needs an installation: make pynq."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pynqutils.setup_utils import ExtensionsManager, deliver_notebooks

import pynq_lstm

KERNEL = "pynq_lstm.runtime.fpga.kernel"
BIND = f"""
import sys
import pynq
from pynq_lstm.runtime.emulator.device import EmulatedDevice
pynq.Device.active_device = EmulatedDevice()
assert {KERNEL!r} not in sys.modules
print(type(pynq.Overlay(sys.argv[1]).svd_lstm_0).__name__)
"""


NAMES = {"overlays": "pynq_lstm", "notebooks": "pynq-lstm"}  # the latter is typed


def modules(group):
    return {entry.name: entry.module_name for entry in ExtensionsManager(group).list}


def test_the_driver_is_imported_with_every_overlay():
    assert modules("pynq.lib")["pynq_lstm"] == KERNEL


def test_the_driver_binds_without_being_imported(tiny_files):
    ran = subprocess.run(
        [sys.executable, "-c", BIND, str(tiny_files.bit)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.stdout == "LstmKernel\n", ran.stderr


@pytest.mark.parametrize("kind", ["overlays", "notebooks"])
def test_folders(kind):
    assert modules(f"pynq.{kind}")[NAMES[kind]] == f"pynq_lstm.{kind}"
    found = ExtensionsManager.extension_path(f"pynq_lstm.{kind}")
    ours = Path(pynq_lstm.__file__).with_name(kind)
    assert os.path.samefile(found, ours)
    assert found in ExtensionsManager(f"pynq.{kind}").paths


def test_notebooks_are_delivered(tmp_path):
    """What `pynq get-notebooks pynq-lstm` does, for a device of another name, without network."""
    source = ExtensionsManager.extension_path("pynq_lstm.notebooks")
    deliver_notebooks("anything", source, str(tmp_path), "pynq-lstm", folder=True)
    delivered = sorted(path.name for path in (tmp_path / "pynq-lstm").iterdir())
    assert delivered == sorted(path.name for path in Path(source).glob("*.ipynb")) != []
