"""An emulated board that remembers what was done with it."""

from pynq_lstm.runtime.emulator.device import EmulatedDevice


class RecordingDevice(EmulatedDevice):
    """`log` is a list of ("read" or "write", address); empty it to begin anew.

    `downloads` is how many overlays were loaded.
    """

    def __init__(self, *arguments, **options):
        self.log, self.downloads = [], 0
        super().__init__(*arguments, **options)

    def read_registers(self, address, length):
        self.log.append(("read", address))
        return super().read_registers(address, length)

    def write_registers(self, address, data):
        self.log.append(("write", address))
        return super().write_registers(address, data)

    def download(self, bitstream, parser=None):
        self.downloads += 1
        super().download(bitstream, parser)
