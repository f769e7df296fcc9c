"""The driver of the board on an emulated one."""

import pynq

from pynq_lstm.runtime.emulator.device import EmulatedDevice
from pynq_lstm.runtime.emulator.overlay_files import overlay_files
from pynq_lstm.runtime.fpga import files
from pynq_lstm.runtime.fpga.backend import FpgaBackend

_shared = []  # the emulated board of this process, once there is one


class EmulatorBackend(FpgaBackend):
    """`FpgaBackend` on an `EmulatedDevice`, with an overlay made from a design.

    Sessions share one emulated board, as they would the real one, unless they name options.

    Parameters
    ----------
    model : CompressedModel or Plan
    overlay : str or path, optional
        Name of a design, or path of a .bit; default: the design for the model's activations.
    device : EmulatedDevice, optional
    access : str, optional
        The way to the registers.
    memory_bytes : int, optional
        Contiguous memory of a board of this session's own.
    base : int, optional
        Where that memory begins.
    faults : sequence of str
        Faults that happen once each on a board of this session's own; see
        `pynq_lstm.runtime.emulator.faults`.

    Raises
    ------
    As `FpgaBackend`; BackendError without a C++ compiler.
    """

    name = "emulator"

    def __init__(
        self,
        model,
        overlay=None,
        device=None,
        access=None,
        memory_bytes=None,
        base=None,
        faults=(),
    ):
        options = {"memory_bytes": memory_bytes, "base": base, "faults": tuple(faults) or None}
        options = {name: value for name, value in options.items() if value is not None}
        self._device = None
        if device is None and options:
            device = self._device = EmulatedDevice(**options)
        try:
            super().__init__(model, overlay, device or shared_device(), access)
        except BaseException:
            self._close_device()
            raise

    def close(self):
        """Give buffers and board back; a second call does nothing."""
        try:
            super().close()
        finally:
            self._close_device()

    def _files(self, overlay, model):
        if overlay is not None and str(overlay).endswith(".bit"):
            return files.at(overlay)
        return overlay_files(files.design_for(model, overlay))

    def _close_device(self):
        device, self._device = self._device, None
        if device is not None:
            device.close()


def shared_device():
    """The emulated board of this process; pynq's active device, where that is one or none is."""
    try:
        active = pynq.Device.active_device
    except RuntimeError:  # pynq finds none
        active = None
    if isinstance(active, EmulatedDevice):
        return active
    if not _shared:
        _shared.append(EmulatedDevice())
    if active is None:
        pynq.Device.active_device = _shared[0]
    return _shared[0]
