"""An emulated board that remembers what was done with it."""

from pathlib import Path

from pynq_lstm.accelerator.registers import RESET_GPIO
from pynq_lstm.runtime.emulator.device import EmulatedDevice


class RecordingDevice(EmulatedDevice):
    """`log` is a list of ("read" or "write", address) and ("download", name of the .bit).

    Empty it to begin anew. `resets` is how often the kernel was reset.
    """

    def __init__(self, *arguments, **options):
        self.log, self.resets = [], 0
        super().__init__(*arguments, **options)

    def read_registers(self, address, length):
        self.log.append(("read", address))
        return super().read_registers(address, length)

    def write_registers(self, address, data):
        self.log.append(("write", address))
        return super().write_registers(address, data)

    def download(self, bitstream, parser=None):
        self.log.append(("download", Path(bitstream.bitfile_name).name))
        super().download(bitstream, parser)

    def gpio_write(self, index, value):
        self.resets += index == RESET_GPIO and value == 1
        super().gpio_write(index, value)
