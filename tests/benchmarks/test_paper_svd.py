"""Claims of the first paper: fronts and ratios, against ones by hand."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from exploration_examples import candidate

from benchmarks.paper_svd import claims, report
from benchmarks.paper_svd.candidates import of_rows


def points(*pairs, engine="svdn"):
    made = [candidate(microseconds=time, drop=drop, mse=10.0**drop) for time, drop in pairs]
    return [replace(one, engine=engine) for one in made]


def test_the_front_is_what_none_beats():
    given = points((3, 1), (1, 5), (2, 5), (2, 2), (4, 1))
    assert [(one.microseconds, one.drop) for one in claims.front(given)] == [(1, 5), (2, 2), (3, 1)]


def test_fastest_and_least():
    given = points((3, 1), (1, 5), (2, 2))
    assert claims.fastest(given, 2).microseconds == 2
    assert claims.fastest(given, 0.5) is None
    assert claims.least(given, 2.5) == 2
    assert claims.least(given, 0.5) is None


def test_the_ratio_is_of_the_fastest_that_is_no_worse():
    ours, others = points((1, 2), (2, 1)), points((2, 2), (6, 1), (9, 0.5))
    assert claims.time_ratio(ours, others) == (2.5, 3)  # none of ours has 0.5
    assert claims.time_ratio(points((1, 9)), others) == (None, None)


def test_streamed_words_take_their_time():
    rows = [
        {**one.as_dict(), "words": words, "budget": 9}
        for one, words in zip(points((1, 2), (1, 1)), (134_400, 13))
    ]
    bound = report.streamed([*rows, {"engine": "lstm_hw"}])
    assert [row["microseconds"] for row in bound] == pytest.approx([10, 1])  # 13.44 GB/s


def test_figures_of_a_task():
    task = SimpleNamespace(
        name="task",
        accuracy=lambda infer: 88.4,
        network=SimpleNamespace(infer_logits=None),
        budgets=(9,),
    )
    ours = points((1, 0.4), (2, 0.1))
    others = points((3, 0.4), (5, 0.05), engine="svd1_hw")
    rows = [{**one.as_dict(), "words": 1, "budget": 9} for one in ours + others]
    rows.append({**points((4, 0.0), engine="lstm_hw")[0].as_dict(), "budget": 9})
    software = [
        {**one.as_dict(), "how": how}
        for how in ("measured", "modelled")
        for one in points((40, 0.0), engine="lstm_sw") + points((10, 0.3), engine="svdn_sw")
    ]
    found = {one["figure"]: one for one in report.figures(task, rows, software)}
    ratio = found["SVD1-HW's time over SVDn-HW's for no more drop, task, at most 9 DSPs"]
    assert ratio["value"] == 3 and ratio["slides"] == "2 times"
    assert found["SVDn-HW, at most 0.5 points, task, at most 9 DSPs"]["value"] == 1
    assert found["least drop within 1.000 us, SVD1-HW, task, at most 9 DSPs"]["value"] is None
    assert found["LSTM-HW, no states around loops, task, at most 9 DSPs"]["value"] == 4
    assert found["SVDn-SW, task, Cortex-A53, one core"]["value"] == 10
    assert len(of_rows(rows)) == 5
