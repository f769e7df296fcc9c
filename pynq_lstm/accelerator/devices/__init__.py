"""Descriptions of devices: data files, and `Device`, which reads them."""

from pynq_lstm.accelerator.devices.device import NAMES, Device

__all__ = ["NAMES", "Device"]
