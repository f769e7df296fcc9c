"""Ten of the designs of `make cycles-model`, smaller: cycles, memory traffic, bars of a step."""

import pytest

random_timing = pytest.importorskip("random_timing", reason="libclang: make hls installs it")
pytestmark = pytest.mark.hls

CLOSE = 0.001  # share of the cycles of a wave and of a RUN; the goal is 5 %
MOST = 96  # inputs, hidden units
SEEDS = range(5)


@pytest.mark.parametrize("engine", ["svd", "block_diagonal"])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_design_takes_what_the_models_say(seed, engine, tmp_path):
    case = random_timing.Case(seed, engine, tmp_path, MOST)
    found = random_timing.compared(case)
    for name in ("wave", "run", "load"):
        modelled, simulated = found[name]
        assert modelled == pytest.approx(simulated, rel=CLOSE), name
    for name in ("beats read", "beats written", "beats of a load"):
        modelled, simulated = found[name]
        assert modelled == simulated, name
    modelled, simulated = random_timing.schedules(case)
    assert random_timing.apart(modelled, simulated) == 0
