"""Designs for the tests: those that ship, and variants."""

from dataclasses import replace
from pathlib import Path

from pynq_lstm.accelerator.design import Design

OVERLAYS = Path(__file__).parents[2] / "overlays"
NAMES = ("svd_lstm", "svd_lstm_tiny", "svd_lstm_wide")


def shipped(name):
    return Design.load(OVERLAYS / name / "design.json")


TINY, DEFAULT, WIDE = shipped("svd_lstm_tiny"), shipped("svd_lstm"), shipped("svd_lstm_wide")
TINY_WIDE = replace(TINY, name="tiny_wide", activation_bits=16, p_bits=16)
