"""The ways to registers on pynq's own MMIO: of a device that is mapped, and of the emulator."""

import mmap

import numpy as np
import pynq
import pytest
from pynq import Device

from pynq_lstm.accelerator.registers import KERNEL_BASE, KERNEL_RANGE, OFFSETS
from pynq_lstm.errors import DeviceError
from pynq_lstm.runtime.fpga.access import open_access
from pynq_lstm.runtime.fpga.waiting import HostClock


class MappedDevice(Device):
    """Registers are memory, as pynq maps them on a board."""

    def __init__(self):
        super().__init__("mapped")
        self.capabilities = {"MEMORY_MAPPED": True}
        self._memory = mmap.mmap(-1, KERNEL_RANGE)

    def mmap(self, base, length):
        return np.frombuffer(self._memory, np.uint32, length >> 2, 0)


@pytest.mark.parametrize("way", ["c", "memoryview", "mmio"])
def test_all_ways_see_the_same_registers(way):
    device = MappedDevice()
    mmio = pynq.MMIO(KERNEL_BASE, KERNEL_RANGE, device=device)
    access = open_access(mmio, device, way)
    access.write(0x20, 0xDEADBEEF)
    assert mmio.read(0x20) == access.read(0x20) == 0xDEADBEEF
    mmio.write(0x24, 7)
    assert access.read(0x24) == 7
    assert access.start_and_spin(0x28, 3, 2, 10, HostClock) == 3 == mmio.read(0x28)
    assert open_access(mmio, device).name == "c"


def test_emulated_registers_go_through_mmio(device, tiny_files):
    device.program(tiny_files)
    mmio = pynq.MMIO(KERNEL_BASE, KERNEL_RANGE, device=device)
    access = open_access(mmio, device)
    assert access.name == "mmio"
    access.write(OFFSETS["command"], 0)  # IDENTIFY
    before = dict(device.counters)
    assert access.start_and_spin(OFFSETS["CTRL"], 1, 2, 1.0, device.clock) & 2
    assert device.counters["writes"] == before["writes"] + 1
    assert access.read(OFFSETS["magic"]) == 0x4D54534C
    for way in ("c", "memoryview"):
        with pytest.raises(DeviceError, match="not mapped"):
            open_access(mmio, device, way)


def test_a_spin_ends_by_the_emulated_clock(device, tiny_files):
    device.program(tiny_files)
    access = open_access(pynq.MMIO(KERNEL_BASE, KERNEL_RANGE, device=device), device)
    device.faults.add("no_ap_done")
    begin = device.clock.now()
    assert not access.start_and_spin(OFFSETS["CTRL"], 1, 2, 50e-6, device.clock) & 2
    assert 50e-6 <= device.clock.now() - begin < 60e-6  # modelled time
