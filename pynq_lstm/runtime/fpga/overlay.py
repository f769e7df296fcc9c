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

    Attributes
    ----------
    files : OverlayFiles
    manifest : Manifest
    kernel : LstmKernel
    clock_mhz : float
        Of the kernel, as it is set.

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
        self.files, self.manifest, self.clock_mhz = found, manifest, manifest.clock_mhz
        try:
            super().__init__(str(found.bit), download=False, device=device)
            checks.check_description(manifest, self.ip_dict)  # before anything is changed
            self.reload()
        except PynqLstmError:
            raise
        except Exception as error:  # pynq raises whatever its lower layers do
            raise DeviceError(
                "overlay",
                str(found.bit),
                f"could not be loaded ({type(error).__name__}: {error})",
                "see `pynq-lstm doctor`; on a board run as root",
            ) from error
        self.kernel = self._bind(access)

    def reload(self):
        """Load the bitstream, again if it was: the programmable logic begins anew.

        Raises
        ------
        OverlayError
            The clock cannot be set to what the bitstream was built for, or below.
        """
        self.binfile_name = ""  # else pynq takes what lies under that name, maybe another build
        self.download()
        if self.clock_dict:  # empty where pynq does not know the processor
            self.clock_mhz = checks.fit_clock(self.manifest, pynq.Clocks)

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
