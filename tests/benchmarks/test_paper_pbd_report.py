"""What the report of the language model makes of the logs, and in which order they come."""

import argparse
from pathlib import Path

import pytest

pytest.importorskip("torch")

from benchmarks.paper_pbd import report
from benchmarks.paper_pbd.jobs import jobs

pytestmark = pytest.mark.torch
WAY = "nlq-4-8-from-dense"


def log(row, seed, *epochs):
    """Of (validation, development) perplexities."""
    epochs = [{"validation": [v], "development": [d], "seconds": 36.0} for v, d in epochs]
    return {"models": [[row, seed]], "epochs": epochs, "device": "cpu"}


def made(logs):
    return {f["figure"]: f for f in report.figures(*report.selected(logs))}


def test_the_epoch_is_chosen_on_the_validation_slice():
    figure = made([log("dense", 1, (90.0, 61.0), (91.0, 60.0))])["dense, development perplexity"]
    assert (figure["value"], figure["validation"]) == (61.0, 90.0)


def test_ways_are_held_against_the_same_seeds_and_judged_of_three():
    logs = [log("dense", seed, (90.0, 60.0 + seed)) for seed in (1, 2, 3)]
    logs += [log(WAY, 1, (90.0, 61.61)), log("dense-again", 1, (90.0, 60.0))]
    found = made(logs)
    over = found[f"{WAY} over the dense float network"]
    assert (over["value"], over["seeds"], "verdict" in over) == (1.0, 1, False)
    assert found[f"{WAY} over dense-again"]["value"] == 2.68
    found = made([*logs, log(WAY, 2, (90.0, 62.7)), log(WAY, 3, (90.0, 63.7))])
    over = found[f"{WAY} over the dense float network"]
    assert (over["value"], over["verdict"]) == (1.08, "missed")
    assert "verdict" not in found[f"{WAY} over dense-again"]


def test_a_second_schedule_is_held_against_one_of_the_dense_network():
    seeds = 1, 2, 3
    logs = [log("dense", seed, (90.0, 62.0)) for seed in seeds]
    logs += [log("dense-again", seed, (90.0, 60.0)) for seed in seeds]
    found = made(logs + [log(WAY, seed, (90.0, 61.0)) for seed in seeds])
    assert found[f"{WAY} over the dense float network"]["verdict"] == "met"
    assert found[f"{WAY} over dense-again"]["verdict"] == "missed"


def test_no_time_of_rows_that_lack_a_seed():
    logs = [log("dense", 1, (90.0, 60.0)), log("dense", 2, (90.0, 60.0))]
    assert report.times(logs)[0]["value"] == 0.01
    assert report.times([*logs, log(WAY, 1, (90.0, 60.0))]) == []


@pytest.mark.parametrize("together", [False, True])
def test_a_teacher_comes_first_and_its_students_depend_on_it(together):
    options = argparse.Namespace(
        rows=["nlq-4-8-distilled", "dense"], seeds=[1, 2], together=together, quick=False,
        epochs=3, rate=3e-3, decay=0.1, dropout=(0.5, 0.5), tied=0, lstm_factor=2.0,
        distillation=0.5, data=Path("data"), text=None, device="cpu", work=Path("work"),
    )  # fmt: skip
    found = list(jobs(options).values())
    teachers, students = found[: len(found) // 2], found[len(found) // 2 :]
    for teacher, student in zip(teachers, students):
        assert student["teacher"]["checkpoint"] == teacher["checkpoint"]
        assert [seed for _, seed in student["models"]] == [seed for _, seed in teacher["models"]]
    options.distillation = 0.7
    again = jobs(options)
    assert [again[job["name"]]["identity"] == job["identity"] for job in teachers + students] == (
        [True] * len(teachers) + [False] * len(students)
    )
