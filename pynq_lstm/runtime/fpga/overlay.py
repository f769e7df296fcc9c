"""`LstmOverlay`: an overlay of this package, loaded and found to be the right one."""

import pynq

from pynq_lstm.errors import DeviceError, PynqLstmError
from pynq_lstm.runtime.fpga import checks, files
from pynq_lstm.runtime.fpga.kernel import LstmKernel
from pynq_lstm.runtime.fpga.manifest import Manifest


class LstmOverlay(pynq.Overlay):
    """Load an overlay and compare all that it says of itself with its manifest.

    Nothing is started: whether the kernel itself is the right one, IDENTIFY tells
    (`pynq_lstm.runtime.fpga.board.Board`).

    Parameters
    ----------
    bitfile : path or OverlayFiles
        A .bit with .hwh and manifest.json beside it.
    device : pynq Device, optional
        Default: pynq's active device.
    access : str, optional
        The way to the registers, see `LstmKernel.use`.

    Raises
    ------
    OverlayError
        Files are missing or do not belong together, or pynq read another .hwh.
    DeviceError
        The overlay could not be loaded.
    """

    def __init__(self, bitfile, device=None, access=None):
        found = bitfile if isinstance(bitfile, files.OverlayFiles) else files.at(bitfile)
        manifest = Manifest.load(found.manifest)
        manifest.check_files()
        try:
            super().__init__(str(found.bit), download=False, device=device)
            checks.check_description(manifest, self.ip_dict)  # before anything is changed
            self.download()
        except PynqLstmError:
            raise
        except Exception as error:  # pynq raises whatever its lower layers do
            raise DeviceError(
                "overlay",
                str(found.bit),
                f"could not be loaded ({type(error).__name__}: {error})",
                "see `pynq-lstm doctor`; on a board run as root",
            ) from error
        if self.clock_dict:
            checks.check_clock(manifest, pynq.Clocks.fclk0_mhz)
        self.files, self.manifest = found, manifest
        self.kernel = self._bind(access)

    def _bind(self, access):
        instance = self.manifest.kernel.instance
        kernel = getattr(self, instance)
        if not isinstance(kernel, LstmKernel):  # a design of another name than those that ship
            kernel = LstmKernel({**self.ip_dict[instance], "device": self.device})
        kernel.use(access)
        return kernel

    def counter(self):
        """The cycle counter's registers as a `pynq.MMIO`; None where the design has none."""
        counter = self.manifest.cycle_counter
        if counter is None:
            return None
        return pynq.MMIO(counter.base_address, counter.address_range, device=self.device)
