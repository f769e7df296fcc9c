"""The record of executed instructions: what it keeps, and when a change is for the worse."""

import pytest
from aarch64 import history

FIGURES = {"per MAC, 2 models": 0.25, "session.infer": 400_000.0}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "record.csv"


def test_commits_are_kept_in_their_order(path):
    history.record("a", FIGURES, path)
    history.record("b", {"session.infer": 390_000.0}, path)
    assert history.load(path) == {"a": FIGURES, "b": {"session.infer": 390_000.0}}
    assert list(history.load(path)) == ["a", "b"]


def test_a_commit_that_is_measured_again_is_the_last(path):
    for commit, value in (("a", 3.0), ("b", 2.0), ("a", 1.0)):
        history.record(commit, {"session.infer": value}, path)
    assert history.load(path) == {"b": {"session.infer": 2.0}, "a": {"session.infer": 1.0}}
    assert list(history.load(path)) == ["b", "a"]


def test_what_grows_beyond_the_tolerance_is_told(path):
    history.record("a", {name: 2 * value for name, value in FIGURES.items()}, path)
    history.record("b", FIGURES, path)
    within = {name: value * (1 + history.TOLERANCE / 2) for name, value in FIGURES.items()}
    beyond = {**within, "session.infer": 420_000.0}
    assert history.grown(within, path) == []
    assert history.grown({name: value / 2 for name, value in FIGURES.items()}, path) == []
    assert history.grown(beyond, path) == ["session.infer: 4.2e+05, +5.0% beyond the last record"]


def test_figures_that_come_or_go_are_told(path):
    assert history.grown(FIGURES, path) == [f"{name}: not recorded" for name in sorted(FIGURES)]
    history.record("a", FIGURES, path)
    renamed = {"per MAC, 2 models": 0.25, "infer": 1.0}
    assert history.grown(renamed, path) == ["infer: not recorded", "session.infer: not measured"]


def test_the_record_that_ships_can_be_read():
    recorded = history.load()
    assert recorded
    assert all(value > 0 for figures in recorded.values() for value in figures.values())
