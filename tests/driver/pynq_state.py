"""What pynq keeps for the whole process."""


def forget():
    """Leave pynq as a fresh import does: no active device, no clocks, no interrupts."""
    from pynq import Device
    from pynq.interrupt import _InterruptController
    from pynq.ps import Clocks

    for owner, name in ((Clocks, "_real_instance"), (Device, "_active_device")):
        if name in vars(owner):
            delattr(owner, name)
    if "_real_instance" in vars(type(Clocks)):
        del type(Clocks)._real_instance
    if hasattr(Clocks, "device"):
        Clocks.device = None
    _InterruptController._controllers.clear()
    _InterruptController._uio_devices.clear()
    _InterruptController._last_timestamp = None
