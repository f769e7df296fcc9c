"""What a search cannot do is said by name, with what would do, before any work where possible."""

import re

import numpy as np
import pytest
import small_networks as small

import pynq_lstm as pl

NETWORK = small.network(np.random.default_rng(0))
X = small.inputs(np.random.default_rng(1), NETWORK, 4)
LABELS = np.zeros(4, int)
ASKED = {"budget": {"bytes": 2000}}


@pytest.mark.parametrize(
    "given, text",
    [
        ({}, "budget = None: neither a budget nor max_drop; pass one of them, or both"),
        ({"budget": {}}, "budget = None: without a limit; pass one or several of ['bytes'"),
        ({"budget": {"design": "svd_lstm"}}, "budget = None: without a limit"),
        ({"budget": {"bits": 3}}, "budget.bits = 3: unknown; choose from ['bytes', 'words'"),
        ({"budget": 20_000}, "budget = 20000: not a Budget; pass Budget(bytes=...)"),
        ({"max_drop": 1}, "validate = None: a drop needs data to measure it; pass validate=(x"),
        (
            {"max_drop": -1, "validate": (X, LABELS)},
            "max_drop = -1: not a number of at least 0; pass one",
        ),
        ({"max_drop": "1", "validate": (X, LABELS)}, "max_drop = '1': not a number of at least 0"),
        ({**ASKED, "cost": "time"}, "cost = 'time': unknown; choose from ['bytes'"),
        ({**ASKED, "cost": "microseconds"}, "cost = 'microseconds': a time needs a design"),
        ({**ASKED, "tries": 0}, "tries = 0: not a whole number of at least 1; pass one"),
        ({**ASKED, "tries": 2.5}, "tries = 2.5: not a whole number of at least 1"),
        ({**ASKED, "seconds": -1}, "seconds = -1: not a number of at least 0"),
        ({**ASKED, "method": "svdn"}, "method = 'svdn': unknown; choose from ['svd', 'dense'"),
        ({**ASKED, "rank": 3}, "rank = 3: not one of ['svd', 'dense', 'block_diagonal']; choose"),
        (
            {**ASKED, "method": "dense", "solver": "bcd"},
            "solver = 'bcd': no option of method 'dense'; choose from ['activation_bits', 'w",
        ),
        (
            {**ASKED, "solver": "bcd", "block_rank": 4},
            "solver = 'bcd': not an option of one method together with ['block_rank']",
        ),
        ({**ASKED, "refinements": 0}, "refinements = 0: outside 1 to 10 for the input part"),
        ({**ASKED, "weight_bits": 5}, "weight_bits = 5: not supported; choose from [4, 8]"),
        ({**ASKED, "validate": 3}, "validate = 'int': neither (x, labels), (x, labels, lengths)"),
        ({**ASKED, "validate": (X,)}, "validate = 'tuple': neither (x, labels)"),
        (
            {**ASKED, "validate": (X[0], LABELS)},
            "validate: x = (4, 6, 5): not one entry for each of 2 models",
        ),
        ({**ASKED, "validate": (X, LABELS[:3])}, "validate: labels = 'int64(3,)': not 4 integers"),
        ({**ASKED, "validate": (X, LABELS + 0.5)}, "validate: labels = 'float64(4,)': not 4 int"),
        ({**ASKED, "validate": (X, LABELS + 5)}, "validate: labels = (5, 5): not classes from 0"),
        ({**ASKED, "validate": (X, LABELS, [9] * 4)}, "validate: lengths"),
        ({**ASKED, "validate": (X, [[1], [1, 2]])}, "validate: labels = "),
        ({**ASKED, "validate": lambda runner: np.array("a")}, "did not return a finite number"),
        ({**ASKED, "share": "some"}, 'share = \'some\': unknown; pass "all", "none"'),
        ({**ASKED, "share": [[0]]}, "share = [[0]]: not each of 2 LSTMs in one group"),
        (
            {**ASKED, "share": "none", "method": "dense"},
            "share = 'none': of method 'svd' only; use it with method 'svd'",
        ),
        (
            {**ASKED, "share": [[0], [1]], "block_rank": 4},
            "share = [[0], [1]]: of method 'svd' only",
        ),
        ({**ASKED, "validate": lambda runner: None}, "validate = None: did not return a finite"),
        ({**ASKED, "validate": lambda runner: float("nan")}, "validate = nan: did not return a f"),
    ],
)
def test_arguments(given, text):
    with pytest.raises(pl.CompressionError, match=re.escape(text)):
        pl.search(NETWORK, calibration=X, progress=False, **given)


def test_calibration_is_looked_at_first():
    with pytest.raises(pl.CalibrationError, match="calibration = None: no data to choose"):
        pl.search(NETWORK, **ASKED)
    with pytest.raises(pl.CalibrationError, match="calibration: x"):
        pl.compress(NETWORK, calibration=X[0], **ASKED)


def test_no_network():
    with pytest.raises(pl.CompressionError, match="network = 'int': not a Network; make one with"):
        pl.search(3, **ASKED)


def test_labels_need_a_head():
    bare = pl.Network(NETWORK.layers)
    with pytest.raises(pl.CompressionError, match="validate = None: the network has no head; pas"):
        pl.search(bare, validate=(X, LABELS), calibration=X, **ASKED)


def test_nothing_fits():
    """The error names what the least is; that much is enough, and one less is not."""
    given = {
        "calibration": X,
        "progress": False,
        "method": "svd",
        "solver": "greedy",
        "weight_bits": 8,
    }
    with pytest.raises(pl.CompressionError) as refused:
        pl.search(NETWORK, budget={"words": 10}, **given)
    said = re.search(
        r"^budget\.words = 10: nothing fits, the least found are (\d+); allow at least those \(met",
        str(refused.value),
    )
    least = int(said[1])
    found = pl.search(NETWORK, budget={"words": least}, **given)
    assert found.chosen.words == least
    with pytest.raises(pl.CompressionError, match=f"least found are {least}; allow"):
        pl.search(NETWORK, budget={"words": least - 1}, **given)


def test_a_design_that_runs_none_of_the_models():
    budget = {"microseconds": 5, "design": "block_diagonal_lstm"}
    with pytest.raises(pl.CompressionError, match="microseconds = 5: no model runs on the design"):
        pl.search(NETWORK, budget=budget, method="dense", calibration=X)


def test_no_drop_small_enough():
    rng = np.random.default_rng(4)
    data = small.labelled(rng, NETWORK)
    with pytest.raises(pl.CompressionError, match="max_drop = 0: no model keeps to it, the least"):
        pl.search(
            NETWORK,
            max_drop=0,
            validate=data,
            refinements=1,
            weight_bits=4,
            solver="greedy",
            calibration=X,
        )


def test_limits_that_only_go_apart():
    """Few bytes and a time that leaves room: each is kept by a model, both by none."""
    given = {"calibration": X, "progress": False, "solver": "greedy", "weight_bits": 8}
    time = {"microseconds": 10, "design": "svd_lstm"}
    data = small.labelled(np.random.default_rng(4), NETWORK)
    pl.search(NETWORK, budget={"bytes": 600, **time}, tries=1, **given)
    with pytest.raises(pl.CompressionError, match="max_drop = 0: no model keeps to it, the least"):
        pl.search(NETWORK, budget={"bytes": 600, **time}, max_drop=0, validate=data, **given)
