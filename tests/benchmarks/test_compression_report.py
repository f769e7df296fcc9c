"""What the report of fine-tuned components makes of the logs."""

import numpy as np
import pytest

pytest.importorskip("torch")

from benchmarks.compression import report, rows

pytestmark = pytest.mark.torch
NAME = "Fashion-MNIST"
COUNT = 400


def text(right):
    return "".join("01"[int(r)] for r in right)


def log(row, seed, tuned, share=8.5, name=NAME, validation=90.0):
    """Of a float network that is right but for the first 40 examples."""
    right = np.arange(COUNT) >= 40
    found = {
        "share": share - 0.1, "relative error": 0.5, "tuning seconds": 10.0,
        "right": {"float": text(right), "raw": text(right & False), "tuned": text(tuned),
                  "simulated": text(right)},
        "validation": {"float": 90.0, "tuned": validation},
    }  # fmt: skip
    return {"set": name, "row": row, "share": share, "seed": seed, "found": found, "seconds": 12.0}


def worse(count, first=40):
    """Right as the float network is, but for some more examples."""
    right = np.arange(COUNT) >= 40
    right[first : first + count] = False
    return right


def made(logs):
    return {figure["figure"]: figure for figure in report.figures(logs)}


def test_a_drop_is_paired_and_the_mean_of_the_seeds():
    logs = [log(rows.GREEDY, seed, worse(count)) for seed, count in ((1, 2), (2, 4), (3, 0))]
    figure = made(logs)[f"{NAME}, at most 8.5 %: {rows.GREEDY}"]
    assert figure["value"] == 0.5 and figure["seeds"] == 3
    lost = np.zeros(COUNT)
    lost[40:42], lost[42:44] = 2 / 3, 1 / 3
    reach = 196 * lost.std(ddof=1) / COUNT**0.5
    assert figure["drop_interval_95"] == [round(0.5 - reach, 2), round(0.5 + reach, 2)]
    assert (figure["accuracy_float"], figure["accuracy_raw"]) == (90.0, 0.0)
    assert figure["accuracy_tuned"] == 89.5


def test_examples_won_and_lost_widen_the_interval_though_the_drop_is_none():
    right = np.arange(COUNT) >= 40
    swapped = right.copy()
    swapped[:20], swapped[40:60] = True, False
    (plain,), (mixed,) = (
        [report.drop([log(rows.GREEDY, 1, tuned)["found"]]) for tuned in [one]]
        for one in (right, swapped)
    )
    assert plain == (0.0, 0.0)
    assert mixed[0] == 0.0 and mixed[1] == pytest.approx(196 * (0.1 / 399) ** 0.5)


def test_the_row_of_a_goal_is_chosen_on_the_validation_split():
    logs = [log(rows.GREEDY, seed, worse(0), validation=89.0) for seed in (1, 2, 3)]
    logs += [log(rows.STACKED, seed, worse(3), validation=91.0) for seed in (1, 2, 3)]
    logs += [log(rows.SEPARATE, seed, worse(0), validation=99.0) for seed in (1, 2, 3)]
    logs += [log(rows.BCD, 1, worse(0), validation=99.0)]  # not all seeds yet
    goal = made(logs)[f"{NAME}, at most 8.5 % of the parameters: drop"]
    assert goal["row_best_on_validation"] == rows.STACKED  # u and v of the other are not shared
    assert (goal["value"], goal["goal"], goal["verdict"]) == (0.75, "<= 0.5", "missed")
    logs = [log(rows.STACKED, seed, worse(8), share=4.2) for seed in (1, 2, 3)]
    goal = made(logs)[f"{NAME}, at most 4.2 % of the parameters: drop"]
    assert (goal["value"], goal["goal"], goal["verdict"]) == (2.0, "<= 2", "met")


@pytest.mark.parametrize("name", ["JapaneseVowels", NAME])
def test_the_goals_are_of_both_tasks(name):
    for share, limit, count in ((8.5, "<= 0.5", 3), (4.2, "<= 2", 8)):
        logs = [log(rows.BCD, seed, worse(count), share, name) for seed in (1, 2, 3)]
        goal = made(logs)[f"{name}, at most {share} % of the parameters: drop"]
        assert goal["goal"] == limit
        assert goal["verdict"] == ("met" if share == 4.2 else "missed")


def test_drops_of_the_seeds_and_their_spread():
    logs = [log(rows.BCD, seed, worse(count)) for seed, count in ((3, 0), (1, 2), (2, 4))]
    found = made(logs)
    for kind in (f": {rows.BCD}", " of the parameters: drop"):
        figure = found[f"{NAME}, at most 8.5 %{kind}"]
        assert figure["drops_by_seed"] == [0.5, 1.0, 0.0] and figure["spread_of_seeds"] == 0.5
    alone = made(logs[:1])[f"{NAME}, at most 8.5 %: {rows.BCD}"]
    assert alone["drops_by_seed"] == [0.0] and "spread_of_seeds" not in alone


@pytest.mark.parametrize("name, seeds", [(NAME, (1, 2)), ("ordinary Fashion-MNIST", (1, 2, 3))])
def test_no_verdict_of_two_seeds_or_of_another_network(name, seeds):
    logs = [log(rows.STACKED, seed, worse(0), name=name) for seed in seeds]
    goal = made(logs)[f"{name}, at most 8.5 % of the parameters: drop"]
    assert "goal" not in goal and "verdict" not in goal


def test_what_training_does_not_simulate_is_reported():
    logs = [log(rows.STACKED, 1, worse(4)), {**log(rows.BCD, 1, worse(0)), "found": None}]
    found = made(logs)
    figure = found["exported integers less what training simulates, mean accuracy"]
    assert (figure["value"], figure["largest"], figure["models"]) == (-1.0, 1.0, 1)
    assert found["all models, one after another"]["value"] == 0.4


def test_the_control_has_no_share_and_no_part_in_a_goal():
    control = log(rows.CONTROL, 1, worse(2), share=rows.WHOLE)
    for key in ("share", "relative error"):
        del control["found"][key]
    del control["found"]["right"]["raw"], control["found"]["right"]["simulated"]
    found = made([control])
    assert set(found) == {f"{NAME}: {rows.CONTROL}", "all models, one after another"}
    assert found[f"{NAME}: {rows.CONTROL}"]["value"] == 0.5


@pytest.mark.parametrize("share", rows.SHARES)
@pytest.mark.parametrize("name, dense, inputs, hidden, models", [
    (NAME, 159_744, 28, 128, 2), ("JapaneseVowels", 44_800, 12, 100, 1)])  # fmt: skip
def test_every_row_stays_within_its_share(name, dense, inputs, hidden, models, share):
    for row, kind in rows.ROWS.items():
        asked = rows.settings(name, row, share, dense)
        if asked is None or kind.control:
            continue
        if kind.words:
            assert asked["words"] <= share / 100 * dense
            continue
        lists, width = (1, 4) if kind.stacked else (4, 1)
        owners = models if kind.alone else 1
        words = sum(
            owners * count * lists * (size + width * hidden + models / owners)
            for count, size in zip(asked["refinements"], (inputs, hidden))
        )
        assert words <= share / 100 * dense
