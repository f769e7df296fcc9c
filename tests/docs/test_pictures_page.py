"""The page of the pictures names every function, and its pictures are small and in use."""

import re
import struct
from pathlib import Path

from pynq_lstm import plots

DOCS = Path(__file__).resolve().parents[2] / "docs"
LARGEST = 60_000  # bytes
PAGE = (DOCS / "pictures.md").read_text(encoding="utf-8")


def test_every_function_is_named():
    told = re.findall(r"`(?:plots\.)?(\w+)\(", PAGE)
    assert set(plots.__all__) - {"axis"} <= set(told)


def test_every_picture_is_shown_and_small():
    shown = set(re.findall(r"!\[[^]]+\]\((pictures/\w+\.png)\)", PAGE))
    assert shown == {f"pictures/{path.name}" for path in (DOCS / "pictures").iterdir()}
    for name in shown:
        raw = (DOCS / name).read_bytes()
        assert raw.startswith(b"\x89PNG") and len(raw) < LARGEST, name
        width, height = struct.unpack(">II", raw[16:24])
        assert 400 <= width <= 800 and 300 <= height <= 800, name
