"""An exploration as one HTML file: no network, no library, what is hovered or chosen is shown."""

import base64
import hashlib
import html
import json
import math
import re
from collections.abc import Mapping
from importlib import resources

import numpy as np

from pynq_lstm.accelerator.devices import NAMES, Device
from pynq_lstm.errors import InputError, ModelFormatError
from pynq_lstm.model_file import container
from pynq_lstm.plots import marks
from pynq_lstm.plots.explored import LABELS, as_mapping, explored

SCRIPTS = ("text", "scales", "marks", "tooltip", "scatter", "legend", "details", "table", "page")
_HIDDEN = {ord(c): f"\\u{ord(c):04x}" for c in "<>&"}


def write_html(exploration, path, available=None):
    """Write the report of an exploration, a file that appears whole or not at all.

    Parameters
    ----------
    exploration : Exploration or mapping
        The mapping: its `as_dict`.
    path : str or path-like
        An existing file is replaced; where writing fails it stays as it was.
    available : mapping of str to int, optional
        What the device has of each kind of resource. Default: that of the description of the
        exploration's device, where there is one of this name.

    Raises
    ------
    InputError
        Not an exploration, one without candidates, or a path that cannot be written.
    """
    raw = page(exploration, available).encode("utf-8", "replace")
    try:
        container.write(raw, path)
    except ModelFormatError as error:
        raise InputError(error.field, error.value, error.problem, error.remedy) from None


def page(exploration, available=None):
    """The text of the report; arguments and errors as of `write_html`, without a path."""
    told = content(exploration, available)
    style = _file("page.css")
    script = '(function () {\n"use strict";\n'
    script += "\n".join(_file(f"{name}.js") for name in SCRIPTS) + "})();\n"
    policy = f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}"
    parts = {
        "policy": policy,
        "title": html.escape(f"{told['device']}: {told['asked']}"),
        "style": style,
        "data": embedded(told),
        "script": script,
    }
    # in one pass, so that nothing is looked for in what was put in
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], _file("page.html"))


def content(exploration, available=None):
    """What the page's script reads, as a dictionary for JSON.

    Points are the candidates in their order, then the baselines; `front`, `curves` (the own fronts
    of baselines) and `best` are indexes of them.
    """
    whole = _plain(as_mapping(exploration))
    shown = explored(whole)
    points = [
        {**one, "index": n, "baseline": n >= len(shown.candidates)}
        for n, one in enumerate(shown.candidates + shown.baselines)
    ]
    places = {id(one): n for n, one in enumerate(shown.candidates + shown.baselines)}
    engines = dict.fromkeys(one["engine"] for one in points)
    return {
        "asked": shown.asked,
        "device": shown.device,
        "float_value": whole.get("float_value"),
        "left_out": whole.get("left_out") or {},
        "available": _available(shown.device) if available is None else _counts(available),
        "candidates": len(shown.candidates),
        "best": whole["best"],
        "height": shown.height,
        "labels": {"x": shown.time_label, "y": LABELS[shown.height]},
        "front": [places[id(one)] for one in shown.front],
        "curves": [[places[id(one)] for one in found] for found in shown.baseline_fronts],
        "marks": {engine: _mark(engine) for engine in engines},
        "points": points,
    }


def embedded(value):
    """JSON that no HTML parser takes for markup."""
    return json.dumps(value, allow_nan=False).translate(_HIDDEN)


def _available(device):
    # of others the numbers are told, and bars have no length; a path is not followed from here
    return dict(Device.of(device).available) if device in NAMES else None


def _counts(available):
    counts = _plain(available)
    good = isinstance(counts, dict) and all(
        isinstance(n, (int, float)) and math.isfinite(n) for n in counts.values()
    )
    if not good:
        remedy = "pass counts by kind, as Device.available has them"
        raise InputError("available", available, "not a mapping to finite numbers", remedy)
    return counts


def _mark(engine):
    found = marks.mark(engine)
    known = engine in marks.ENGINES or engine in marks.BASELINES
    return {"label": found.label, "marker": found.marker, "known": known}


def _plain(value):
    """For JSON: NumPy's numbers are Python's, and those that are not finite None."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, (np.generic, np.ndarray)):
        return _plain(value.tolist())
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _file(name):
    return (resources.files("pynq_lstm.exploration") / "html" / name).read_text(encoding="utf-8")


def _hash(text):
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
