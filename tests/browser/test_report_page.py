"""The HTML report in a headless Chromium: what is drawn, hovered, chosen and sorted."""

import json
import math
from dataclasses import replace

import pytest
from exploration_examples import baselines, candidate, candidates, exploration

POINTS = [*candidates(), *baselines()]
BEST = exploration().as_dict()["best"]


def point(index):
    return f'.point[data-index="{index}"]'


def mark(index):
    return f"{point(index)} .mark"


def checked(page):
    """Indexes of the point, and of the row, that are shown as chosen."""
    return [
        page.value(f"[...document.querySelectorAll('{what}')].map(e => Number(e.dataset.index))")
        for what in ('.point[aria-checked="true"]', 'tr[aria-selected="true"]')
    ]


def text(page, selector):
    return page.value(f"document.querySelector({json.dumps(selector)}).innerText")


def tooltip(page):
    hidden = page.value("document.getElementById('tooltip').hidden")
    return None if hidden else text(page, "#tooltip")


def ordered_by_time():
    return sorted(range(len(POINTS)), key=lambda n: POINTS[n].microseconds)


@pytest.mark.parametrize(
    "found",
    [
        exploration(),
        exploration([candidate()], ()),
        exploration([replace(one, drop=None, value=None) for one in candidates()], ()),
        exploration([*candidates(), candidate(drop=None)]),
        exploration([candidate(drop=math.nan, energy=math.inf), *candidates()]),
    ],
    ids=["usual", "one", "unvalidated", "partly", "not finite"],
)
def test_no_complaints_and_no_requests(opened, found, tmp_path):
    page = opened(found)
    assert page.complaints() == []
    assert page.requests() == [f"file://{tmp_path}/report.html"]
    rows = page.value("document.querySelectorAll('tbody tr').length")
    assert rows == len(found.candidates) + len(found.baselines)


def test_points_lie_as_their_figures(opened):
    page = opened()
    found = page.value(
        "Object.fromEntries([...document.querySelectorAll('.point')].map(e =>"
        " [e.dataset.index, e.getAttribute('transform').match(/-?[\\d.]+/g).map(Number)]))"
    )
    places = {int(index): place for index, place in found.items()}
    assert sorted(places) == list(range(len(POINTS)))
    for axis, value, sign in ((0, "microseconds", 1), (1, "drop", -1)):
        pairs = sorted(
            (getattr(one, value), sign * places[n][axis]) for n, one in enumerate(POINTS)
        )
        assert [place for _, place in pairs] == sorted(place for _, place in pairs)
    # logarithmic in time: equal ratios are equal distances
    x = [places[n][0] for n in range(len(POINTS))]
    slopes = [
        (x[n] - x[0]) / math.log(POINTS[n].microseconds / POINTS[0].microseconds)
        for n in range(1, len(POINTS))
    ]
    assert max(slopes) == pytest.approx(min(slopes), rel=1e-6)


def test_narrow_ranges_have_ticks(opened):
    found = [candidate(r=r, drop=0.1 * r, microseconds=0.48 + 0.002 * r) for r in (2, 5, 9)]
    page = opened(exploration(found, ()))
    labels = page.value("[...document.querySelectorAll('svg text')].map(t => t.textContent)")
    assert {"0.46", "0.48", "0.5"} <= set(labels)


def test_front_goes_through_its_points(opened):
    page = opened()
    line = page.value("document.querySelector('polyline.front').getAttribute('points')")
    corners = {tuple(map(float, place.split(","))) for place in line.split()}
    told = exploration().as_dict()["candidates"]
    for n, one in enumerate(told):
        place = page.value(
            f"document.querySelector('{point(n)}').getAttribute('transform')"
            ".match(/-?[\\d.]+/g).map(Number)"
        )
        assert (tuple(place) in corners) == one["front"], n


def test_best_is_chosen_at_first(opened):
    page = opened()
    assert checked(page) == [[BEST], [BEST]]
    assert text(page, "#chosen h3") == "SVDn, the best"
    assert page.value(f"document.querySelector('{point(BEST)}').classList.contains('best')")
    assert "310 left out by bound" in text(page, "#summary")


def test_hovering_shows_a_tooltip(opened):
    page = opened()
    assert tooltip(page) is None
    page.hover(mark(25))
    told = tooltip(page)
    assert told.startswith("LSTM-HW, baseline") and "9.1 µs, modelled" in told
    measured = next(n for n, one in enumerate(POINTS) if one.engine == "svdn_sw")
    page.hover(mark(measured))
    told = tooltip(page)
    assert "refinements 16/32" in told and "42 µs, measured" in told and "0.8 points" in told
    page.hover("#title")
    assert tooltip(page) is None
    assert checked(page) == [[BEST], [BEST]]  # nothing was chosen by it


def test_clicking_chooses(opened):
    page = opened()
    index = 24  # dense
    page.click(mark(index))
    assert checked(page) == [[index], [index]]
    assert page.value("location.hash") == f"#p{index}"
    told = text(page, "#chosen")
    one = POINTS[index]
    for part in ("dense", "7.5 µs, modelled", "method", "hidden_v", "clock_mhz", one.limit):
        assert part in told
    assert f"{one.resources['dsp']:,} of 1,728" in told
    assert "90,000 to 126,000 of 230,400" in told


def test_clicking_beside_the_points_chooses_nothing(opened):
    page = opened()
    page.click(mark(24))
    page.click("svg .frame")
    assert checked(page) == [[24], [24]] and page.complaints() == []


def test_bars_have_their_shares(opened):
    page = opened(exploration([candidate(r=80)], ()))
    widths = page.value(
        "[...document.querySelectorAll('.bars')].map(b => [...b.children].map(r =>"
        " [r.children[0].innerText, r.className, ...[...r.querySelectorAll('i')].map(i =>"
        " i.getBoundingClientRect().width / i.parentElement.getBoundingClientRect().width)]))"
    )
    stages, resources = ({name: found for name, *found in rows} for rows in widths)
    assert stages["hidden_v"][1:] == pytest.approx([0.95, 0.95], abs=0.01)
    assert resources["LUT"][1:] == pytest.approx([154_000 / 230_400, 110_000 / 230_400], abs=0.01)
    assert resources["DSP"] == ["over", 1, 1]  # 1,900 of 1,728
    assert resources["URAM"][0] == ""


def test_software_has_no_kernel_to_tell_of(opened):
    page = opened()
    page.click(mark(len(POINTS) - 1))
    told = text(page, "#chosen")
    assert "measured" in told and "Resources" not in told and "Design" not in told


def test_keys_choose_in_the_order_of_time(opened):
    page, order = opened(), ordered_by_time()
    page.value("document.querySelector('[role=radio][tabindex=\"0\"]').focus()")
    here = order.index(BEST)
    for key, to in (
        ("ArrowRight", here + 1),
        ("ArrowDown", here + 2),
        ("ArrowLeft", here + 1),
        ("Home", 0),
        ("ArrowUp", 0),
        ("End", len(order) - 1),
        ("ArrowRight", len(order) - 1),
    ):
        page.press(key)
        assert checked(page) == [[order[to]], [order[to]]], key
        focus = "Number(document.activeElement.dataset.index)"
        assert page.value(focus) == order[to] and tooltip(page) is not None
    page.press("Escape")
    assert tooltip(page) is None


def test_tab_reaches_the_chosen_point_alone(opened):
    page = opened()
    page.press("Tab")
    assert page.value("document.activeElement.dataset.index") == str(BEST)
    page.press("Tab")
    assert page.value("document.activeElement.tagName") == "BUTTON"  # of the table


def test_a_row_chooses(opened):
    page = opened()
    page.click('tr[data-index="2"] td:nth-child(4)')
    assert checked(page) == [[2], [2]]
    page.value("document.querySelector('tr[data-index=\"5\"] button').focus()")
    page.press("Enter")
    assert checked(page) == [[5], [5]]


@pytest.mark.parametrize(
    "title, value",
    [
        ("time, µs", lambda one: one.microseconds),
        ("drop, points", lambda one: one.drop),
        ("cycles", lambda one: one.cycles),
        ("DSP", lambda one: one.resources.get("dsp")),
        ("engine", lambda one: one.engine.replace("_", "-")),
    ],
)
def test_sorting(opened, title, value):
    page = opened()
    titles = page.value("[...document.querySelectorAll('th button')].map(b => b.textContent)")
    button = f"th:nth-child({titles.index(title) + 1}) button"
    rows = "[...document.querySelectorAll('tbody tr')].map(r => Number(r.dataset.index))"
    turns = ["ascending", "descending"]
    # time is sorted already, so that a click turns it round
    for turn in turns[::-1] if title.startswith("time") else turns:
        page.click(button)
        sorts = page.value(
            "[...document.querySelectorAll('th')].map(h => h.getAttribute('aria-sort'))"
        )
        assert sorts == [turn if t == title else None for t in titles]
        found = [value(POINTS[n]) for n in page.value(rows)]
        known = [one for one in found if one is not None]
        key = str.lower if title == "engine" else None
        assert known == sorted(known, key=key, reverse=turn == "descending")
        assert found == known + [None] * (len(found) - len(known)) and len(found) == len(POINTS)


def test_address_chooses(opened):
    page = opened(fragment="#p7")
    assert checked(page) == [[7], [7]]
    page.value("void (location.hash = '#p3')")
    page.value("new Promise(done => setTimeout(done, 50))")
    assert checked(page) == [[3], [3]]


@pytest.mark.parametrize("fragment", ["#p999", "#p-1", "#<b>", "#p1x"])
def test_addresses_of_nothing_choose_the_best(opened, fragment):
    page = opened(fragment=fragment)
    assert checked(page) == [[BEST], [BEST]] and page.complaints() == []


def test_points_without_a_place_are_chosen_in_the_table(opened):
    page = opened(exploration([*candidates(), candidate(drop=None)]))
    index = len(candidates())
    page.click(f'tr[data-index="{index}"] td')
    assert checked(page) == [[], [index]]
    assert "not validated" in text(page, "#chosen")


def test_light_and_dark(opened):
    page, found = opened(), {}
    for scheme in ("light", "dark"):
        wanted = [{"name": "prefers-color-scheme", "value": scheme}]
        page.call("Emulation.setEmulatedMedia", features=wanted)
        found[scheme] = page.value(
            "['background-color', 'color'].map(p => getComputedStyle(document.body)[p])"
        )
    page.call("Emulation.setEmulatedMedia", features=[])

    def grey(colour):
        return sum(map(int, colour[4:-1].split(",")))

    assert grey(found["light"][0]) - grey(found["light"][1]) > 500
    assert grey(found["dark"][1]) - grey(found["dark"][0]) > 500


def test_legend_and_labels(opened):
    page = opened()
    told = text(page, "#legend")
    for name in ("SVDn", "SVD1", "LSTM-HW (baseline)", "front", "modelled: open", "measured"):
        assert name in told
    labels = page.value("[...document.querySelectorAll('svg text')].map(t => t.textContent)")
    assert "microseconds a step, modelled (open) and measured (filled)" in labels
    assert "accuracy drop, points" in labels and "best" in labels
