"""An overlay of the emulator as pynq sees it: files, names, clocks, identity."""

import hashlib
import json
import sys
from dataclasses import asdict

import pynq
import pytest
from by_hand import DONE, IDLE, READY, ByHand
from designs import DEFAULT, TINY, WIDE

from pynq_lstm.accelerator import registers
from pynq_lstm.accelerator.identity import MAGIC, VERSION
from pynq_lstm.accelerator.native import Command
from pynq_lstm.errors import DeviceError
from pynq_lstm.runtime.emulator import cache
from pynq_lstm.runtime.emulator.bus import BusError
from pynq_lstm.runtime.emulator.overlay_files import overlay_files
from pynq_lstm.runtime.fpga import files
from pynq_lstm.runtime.fpga.manifest import Manifest


@pytest.fixture
def kernel(device, tiny_files):
    return ByHand(device, tiny_files)


@pytest.mark.parametrize("design", [TINY, DEFAULT, WIDE], ids=lambda design: design.name)
def test_hwh_and_manifest_agree_by_the_parser_of_real_packages(design):
    sys.path.append(str(files.SHIPPED / "common"))
    from hardware_handoff import read_hwh

    made = overlay_files(design)
    system, peripherals = read_hwh(made.hwh)
    manifest = Manifest.load(made.manifest)
    manifest.check_files()
    assert (system["DEVICE"], system["PACKAGE"]) == tuple(design.part.split("-")[:2])
    assert asdict(peripherals["svd_lstm_0"]) == asdict(manifest.kernel)
    assert asdict(peripherals["cycle_counter_0"]) == asdict(manifest.cycle_counter)
    assert manifest.kernel.registers == registers.OFFSETS
    assert files.at(made.bit) == made and made.design == design
    assert json.loads(made.manifest.read_text())["files"][made.bit.name] == (
        hashlib.sha256(made.bit.read_bytes()).hexdigest()
    )


def test_files_that_were_damaged_are_written_again(tmp_path, monkeypatch):
    monkeypatch.setenv(cache.FOLDER, str(tmp_path))
    made = overlay_files(TINY)
    content, stamp = made.hwh.read_bytes(), made.bit.stat().st_mtime_ns
    made.hwh.write_bytes(b"damaged")
    assert overlay_files(TINY) == made
    assert made.hwh.read_bytes() == content
    assert made.bit.stat().st_mtime_ns == stamp
    assert {path.name for path in made.bit.parent.iterdir()} == {
        *(made.bit.name, made.hwh.name, "manifest.json", "design.json")
    }


def test_a_cache_folder_that_cannot_be_written_is_replaced(tmp_path, monkeypatch):
    occupied = tmp_path / "file"
    occupied.write_text("")
    monkeypatch.setenv(cache.FOLDER, str(occupied / "below"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(cache.tempfile, "tempdir", None)
    assert cache.cache_folder().parent == tmp_path


def test_the_cache_folder_is_where_it_should_be(tmp_path, monkeypatch):
    monkeypatch.delenv(cache.FOLDER)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.cache_folder() == tmp_path / "pynq_lstm"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cache.cache_folder() == tmp_path / "home" / ".cache" / "pynq_lstm"


def test_pynq_finds_the_kernel(kernel):
    found = kernel.overlay.ip_dict["svd_lstm_0"]
    assert found["type"] == "pynq-lstm:hls:svd_lstm_tiny:1.0"
    assert (found["phys_addr"], found["addr_range"]) == (0xA0000000, 64 << 10)
    assert kernel.offsets == registers.OFFSETS
    assert kernel.overlay.is_loaded()
    assert kernel.counter.read(0) == registers.COUNTER_ID
    assert {name: entry["access"] for name, entry in found["registers"].items()} == {
        register.name: register.access for register in registers.KERNEL_REGISTERS
    }
    fields = found["registers"]["CTRL"]["fields"]
    assert {name: field["bit_offset"] for name, field in fields.items()} == {
        **{"AP_START": 0, "AP_DONE": 1, "AP_IDLE": 2, "AP_READY": 3, "AUTO_RESTART": 7}
    }


def test_pynq_lists_no_interrupt_that_goes_straight_to_the_processor(kernel):
    """On a board neither: the driver finds the line by itself. The .hwh does say where it goes."""
    assert kernel.overlay.interrupt_pins == {}
    ports = kernel.overlay.parser.md.blocks["svd_lstm_0"].ports
    (there,) = ports["interrupt"].sig()._connections.values()
    assert there.name == "pl_ps_irq0"


def test_the_clock_is_the_designs(kernel):
    if not hasattr(pynq.ps.Clocks, "set_device"):
        # pynq 3.0 chooses its clock driver by the host's processor; the emulator leaves it out
        assert kernel.overlay.clock_dict == {}
        return
    assert kernel.overlay.clock_dict[0]["frequency"] == TINY.clock_mhz
    assert pynq.ps.Clocks.fclk0_mhz == pytest.approx(TINY.clock_mhz, rel=1e-4)


def test_identify(kernel):
    assert all(kernel.read(name) == 0 for name in ("magic", "version", "hash_low", "hash_high"))
    assert kernel.run(Command.IDENTIFY) == 0
    assert (kernel.read("magic"), kernel.read("version")) == (MAGIC, VERSION)
    assert kernel.read("hash_low") | kernel.read("hash_high") << 32 == TINY.hash64


def test_pynqs_own_driver_reaches_the_kernel(kernel):
    found = kernel.overlay.svd_lstm_0
    assert found.register_map.CTRL.AP_IDLE == 1
    found.register_map.CTRL.AP_START = 1
    kernel.wait()
    assert int(found.register_map.magic) == MAGIC


def test_done_is_cleared_by_reading_it(kernel):
    kernel.start(Command.IDENTIFY)
    seen = [kernel.read("CTRL") for _ in range(20)]
    first = seen.index(DONE | IDLE | READY)
    assert set(seen[:first]) <= {1} and set(seen[first + 1 :]) == {IDLE}


def test_outputs_have_a_valid_bit_that_reading_clears(kernel):
    assert kernel.read("status_ctrl") == 0
    kernel.run(Command.IDENTIFY)
    assert [kernel.read("status_ctrl") for _ in range(2)] == [1, 0]


def test_a_second_overlay_invalidates_the_first(device, kernel):
    second = ByHand(device, overlay_files(DEFAULT))
    assert second.overlay.is_loaded() and not kernel.overlay.is_loaded()
    with pytest.raises(RuntimeError, match="not currently loaded"):
        _ = kernel.overlay.svd_lstm_0
    second.run(Command.IDENTIFY)
    assert second.read("hash_low") | second.read("hash_high") << 32 == DEFAULT.hash64
    assert device.downloads == 2


def test_an_overlay_of_another_kind_empties_the_fabric(device, kernel, tiny_files, tmp_path):
    for name in (tiny_files.bit, tiny_files.hwh):
        (tmp_path / name.name).write_bytes(name.read_bytes())
    pynq.Overlay(str(tmp_path / tiny_files.bit.name), device=device)
    with pytest.raises(BusError):
        kernel.read("CTRL")


def test_nothing_answers_before_an_overlay_is_loaded(device, tiny_files):
    kernel = ByHand(device, tiny_files, download=False)
    with pytest.raises(BusError, match="0xa0000000.*load the overlay"):
        kernel.read("CTRL")


@pytest.mark.parametrize("address", [0xB0000000, 0xA0010000 - 4 + 0x2000, 0xA0020000, 0])
def test_an_address_that_nothing_answers_is_a_bus_error(device, kernel, address):
    with pytest.raises(BusError, match=f"{address:#x}") as caught:
        device.read_registers(address, 4)
    assert isinstance(caught.value, (DeviceError, RuntimeError))
    with pytest.raises(BusError):
        device.write_registers(address, bytes(4))


def test_accesses_are_whole_words(device, kernel):
    for address, length in ((0xA0000002, 4), (0xA0000000, 2)):
        with pytest.raises(BusError, match="not whole words"):
            device.read_registers(address, length)


def test_reset_forgets_everything_and_nothing_answers_while_it_is_held(device, kernel):
    kernel.run(Command.IDENTIFY, sequences=7)
    kernel.write(GIER=1, IP_IER=1)
    device.gpio_write(0, 1)
    with pytest.raises(BusError, match="in reset"):
        kernel.read("CTRL")
    with pytest.raises(BusError, match="in reset"):
        kernel.write(CTRL=1)
    assert kernel.counter.read(0) == registers.COUNTER_ID  # this port stays alive
    device.gpio_write(0, 0)
    assert kernel.read("CTRL") == IDLE
    assert [kernel.read(name) for name in ("magic", "sequences", "GIER", "IP_IER")] == [0] * 4
    assert kernel.run(Command.IDENTIFY) == 0


def test_other_outputs_of_the_processor_do_not_reset(device, kernel):
    kernel.run(Command.IDENTIFY)
    device.gpio_write(1, 1)
    assert kernel.read("magic") == MAGIC


def test_closing_empties_the_fabric_and_may_be_repeated(device, kernel):
    device.close()
    device.close()
    with pytest.raises(BusError):
        kernel.read("CTRL")
    assert registers.INTERRUPT_LINE not in pynq.interrupt._InterruptController._uio_devices
