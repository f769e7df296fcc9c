"""``pynq-lstm estimate`` of a network: in one start, or each pass as of a model, and sums."""

import json

import numpy as np
import pytest
from example_matrices import random_layer

import pynq_lstm as pl
from pynq_lstm.accelerator import stacks
from pynq_lstm.accelerator.cycles import wave_cycles
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.cli.main import main
from pynq_lstm.runtime.fpga.files import designs


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Passes at every step, at every fourth and once a sequence, and the file of each alone."""
    rng = np.random.default_rng(0)
    sizes = [(20, 40)] * 2 + [(80, 40)] * 2 + [(80, 30), (110, 40)]
    net = pl.Network(
        [random_layer(rng, *size) for size in sizes],
        stacks=[pl.Stack(2, True), pl.Stack(), pl.Stack()],
        wiring=["x0", "m0 / 4", "last(m0), last(m1)"],
    )
    options = {"input_range": (-1, 1), "refinements": 3, "progress": False}
    network, folder = pl.compress(net, **options), tmp_path_factory.mktemp("network")
    network.save(folder / "network")
    for p, model in enumerate(network.passes):
        model.save(folder / f"pass{p}")
    return folder, network


def told(capsys, path, *arguments):
    assert main(["estimate", str(path), "--json", *arguments]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """The file of a network of two layers, and the network."""
    rng = np.random.default_rng(1)
    net = pl.Network([random_layer(rng, 20, 40), random_layer(rng, 40, 40)], stacks=[pl.Stack(2)])
    network = pl.compress(net, input_range=(-1, 1), refinements=3, progress=False)
    path = tmp_path_factory.mktemp("stack") / "network"
    network.save(path)
    return path, network


@pytest.mark.parametrize("refinements", (None, 1))
def test_one_start(stack, capsys, refinements):
    path, network = stack
    asked = () if refinements is None else ("--refinements", str(refinements))
    answer = told(capsys, path, *asked)
    plan, _ = stacks.of_network(network)
    image = pack(plan, designs()["svd_lstm"])
    cycles = wave_cycles(image, refinements)
    assert (answer["starts"], answer["lstms"]) == ("one", ["m0 layer 0", "m0 layer 1"])
    assert answer["cycles_per_step"] == cycles.wave and answer["limited_by"] == cycles.limit
    assert answer["image_bytes"] == image.beats.size and answer["waves_behind_the_steps"] == 1
    assert answer["refinements"] == (refinements or 3)
    passes = told(capsys, path, "--starts", "passes", *asked)
    assert passes["why_passes"] == "passes were asked for" and len(passes["passes"]) == 2
    assert answer["load_cycles"] < passes["load_cycles"]
    assert main(["accelerator", str(path)]) == 0
    out = capsys.readouterr().out
    assert "one start       m0 layer 0; m0 layer 1\na sequence " in out and "all passes" not in out


def test_what_needs_passes_says_why(made, capsys):
    answer = told(capsys, made[0] / "network")
    assert answer["starts"] == "passes"
    assert answer["why_passes"].startswith("m0 layer 0, reverse = 'x0': not forward")
    assert main(["accelerator", str(made[0] / "network")]) == 0
    assert "\npasses          m0 layer 0, reverse = 'x0': not forward" in capsys.readouterr().out
    assert main(["accelerator", str(made[0] / "network"), "--starts", "one"]) == 2
    assert "m0 layer 0, reverse = 'x0': not forward" in capsys.readouterr().err


@pytest.mark.parametrize("refinements", ((), ("--refinements", "1")))
def test_passes_are_told_as_models_are(made, capsys, refinements):
    folder, network = made
    answer = told(capsys, folder / "network", *refinements)
    assert len(answer["passes"]) == len(network.passes) == 4
    for p, own in enumerate(answer["passes"]):
        alone = told(capsys, folder / f"pass{p}", *refinements)
        of_the_design = ("design", "basis", "device", "fits", "resources")
        assert {**alone, "lstms": own["lstms"], "one_step_in": own["one_step_in"]} == {
            **own,
            **{name: answer[name] for name in of_the_design},
        }
    assert [own["one_step_in"] for own in answer["passes"]] == [1, 1, 4, None]
    assert answer["passes"][1]["lstms"] == ["m0 layer 1", "m0 layer 1, reverse"]
    assert answer["refinements"] == (1 if refinements else 3)


def test_sums(made, capsys):
    answer = told(capsys, made[0] / "network")
    passes = answer["passes"]
    for name in ("cycles_per_step", "microseconds_per_step"):
        own = [one[name] for one in passes]
        assert answer[name] == pytest.approx(own[0] + own[1] + own[2] / 4)
    assert answer["cycles_once_a_sequence"] == passes[3]["cycles_per_step"] > 0
    assert answer["load_cycles"] == sum(one["load_cycles"] for one in passes)
    for way, size in (("read", 20), ("written", 40)):
        own = [one["bytes_per_step"][way] for one in passes]
        assert answer["bytes_per_step"][way] == pytest.approx(own[0] + own[1] + own[2] / 4)
        assert own[0] >= 2 * size  # of one byte each, in whole beats
    energy = [one["energy_per_step"]["total_nj"] for one in passes]
    total = energy[0] + energy[1] + energy[2] / 4
    assert answer["energy_nj_per_step"] == pytest.approx(total)
    assert "not in the cycles" in answer["between_passes"]


def test_for_people(made, capsys):
    assert main(["estimate", str(made[0] / "network")]) == 0
    out = capsys.readouterr().out
    assert "svd_lstm: modelled" in out
    assert "pass 1          m0 layer 1; m0 layer 1, reverse\n  a step " in out
    assert "pass 2          m1 layer 0, one step in 4\n" in out
    assert "pass 3          m2 layer 0, once a sequence\n" in out
    assert "\nall passes " in out and " once a sequence; " in out
    assert "\nmemory " in out and "h goes through memory to this machine" in out


def test_a_pass_that_does_not_fit_is_named(made, capsys):
    assert main(["estimate", str(made[0] / "network"), "--design", "svd_lstm_tiny"]) == 2
    assert "pass 0 (m0 layer 0; m0 layer 0, reverse): " in capsys.readouterr().err


def test_what_no_design_runs(tmp_path, capsys):
    layer = random_layer(np.random.default_rng(0), 5, 6)
    model = pl.compress(pl.Network([layer]), "dense", input_range=(-1, 1), progress=False)
    model.save(tmp_path / "dense")
    assert main(["estimate", str(tmp_path / "dense")]) == 2
    assert "model.method = 'dense'" in capsys.readouterr().err
