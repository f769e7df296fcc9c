"""The timing model equals hardware, cycle for cycle: regions of chain.cpp against chain.v.

The one constant between them is 0: the model's cycle 0 is the one in which a start is seen, and its
end that of the last result, both one before what the Verilog counts.
"""

import itertools
import random
import shutil
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "dataflow"))

import dataflow  # noqa: E402
from chain_rtl import run_rtl  # noqa: E402

CHAIN = HERE / "dataflow" / "chain"
TWO, THREE, FORK, FEEDBACK, CALLED = range(5)
TOKENS = 24
# loops of chain.cpp by the process of chain.v that they are
LOOPS = (
    ("source.send", "forked.split", "head.begin"),
    ("middle.pass", "tail.back"),
    ("sink.take", "joined.unite"),
)
STYLES = {"STP0": 0, "STP1": 0, "STP2": 0}
NO_OVERHEAD = dict.fromkeys(
    ("loop_entry", "loop_exit", "start_propagation", "sequential_iteration"), 0
)

pytestmark = pytest.mark.skipif(not shutil.which("iverilog"), reason="needs Icarus Verilog")


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    out = tmp_path_factory.mktemp("chain")
    return dataflow.build([CHAIN / "chain.cpp"], "chain", [CHAIN], CHAIN / "depths.json", out)


def load(chain, **settings):
    simulation = dataflow.Simulation(chain, "void chain(int region, int n, int calls);")
    for name, value in {**NO_OVERHEAD, **settings}.items():
        simulation.set(name, value)
    return simulation


def model(simulation, c):
    """Report of one configuration, given by the parameters of the Verilog."""
    for i, loops in enumerate(LOOPS):
        for loop in loops:
            simulation.set(f"ii:{loop}", c.get(f"II{i}", 1))
            simulation.set(f"depth:{loop}", c.get(f"DEPTH{i}", 3))
            simulation.set(f"stalling:{loop}", c.get(f"STP{i}", 0))
    for fifo in "abc":
        simulation.set(f"fifo:{fifo}", c.get(f"D{fifo.upper()}", 2))
    simulation.set("call_start", c.get("GAP", 1))
    simulation.set("start_fifo", c.get("CREDIT", 1000))
    simulation.lib.chain(c["REGION"], c["N"], c.get("CALLS", 1))
    return simulation.report()


def ends(chain, configurations, **settings):
    """Cycle of the end of each configuration in the model, None for a deadlock."""
    simulation, cycles = load(chain, **settings), []
    for configuration in configurations:
        report = model(simulation, configuration)
        cycles.append(None if report.failed else report.cycles)
        if report.failed:
            assert report.kind == "deadlock", report.why
            simulation = load(chain, **settings)
    return cycles


def compare(chain, configurations, folder, **settings):
    """Ends in hardware, and the configurations that end otherwise in the model."""
    hardware = run_rtl(CHAIN / "chain.v", configurations, folder)
    rows = zip(configurations, hardware, ends(chain, configurations, **settings))
    return hardware, [row for row in rows if row[1] != row[2]]


def grid(**axes):
    return [dict(zip(axes, values)) for values in itertools.product(*axes.values())]


def sample(count, **axes):
    """Random configurations: every process its own II, depth and style."""
    rng = random.Random(count)
    for i in range(3):
        axes = {**axes, f"II{i}": (1, 1, 2, 3, 7), f"DEPTH{i}": (1, 2, 3, 5, 9), f"STP{i}": (0, 1)}
    axes = {**axes, "DA": (1, 2, 4, 16), "DB": (1, 2, 4), "DC": (1, 2, 4, 6, 8, 12, 24)}
    return [{name: rng.choice(v) for name, v in axes.items()} for _ in range(count)]


def test_two_processes(chain, tmp_path):
    sizes = {"DA": (1, 2, 3, 4, 16), "II2": (1, 2, 3, 7), "DEPTH0": (3, 5, 9), "STP0": (0, 1)}
    configurations = [
        {**c, "DEPTH2": c["DEPTH0"], "STP2": c["STP0"]}
        for c in grid(REGION=(TWO,), N=(TOKENS,), **sizes)
    ]
    hardware, different = compare(chain, configurations, tmp_path)
    assert not different, different[:5]
    assert None not in hardware and len(set(hardware)) > 10


def test_three_processes(chain, tmp_path):
    configurations = sample(160, REGION=(THREE,), N=(TOKENS,))
    hardware, different = compare(chain, configurations, tmp_path)
    assert not different, different[:5]
    assert None not in hardware


@pytest.mark.parametrize("region", [FORK, FEEDBACK])
def test_deadlocks_are_those_of_hardware(chain, tmp_path, region):
    """A fork whose ways join again, and a loop: most depths and styles work, others never end."""
    configurations = sample(200, REGION=(region,), N=(TOKENS,))
    hardware, different = compare(chain, configurations, tmp_path)
    assert not different, different[:5]
    assert 10 < hardware.count(None) < 190


def test_a_stalling_pipeline_on_the_feedback_path(chain, tmp_path):
    """It holds back the result that the loop waits for; a flushing one lets it go."""
    loop = {"REGION": FEEDBACK, "N": TOKENS, "DEPTH0": 3}
    configurations = [
        {**loop, **STYLES},
        {**loop, **STYLES, "STP0": 1},
        {**loop, **STYLES, "STP0": 1, "STP1": 1},
    ]
    hardware, different = compare(chain, configurations, tmp_path)
    assert not different
    assert hardware[0] is not None and hardware[1:] == [None, None]
    simulation = load(chain)
    report = model(simulation, configurations[1])
    assert [(b.process, b.direction, b.fifo, b.frozen) for b in report.blocked] == [
        ("head", "read", "b", 1),
        ("tail", "read", "a", 0),
    ]
    assert "stalling loop head.begin holds back 1 results" in report.why


def test_calls_that_overlap(chain, tmp_path):
    """Dataflow in a loop: gaps between calls, and consumers that end late hold producers back."""
    calls = {"CALLS": (2, 5), "GAP": (1, 2, 3, 4), "CREDIT": (1, 2, 1000)}
    configurations = sample(240, REGION=(CALLED,), N=(1, 3, 8), **calls)
    hardware, different = compare(chain, configurations, tmp_path)
    assert not different, different[:5]
    assert None not in hardware
    free = run_rtl(CHAIN / "chain.v", [{**c, "CREDIT": 1000} for c in configurations], tmp_path)
    assert free != hardware  # that a consumer holds its producer back does take cycles


@pytest.mark.parametrize("name", ["loop_exit", "loop_entry"])
def test_a_wrong_number_is_noticed(chain, tmp_path, name):
    configurations = sample(40, REGION=(CALLED,), N=(3,), CALLS=(4,), GAP=(1,), CREDIT=(2,))
    _, different = compare(chain, configurations, tmp_path, **{name: 2})
    assert len(different) > 20
