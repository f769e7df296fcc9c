"""What is told of measurements: ranking, ratios, verdicts, who is missing, the chart."""

import json
import re

import bench_results
import pytest
from cpu import chart, fashion, report, run, tables, variants
from cpu.peers import REQUIRED
from cpu.run import BATCHES
from cpu.shapes import SHAPES

PEERS = {"slow peer": 400.0, "fast peer": 120.0}
OURS = {
    variants.SVD_P8: 10.0,
    variants.SVD: 12.0,
    variants.BLOCKS: 15.0,
    variants.DENSE: 110.0,
}


@pytest.fixture
def measured():
    return bench_results.outcome(OURS, PEERS)


def by_name(entries):
    found = {entry["figure"]: entry for entry in entries}
    assert len(found) == len(entries)  # no figure is told twice
    return found


def test_ratio_is_to_the_fastest_peer(measured):
    table = measured.measurements[0]
    assert table.fastest_peer == "fast peer"
    assert table.ranking == [*OURS, *list(PEERS)[::-1]]
    ratio, interval = table.ratio(variants.SVD_P8)
    assert ratio == pytest.approx(12) and interval == pytest.approx([12, 12])
    assert table.time("fast peer") == pytest.approx(120)  # the median does not see the busy rounds


def test_several_threads_are_judged_by_the_wall(measured):
    table = next(t for t in measured.measurements if t.threads == 2)
    assert table.time("fast peer") == pytest.approx(60)
    assert table.ratio(variants.DENSE)[0] == pytest.approx(120 / 110)


def test_verdicts(measured):
    """12 x of every shape: more than 11 and 8.5, just 12; 8 x of 7; the dense one misses 1.2."""
    found = by_name(report.figures(measured))
    verdicts = {
        (shape, name): found[f"{shape}, batch 1, 1 thread: {name} against fast peer"]
        for shape in ("small", "large", "single")
        for name in OURS
    }
    assert {k: v["verdict"] for k, v in verdicts.items() if "goal" in v} == {
        ("small", variants.SVD_P8): "met",
        ("large", variants.SVD_P8): "met",
        ("single", variants.SVD_P8): "met",
        ("small", variants.BLOCKS): "met",
        ("small", variants.DENSE): "missed",
        ("single", variants.DENSE): "missed",
    }
    assert verdicts["large", variants.SVD_P8]["goal"] == ">= 8.5"


def test_goals_are_missed_by_less():
    measured = bench_results.outcome({**OURS, variants.SVD_P8: 10.2}, PEERS)
    found = by_name(report.figures(measured))
    assert found[f"single, batch 1, 1 thread: {variants.SVD_P8} against fast peer"]["verdict"] == (
        "missed"
    )
    assert found[f"small, batch 1, 1 thread: {variants.SVD_P8} against fast peer"]["verdict"] == (
        "met"
    )


def test_goals_name_what_is_measured():
    names = {variant.name for variant in variants.of_shape(SHAPES[0])}
    for (shape, batch), goals in report.GOALS.items():
        assert shape in {s.name for s in SHAPES} and batch in BATCHES
        assert set(goals) <= names


def test_floors_are_those_of_one_sequence_on_one_thread(measured):
    found = report.floors(measured)
    assert {(t.shape, t.batch, t.threads, name) for t, name, _ in found} == {
        (shape.name, 1, 1, name) for shape in SHAPES for name in OURS
    }
    figure = by_name(report.figures(measured))[f"small: floor of {variants.SVD_P8}"]
    assert figure["minimum_over_floor"] == pytest.approx(10 / figure["value"])


def test_accuracies_have_their_times(measured):
    found = by_name(report.figures(measured))
    told = {name: found[f"accuracy on Fashion-MNIST: {name}"] for name in measured.accuracies}
    assert told[fashion.FLOAT]["microseconds"] == pytest.approx(500)
    assert told[variants.DENSE]["microseconds"] == pytest.approx(OURS[variants.DENSE])
    assert (told[fashion.FLOAT]["value"], told[variants.DENSE]["value"]) == (88.4, 88.0)


def test_figures_are_json(measured):
    assert json.loads(json.dumps(report.figures(measured)))


def test_who_is_left_out(measured):
    assert report.left_out(measured) == {
        "3 threads": "this process has 2 cores",
        "absent (everywhere)": "not installed",
    }
    del measured.measurements[0].left_out["absent"]
    assert "absent (small, batch 32, 1 thread; " in " ".join(report.left_out(measured))


def test_text_names_everyone(measured):
    text = tables.text(measured)
    for name in (*PEERS, *(f"pynq_lstm {name}" for name in OURS)):
        assert len(re.findall(rf"^  {re.escape(name)} ", text, re.M)) == len(measured.measurements)
    assert "left out: absent (everywhere): not installed" in text
    assert re.search(r"^missed: small, batch 1, 1 thread: dense int8 against fast peer", text, re.M)


def test_chart(measured):
    names = [shape.name for shape in SHAPES]
    drawn = chart.svg(measured.measurements, names, BATCHES)
    assert drawn == chart.svg(measured.measurements, names, BATCHES)
    text = drawn.decode()
    assert text.count(f"pynq_lstm {variants.SVD_P8}") >= len(names) * len(BATCHES)
    assert "120 us, 1.00x" in text and "10 us, 12.00x" in text
    assert len(drawn) < 200_000


def test_no_headline_without_its_peers():
    for peer in REQUIRED:
        with pytest.raises(RuntimeError, match=f"no comparison without {peer.name}: gone"):
            run.demand({peer.name: "gone"}, batch=1)
    run.demand({"ncnn int8": "takes one sequence only"}, batch=32)
    run.demand({"PyTorch float32": "gone"}, batch=1)
