"""`EmulatedDevice`: a ZCU104 for the unmodified pynq library, with the kernel of an overlay."""

import ctypes
from pathlib import Path

import numpy as np
import pynq.interrupt
from pynq import Device, ps
from pynqmetadata.frontends import Metadata
from pynqmetadata.views.runtime import RuntimeMetadataParser

from pynq_lstm.accelerator import native
from pynq_lstm.accelerator.registers import INTERRUPT_LINE, RESET_GPIO
from pynq_lstm.errors import DeviceError
from pynq_lstm.runtime.emulator.bus import Bus
from pynq_lstm.runtime.emulator.cache import cache_folder
from pynq_lstm.runtime.emulator.clock import HostClock, ModelledClock
from pynq_lstm.runtime.emulator.command import CommandUnit
from pynq_lstm.runtime.emulator.cycle_counter import CycleCounter
from pynq_lstm.runtime.emulator.faults import Fault, Faults
from pynq_lstm.runtime.emulator.interrupts import InterruptLine
from pynq_lstm.runtime.emulator.kernel_ip import KernelIp
from pynq_lstm.runtime.emulator.memory import Memory
from pynq_lstm.runtime.emulator.processor import CLOCK_BASES, CLOCK_RANGE, clock_registers
from pynq_lstm.runtime.emulator.timing import Timing
from pynq_lstm.runtime.fpga import files
from pynq_lstm.runtime.fpga.manifest import Manifest


class EmulatedDevice(Device):
    """An emulated board.

    The kernel is the HLS C++ compiled for this machine; it computes when it is started, and what
    it did shows when the modelled time of the command has passed.

    Parameters
    ----------
    tag : str
        A name that no other device has.
    memory_bytes : int
        Contiguous memory for buffers.
    base : int
        Its first address; 0x8_0000_0000 is above 4 GiB.
    faults : iterable of str
        Faults that happen once each, see `Fault`.
    realtime : bool
        Time is the host's; else it passes by register accesses, by ``clock.sleep`` and by waiting
        for the interrupt.

    Attributes
    ----------
    modelled : bool
        True: times of the board are modelled.
    clock : ModelledClock or HostClock
        ``now()`` in seconds and ``sleep(seconds)`` of the board.
    kernel_seconds : float or None
        Modelled time of the last command that ended.
    host_seconds : float or None
        What that took on this machine.
    counters : dict of str to int
        reads, writes (of registers), flush, invalidate, allocate, free.
    downloads : int
        Overlays that were loaded.
    operations : int
        The sum of the counters; what failed counts too.
    bus_faults : int
        Commands that touched memory that is no buffer's: such a one never ends; one whose buffers
        were freed on the way does.
    inputs_changed : int
        RUNs and LOADs whose input was overwritten before their end: a board reads it meanwhile,
        the emulator at the start.
    writes_while_running : int
        Arguments of the kernel that were written before its last command had ended; what that
        does on a board is not defined.
    faults : Faults
    memory : Memory
    """

    modelled = True

    def __init__(
        self, tag="emulator", memory_bytes=256 << 20, base=0x1000_0000, faults=(), realtime=False
    ):
        super().__init__(tag)
        self.name, self.arch = "ZCU104", ps.ZU_ARCH
        self.capabilities = {"REGISTER_RW": True}
        self.clock = HostClock() if realtime else ModelledClock()
        self.faults = Faults(faults)
        self.memory = Memory(base, memory_bytes)
        self.timing = Timing()
        self.interrupt_line = InterruptLine(self.clock, self.faults)
        self.counters = dict.fromkeys(
            ("reads", "writes", "flush", "invalidate", "allocate", "free"), 0
        )
        self.downloads = self.operations = 0
        self.bus_faults = self.inputs_changed = self.writes_while_running = 0
        self.kernel_seconds = self.host_seconds = None
        self._bus, self._kernel, self._attached, self._gpio = Bus(), None, [], {}
        for clocks in CLOCK_BASES:
            self.attach(clocks, CLOCK_RANGE, clock_registers())

    # --- registers

    def attach(self, base, size, model):
        """Let a model with ``read(offset)`` and ``write(offset, value)`` answer at an address."""
        self._bus.attach(base, size, model)

    def read_registers(self, address, length):
        """Bytes of whole words; called by `pynq.MMIO`.

        Raises
        ------
        BusError
            Nothing answers there.
        OSError
            A fault that was switched on.
        """
        self._access("reads")
        return self._bus.read(address, length)

    def write_registers(self, address, data):
        """Write whole words; see `read_registers`."""
        self._access("writes")
        self._bus.write(address, bytes(data))

    def gpio_write(self, index, value):
        """Set an output of the processor to the programmable logic; 1 on `RESET_GPIO` resets."""
        self._gpio[index] = int(value)
        if index == RESET_GPIO and self._kernel is not None:
            if value:
                self._kernel.hold()
            else:
                self._kernel.release()

    # --- memory

    @property
    def live_buffers(self):
        """Buffers that were not given back."""
        return self.memory.live

    def allocate(self, shape, dtype, cacheable=0, **_):
        """A buffer; see `pynq.allocate`. One that is not cacheable needs no flush.

        Raises
        ------
        DeviceError
            There is not as much contiguous memory.
        """
        self._operation("allocate")
        if self.faults.take(Fault.MEMORY_EXHAUSTED):
            raise DeviceError("memory", shape, "exhausted: an emulated fault", "try again")
        return self.memory.allocate(self, shape, dtype, cacheable)

    def flush(self, bo, offset, pointer, size):
        """Let the kernel see what the CPU wrote to a part of a buffer; called by the buffer."""
        self._operation("flush")
        self.memory.copy(bo, offset, _bytes_at(pointer, size), flush=True)

    def invalidate(self, bo, offset, pointer, size):
        """Let the CPU see what the kernel wrote; called by the buffer."""
        self._operation("invalidate")
        self.memory.copy(bo, offset, _bytes_at(pointer, size), flush=False)

    def release(self, bo):
        """Take a buffer's memory back; called by the buffer."""
        self._operation("free")
        self.memory.release(bo)

    def drop(self, bo):
        """The same for a buffer that Python collects; not counted, and nothing can fail."""
        self.memory.drop(bo)

    def get_memory(self, description):
        """The board has one memory."""
        return self

    # --- overlays

    def get_bitfile_metadata(self, bitfile_name, partial=False):
        """What pynq finds in the .hwh beside a .bit.

        It lists no interrupt that goes straight to the processor, neither here nor on a board:
        pynqmetadata only follows those behind an AXI interrupt controller.
        """
        parser = RuntimeMetadataParser(Metadata(input=str(Path(bitfile_name).with_suffix(".hwh"))))
        parser.mem_dict["PSDDR"] = {
            "raw_type": None,
            "used": 1,
            "base_address": self.memory.base,
            "size": self.memory.size,
            "type": "DDR4",
            "streaming": False,
            "idx": 0,
            "tag": "PSDDR",
        }
        parser.refresh_hierarchy_dict()
        if not hasattr(ps.Clocks, "set_device") and ps.CPU_ARCH != ps.ZU_ARCH:
            parser.clock_dict = {}  # pynq 3.0 chooses clocks by the host's processor
        return parser

    def download(self, bitstream, parser=None):
        """Load an overlay: what was in the programmable logic is gone.

        Raises
        ------
        OverlayError
            Its manifest is damaged, or its design is not known.
        BackendError
            There is no C++ compiler.
        """
        self.downloads += 1
        self.clear()
        if Path(bitstream.bitfile_name).with_name("manifest.json").is_file():
            self.program(files.at(bitstream.bitfile_name))
        self.post_download(bitstream, parser, self.name)

    def program(self, overlay):
        """Put the kernel and the cycle counter of an overlay into the programmable logic.

        Parameters
        ----------
        overlay : OverlayFiles
        """
        self.clear()
        manifest = Manifest.load(overlay.manifest)
        library = native.build(overlay.design, cache_folder() / "kernels")
        counter = manifest.cycle_counter and CycleCounter(overlay.design.clock_mhz)
        unit = CommandUnit(library, overlay.design.clock_mhz, self)
        self._kernel = KernelIp(manifest.kernel.registers, unit, counter, self)
        self.interrupt_line.source = self._kernel
        self._place(manifest.kernel, self._kernel)
        if counter:
            self._place(manifest.cycle_counter, counter)
        if self._gpio.get(RESET_GPIO):
            self._kernel.hold()
        pynq.interrupt._InterruptController._uio_devices[INTERRUPT_LINE] = self.interrupt_line

    def clear(self):
        """Empty the programmable logic; what the kernel was at never ends."""
        for base in self._attached:
            self._bus.detach(base)
        self._attached = []
        kernel, self._kernel, self.interrupt_line.source = self._kernel, None, None
        if kernel is not None:
            kernel.hold()

    def gen_cache(self, bitstream, parser=None):
        """Nothing is kept between processes."""

    def know_image(self, image):
        """Model the times of an image's LOAD and RUN exactly; others are estimated.

        Parameters
        ----------
        image : Image
        """
        self.timing.know(image)

    def close(self):
        """Empty the programmable logic, and leave pynq's list of interrupts; may be repeated."""
        self.clear()
        lines = pynq.interrupt._InterruptController._uio_devices
        if lines.get(INTERRUPT_LINE) is self.interrupt_line:
            del lines[INTERRUPT_LINE]

    def _place(self, peripheral, model):
        self.attach(peripheral.base_address, peripheral.address_range, model)
        self._attached.append(peripheral.base_address)

    def _access(self, kind):
        self._operation(kind)
        if self.faults.take(Fault.FAILING_ACCESS):
            raise OSError("emulated fault: an access to a register fails")
        self.clock.access()

    def _operation(self, kind):
        self.operations += 1
        self.counters[kind] += 1
        self.faults.operation()


def _bytes_at(pointer, size):
    return np.ctypeslib.as_array((ctypes.c_uint8 * size).from_address(pointer))
