"""Packing: a plan and a design to the memory image of docs/accelerator_image.md."""

from pynq_lstm.accelerator.packing.image import Image, pack

__all__ = ["Image", "pack"]
