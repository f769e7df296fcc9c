"""The wire that resets the kernel: a GPIO of the processor."""

from pynq_lstm.errors import DeviceError

HOLD = 1e-3  # seconds; proc_sys_reset filters what is shorter than some clock cycles
SETTLE = 1e-3  # it lets go of its outputs one after another


class ResetLine:
    """Resets the kernel and its way to memory; the registers may be touched only after a pulse.

    Parameters
    ----------
    device : pynq.Device
        An emulated device takes ``gpio_write(index, value)``; a remote one has a GPIO service;
        elsewhere the line is a GPIO of this machine.
    index : int
        Number of the wire among those that the processor has for its logic (EMIO).

    Raises
    ------
    DeviceError
        There is no such line.
    """

    def __init__(self, device, index):
        self._index = index
        try:
            self._write = _writer(device, index)
        except Exception as error:  # pynq lets through whatever the file system or gRPC raises
            raise DeviceError(
                "reset line",
                index,
                f"there is none: {type(error).__name__}: {error}",
                "run as root on the board, with its GPIO driver",
            ) from error

    def hold(self):
        """Reset the kernel and leave it so, until the next `pulse`."""
        self._write(1)

    def pulse(self, clock):
        """Reset the kernel.

        Parameters
        ----------
        clock : object
            ``sleep(seconds)`` waits.

        Raises
        ------
        DeviceError
            The line cannot be written.
        """
        try:
            try:
                self._write(1)
                clock.sleep(HOLD)
            finally:
                self._write(0)
            clock.sleep(SETTLE)
        except Exception as error:
            raise DeviceError(
                "reset line",
                self._index,
                f"cannot be pulsed: {type(error).__name__}: {error}",
                "load the overlay again",
            ) from error


def _writer(device, index):
    """A function that sets the line to 0 or 1."""
    if hasattr(device, "gpio_write"):
        return lambda value: device.gpio_write(index, value)
    if device.has_capability("REMOTE"):
        from pynq.pl_server.remote_device import RemoteGPIO

        pin = RemoteGPIO.get_gpio_pin(index, device=device)
        return RemoteGPIO(pin, "out", device=device).write
    from pynq import GPIO

    return GPIO(GPIO.get_gpio_pin(index), "out").write
