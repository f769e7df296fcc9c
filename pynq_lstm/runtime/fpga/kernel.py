"""`LstmKernel`: what pynq binds to the kernel of an overlay.

Named by the entry point ``pynq.lib``: pynq imports this module at every ``Overlay()``, so that
the kernel of an overlay of this package is an `LstmKernel` whoever loads it.
"""

from pynq import DefaultIP

from pynq_lstm.accelerator.registers import vlnv
from pynq_lstm.runtime.fpga import checks
from pynq_lstm.runtime.fpga.access import open_access
from pynq_lstm.runtime.fpga.files import designs
from pynq_lstm.runtime.fpga.registers import BoundRegisters


class LstmKernel(DefaultIP):
    """The SVD kernel: its registers by name.

    Parameters
    ----------
    description : dict
        An entry of an overlay's ``ip_dict``.

    Attributes
    ----------
    registers : BoundRegisters
    """

    bindto = [vlnv(design) for design in designs().values()]

    def __init__(self, description):
        super().__init__(description)
        self._offsets = checks.offsets(description)
        self.registers = None
        self.use(None)

    def use(self, way):
        """Choose the way to the registers: "mmio", "memoryview", "c", or None for the fastest.

        Raises
        ------
        DeviceError
            A way that does not exist here.
        """
        access = open_access(self.mmio, self.device, way)
        self.registers = BoundRegisters(access, self._offsets)
