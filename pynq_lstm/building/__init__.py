"""Overlays built from an installed package: a work folder, make, and the vendor's tools."""

from pynq_lstm.building.build import STEPS, Build, build

__all__ = ["STEPS", "Build", "build"]
