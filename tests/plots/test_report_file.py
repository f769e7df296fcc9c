"""The file of a report: one piece, no address, data that is no markup, written whole."""

import json
import math
import os
import re
from html.parser import HTMLParser
from importlib import resources

import numpy as np
import pytest
from exploration_examples import baselines, candidate, candidates, exploration

import pynq_lstm as pl
from pynq_lstm.accelerator.devices import Device
from pynq_lstm.exploration import report
from pynq_lstm.plots import marks

AVAILABLE = {"dsp": 1728, "lut": 230_400}


class Page(HTMLParser):
    """Tags, and the text of each kind of element."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.texts = [("", {})], {}
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.texts.setdefault(self.tags[-1][0], []).append(data)


def data_of(text):
    parsed = Page(text)
    scripts = [dict(attributes) for tag, attributes in parsed.tags if tag == "script"]
    assert scripts == [{"type": "application/json", "id": "data"}, {}]
    return json.loads(parsed.texts["script"][0])


def test_data_is_the_exploration():
    found = exploration()
    data = data_of(report.page(found, AVAILABLE))
    told = found.as_dict()
    assert data["candidates"] == len(told["candidates"]) and data["best"] == told["best"]
    for n, (point, one) in enumerate(
        zip(data["points"], [*told["candidates"], *told["baselines"]])
    ):
        assert {**one, "index": n, "baseline": n >= data["candidates"]} == point
    assert len(data["points"]) == len(told["candidates"]) + len(told["baselines"])
    assert sorted(data["front"]) == [n for n, c in enumerate(told["candidates"]) if c["front"]]
    assert data["available"] == AVAILABLE and data["left_out"] == told["left_out"]
    assert (data["asked"], data["device"], data["float_value"]) == (found.asked, "zcu104", 87.9)


def test_devices_are_known_by_name():
    assert report.content(exploration())["available"] == dict(Device.of("zcu104").available)
    assert report.content(exploration(device="another"))["available"] is None


def test_curves_are_baselines_of_several_points_by_time():
    first = len(candidates())
    others = baselines()
    data = report.content(exploration(others=[others[3], others[0], others[1]]))
    assert data["curves"] == [[first + 2, first]]


def test_a_curve_is_of_one_kind_and_leaves_out_what_is_beaten():
    others = [
        candidate("svdn_sw", drop=drop, microseconds=time, how=how)
        for how, time, drop in (
            ("modelled", 9.0, 2.0),
            ("measured", 3.0, 2.0),
            ("modelled", 12.0, 3.0),  # slower, and it loses more
            ("measured", 4.0, 1.0),
            ("modelled", 15.0, 1.0),
        )
    ]
    first = len(candidates())
    data = report.content(exploration(others=others))
    assert data["curves"] == [[first, first + 4], [first + 1, first + 3]]


def test_a_dictionary_gives_the_same_page():
    told = json.loads(json.dumps(exploration().as_dict()))
    assert report.page(told) == report.page(exploration())


def test_pages_are_reproducible():
    assert report.page(exploration()) == report.page(exploration())


@pytest.mark.parametrize(
    "name", ["</script>", "<!--", "]]>", "&amp;", "\u2028", "\ud800", "\\u003c"]
)
def test_data_is_never_markup(name):
    text = report.page(exploration([candidate(limit=name)], asked=name))
    raw = text.split('id="data">')[1].split("</script>")[0]
    assert not set("<>&\u2028\u2029") & set(raw)
    data = json.loads(raw)
    assert data["asked"] == data["points"][0]["limit"] == name


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, np.float32("nan")])
def test_numbers_that_are_not_finite_are_not_known(value):
    one = candidate(energy=value, intensity=np.float64(2.5), bytes=np.int64(7))
    (point,) = data_of(report.page(exploration([one], ())))["points"]
    assert (point["energy"], point["intensity"], point["bytes"]) == (None, 2.5, 7)


def test_without_validation_points_are_placed_by_error():
    found = [candidate(r=r, drop=None, microseconds=r) for r in (8, 4, 16, 12)]
    data = report.content(exploration([*found, candidate(r=2, drop=None, microseconds=30)], ()))
    assert data["height"] == "mse" and data["front"] == [1, 0, 3, 2]
    assert data["labels"]["y"] == "mean squared error of the weights"


def test_nothing_is_fetched():
    text = report.page(exploration())
    assert re.findall(r"https?://[^\"']*", text) == ["http://www.w3.org/2000/svg"]  # a name
    for tag, attributes in Page(text).tags:
        assert not {"src", "href", "action"} & set(attributes), tag
    (policy,) = [a["content"] for _, a in Page(text).tags if "http-equiv" in a]
    assert policy.startswith("default-src 'none'; ") and "unsafe" not in policy


def test_no_mark_of_the_template_is_left():
    assert not re.search(r"\{\{\w+\}\}", report.page(exploration()))
    assert "{{script}}" in report.page(exploration(asked="{{script}}"))


def test_colours_and_shapes_are_those_of_the_plots():
    folder = resources.files("pynq_lstm.exploration") / "html"
    style = (folder / "page.css").read_text(encoding="utf-8")
    light = style[: style.index("@media")]
    for engine, mark in marks.ENGINES.items():
        assert f"--{engine.replace('_', '-')}: {mark.colour.lower()};" in light
        assert f".e-{engine} {{" in style
    assert f"--baseline: {marks.BLACK};" in light and f"--other: {marks.GREY};" in light
    shapes = (folder / "marks.js").read_text(encoding="utf-8")
    known = [*marks.ENGINES, *marks.BASELINES, "another"]
    for engine in known:
        assert f'"{marks.mark(engine).marker}": "M' in shapes
    for baseline in marks.BASELINES:
        assert re.search(rf"\.e-{baseline}\b[^}}]*--baseline", style)


def test_every_file_of_the_folder_is_used():
    folder = resources.files("pynq_lstm.exploration") / "html"
    scripts = {path.name for path in folder.iterdir() if path.name.endswith(".js")}
    assert scripts == {f"{name}.js" for name in report.SCRIPTS}


def test_an_existing_file_is_replaced(tmp_path):
    path = tmp_path / "report.html"
    path.write_text("old")
    report.write_html(exploration(), path, AVAILABLE)
    assert path.read_text(encoding="utf-8") == report.page(exploration(), AVAILABLE)
    assert os.listdir(tmp_path) == ["report.html"]


def test_where_writing_fails_the_old_file_stays(tmp_path, monkeypatch):
    path = tmp_path / "report.html"
    path.write_text("old")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(pl.InputError, match="cannot be written"):
        report.write_html(exploration(), path)
    assert path.read_text() == "old" and os.listdir(tmp_path) == ["report.html"]


def test_refusals(tmp_path):
    for path in (tmp_path, tmp_path / "no" / "report.html", None):
        with pytest.raises(pl.InputError, match="path"):
            report.write_html(exploration(), path)
    with pytest.raises(pl.InputError, match="as_dict"):
        report.write_html(3, tmp_path / "report.html")
    with pytest.raises(pl.InputError, match="explore further"):
        report.write_html({**exploration().as_dict(), "candidates": []}, tmp_path / "report.html")
    assert os.listdir(tmp_path) == []


def test_what_is_available_is_finite_numbers_by_kind():
    told = report.content(exploration(), {"dsp": np.int64(7), "bram36": 1.5})
    assert told["available"] == {"dsp": 7, "bram36": 1.5}
    for wrong in (5, [1], {"dsp": float("nan")}, {"dsp": "many"}):
        with pytest.raises(pl.InputError, match="available = "):
            report.content(exploration(), wrong)
