"""The modelled time of a network: of what a session starts, each pass as often as it runs."""

import json

import numpy as np
import pytest
import small_networks as small
from example_matrices import random_layer

import pynq_lstm as pl
from pynq_lstm.accelerator import starts
from pynq_lstm.budgets import costs
from pynq_lstm.cli.main import main

OPTIONS = {"input_range": (-1, 1), "refinements": 12, "progress": False}


@pytest.fixture(scope="module")
def design():
    return pl.Budget(design="svd_lstm").design


def compressed(sizes, **given):
    rng = np.random.default_rng(0)
    return pl.compress(pl.Network([random_layer(rng, *one) for one in sizes], **given), **OPTIONS)


def estimated(capsys, tmp_path, model):
    model.save(tmp_path / "network")
    main(["estimate", str(tmp_path / "network"), "--design", "svd_lstm", "--json"])
    return json.loads(capsys.readouterr().out)["microseconds_per_step"]


def test_layers_run_in_one_start(design, capsys, tmp_path):
    made = compressed([(20, 40), (40, 40), (40, 40)], stacks=[pl.Stack(3)])
    each = [costs.microseconds(one, design) for one in made.passes]
    found = costs.of(made, design)["microseconds"]
    assert found == starts.microseconds([starts.one(made, design)])
    assert found == pytest.approx(estimated(capsys, tmp_path, made))
    assert found < 0.9 * sum(each)


@pytest.mark.parametrize("source, often", [("m0 / 8", 1 / 8), ("last(m0)", 0)])
def test_slower_passes_count_as_often_as_they_run(design, capsys, tmp_path, source, often):
    made = compressed([(20, 40), (40, 40)], wiring=["x0", source])
    each = [costs.microseconds(one, design) for one in made.passes]
    assert len(each) == 2
    found = costs.of(made, design)["microseconds"]
    assert found == pytest.approx(each[0] + often * each[1])
    assert found == pytest.approx(estimated(capsys, tmp_path, made))


def test_a_prefix_takes_the_time_of_a_prefix(design):
    made = compressed([(20, 40), (40, 40)], wiring=["x0", "m0 / 2"])
    whole, short = (starts.of(made, design, r)[0] for r in (None, 1))
    assert [one.refinements for one in short] == [1, 1]
    assert starts.microseconds(short) < starts.microseconds(whole)


def test_what_a_design_does_not_run_has_no_time():
    made = compressed([(20, 40), (40, 40)], stacks=[pl.Stack(2)])
    assert costs.microseconds(made, pl.Budget(design="block_diagonal_lstm").design) is None
    assert costs.microseconds(made, None) is None


def test_a_limit_that_one_start_keeps_is_kept(design):
    """Its passes, one after another, would not."""
    rng = np.random.default_rng(5)
    network = small.stacked(rng)
    given = {"calibration": small.inputs(rng, network, 8), "method": "svd", "weight_bits": 8}
    given.update(form="per_gate", solver="greedy", progress=False)
    least = pl.compress(network, refinements=1, **given)
    limit = 0.9 * sum(costs.microseconds(one, design) for one in least.passes)
    found = pl.search(
        network, budget={"microseconds": limit, "design": "svd_lstm"}, tries=3, **given
    )
    assert found.chosen.fits and found.chosen.microseconds <= limit
