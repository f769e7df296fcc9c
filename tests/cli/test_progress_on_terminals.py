"""A bar on a terminal, and nothing where stderr is none; the answer is the same either way."""

import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
import terminals
from example_matrices import random_inputs, random_network

sys.path.append(str(Path(__file__).resolve().parents[1] / "fetching"))

import made_overlays

import pynq_lstm as pl
from pynq_lstm.importers import state_dict

GIVEN = "network --calibration x.npy "
SEARCH = "--max-drop 50 --validation labelled.npz --tries 2"
COMMANDS = {  # what stands before the bar, and the command
    "compress": ("compress", "compress " + GIVEN + "-o made --refinements 3"),
    "search": ("compress", "compress " + GIVEN + "-o made " + SEARCH),
    "explore": ("explore", "explore " + GIVEN + "-o found --max-mse 1 --tries 0 --engines svdn"),
    "bench": ("back ends", "bench m --backend reference --calls 2"),
    "demo": ("budgets", "demo --images 5 --ranks 2"),
    "fetch": ("fetch", "fetch {url} --sha256 {sha256}"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder, rng = tmp_path_factory.mktemp("given"), np.random.default_rng(0)
    network = random_network(rng, [(4, 5), (4, 5)], classes=3)
    state_dict.save(network, folder / "network")
    x = np.stack(random_inputs(rng, network))
    np.save(folder / "x.npy", x)
    labels = network.infer_logits(x).argmax(axis=1)
    np.savez(folder / "labelled.npz", x0=x[0], x1=x[1], labels=labels)
    pl.compress(network, input_range=(-1, 1), refinements=2, progress=False).save(folder / "m")
    return folder


def words(name, folder, monkeypatch):
    """The command, whose overlays have a folder of their own."""
    text = COMMANDS[name][1]
    if name == "fetch":
        content = made_overlays.zipped(made_overlays.overlay())
        (folder / "overlay.zip").write_bytes(content)
        url = (folder / "overlay.zip").as_uri()
        text = text.format(url=url, sha256=made_overlays.sha256(content))
    monkeypatch.setenv("PYNQ_LSTM_OVERLAYS", str(folder / "overlays"))
    monkeypatch.setenv("PYNQ_LSTM_CACHE", str(folder / "cache"))
    return [*text.split(), "--json"]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_bar_is_drawn_and_taken_away_again(name, folder, monkeypatch):
    given = words(name, folder, monkeypatch)
    code, out, err = terminals.run(given, folder, terminal=True)
    assert code == 0, err
    assert re.search(rf"\r{COMMANDS[name][0]}: +(0%\|.*\| 0.*/|0.*\[)", err), err
    assert re.search(r"\r +\r$", err), err  # blanks over the last one, and nothing after it
    assert out.count("\n") == 1 and json.loads(out)


@pytest.mark.parametrize("name", COMMANDS)
def test_nothing_is_said_where_there_is_no_terminal(name, folder, monkeypatch):
    code, out, err = terminals.run(words(name, folder, monkeypatch), folder, terminal=False)
    assert (code, err) == (0, "") and json.loads(out)
