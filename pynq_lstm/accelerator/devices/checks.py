"""What makes a description of a device valid; every violation names field, value and remedy."""

import math
from dataclasses import fields
from numbers import Integral, Real

from pynq_lstm.errors import DesignError, ModelFormatError
from pynq_lstm.model_file.strict_json import parse as parse_json

REMEDY = "take it from a file in pynq_lstm/accelerator/devices"
TEXTS = ("name", "board", "part", "family", "host")
FAMILIES = ("ultrascale+", "arria10")
MAY_BE_ZERO = ("uram", "host_cores", "host_mhz")
REALS = ("memory_bytes_a_second", "memory_share")
MOST_PRODUCTS = 16


def refuse(name, value, problem, remedy):
    """Raise the error of this module."""
    raise DesignError(f"device.{name}" if name else "device", value, problem, remedy)


def parse(text):
    """The JSON of a description."""
    if not isinstance(text, (str, bytes)):
        refuse("", type(text).__name__, "not the text of a description", "pass str or bytes")
    try:
        return parse_json("device", text)
    except ModelFormatError as error:
        raise DesignError("device", error.value, error.problem, REMEDY) from None


def check_keys(values, names):
    """Check that `values` is an object of exactly the fields `names`."""
    if not isinstance(values, dict):
        refuse("", values, "not an object", f"give it {', '.join(names)}")
    for name in names:
        if name not in values:
            refuse(name, None, "missing", REMEDY)
    for name in values:
        if name not in names:
            refuse(name, values[name], "unknown", f"leave it out; known are {', '.join(names)}")


def check_fields(device):
    """Check every field of a `Device`."""
    numbers = [f.name for f in fields(device) if f.name not in (*TEXTS, "sources")]
    for name in TEXTS:
        value = getattr(device, name)
        if not isinstance(value, str) or not value.strip() or len(value) > 100:
            refuse(name, value, "not a name", "use up to 100 characters")
    if device.family not in FAMILIES:
        refuse("family", device.family, "unknown", f"use one of {', '.join(FAMILIES)}")
    for name in numbers:
        _check_number(name, getattr(device, name))
    if device.memory_share > 1:
        refuse("memory_share", device.memory_share, "more than all of it", "use up to 1")
    for name in ("products_16", "products_8", "products_4"):
        if getattr(device, name) > MOST_PRODUCTS:
            refuse(
                name, getattr(device, name), "no block packs so many", f"{MOST_PRODUCTS} at most"
            )
    if not device.products_4 >= device.products_8 >= device.products_16:
        counts = (device.products_16, device.products_8, device.products_4)
        refuse("products_4", counts, "fewer of narrower factors", "let them not fall")
    if device.highest_clock_mhz < device.clock_mhz:
        low = device.clock_mhz
        refuse("highest_clock_mhz", device.highest_clock_mhz, f"less than {low}", "raise it")
    _check_sources(device.sources, numbers)


def _check_number(name, value):
    real = name in REALS
    kind = Real if real else Integral
    if isinstance(value, bool) or not isinstance(value, kind) or not math.isfinite(value):
        what = "a number" if real else "a whole number"
        refuse(name, value, f"not {what}", f"use {what}")
    if value < 0 or (value == 0 and name not in MAY_BE_ZERO):
        refuse(name, value, "not positive", "use a positive number")


def _check_sources(sources, numbers):
    if not isinstance(sources, dict):
        refuse("sources", sources, "not an object", "give each number its source")
    for name in numbers:
        text = sources.get(name)
        if not isinstance(text, str) or not text.strip():
            refuse(f"sources.{name}", text, "a number without a source", "say where it is from")
    for name in sources:
        if name not in numbers:
            refuse(f"sources.{name}", sources[name], "of no number", "leave it out")
