"""The picture of a network: what stands in it, where, and that a file comes out."""

import sys

import numpy as np
import pytest
import random_wirings
from example_matrices import random_layer, random_network

import pynq_lstm as pl
from pynq_lstm import plots
from pynq_lstm.wiring import picture
from pynq_lstm.wiring.layout import GAP, Edge, Place, arrange


def hierarchy():
    rng = np.random.default_rng(0)
    sizes = [(5, 8)] + [(8, 8)] * 5 + [(3, 4)] * 2 + [(4, 6), (14, 2)]
    return pl.Network(
        [random_layer(rng, *size) for size in sizes],
        pl.Head(np.ones((7, 10), np.float32), np.ones(7, np.float32)),
        [pl.Stack(6), pl.Stack(1, True), pl.Stack(), pl.Stack()],
        pl.Wiring(
            ("deep", "both", "slow", "topic"),
            ("x0", "x1", "x2 / 12 + x3 / 12", "last(deep), last(slow)"),
        ),
    )


def texts(axes):
    return [text.get_text() for text in axes.texts if text.get_text()]


def test_everything_is_named():
    pytest.importorskip("matplotlib")
    shown = texts(hierarchy().plot())
    for name in ("x0", "x1", "x2", "x3", "deep", "both", "slow", "topic", "head"):
        assert shown.count(name) == 1, name
    assert shown.count("\N{RIGHTWARDS ARROW} 8") == 3  # of six layers, and what is left out:
    assert "3 more" in shown and "\N{LEFTWARDS ARROW} 4" in shown
    assert shown.count("4, every 12th") == 2 and "8, last" in shown and "6, last" in shown
    assert "every 12th step" in shown and "once a sequence" in shown and "7 outputs" in shown


@pytest.mark.parametrize("name", ("net.png", "net.svg"))
def test_file(tmp_path, name):
    pytest.importorskip("matplotlib")
    random_network(np.random.default_rng(0), [(3, 4)]).plot(tmp_path / name)
    assert (tmp_path / name).stat().st_size > 1000


def test_into_a_given_axis():
    pytest.importorskip("matplotlib")
    axes = plots.axis()
    size = tuple(axes.figure.get_size_inches())
    assert picture.draw(hierarchy(), axes) is axes
    assert tuple(axes.figure.get_size_inches()) == size


def test_without_matplotlib(monkeypatch):
    for name in [n for n in sys.modules if n.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(pl.MissingExtraError, match=r"pip install 'pynq-lstm\[plots\]'"):
        hierarchy().plot()


@pytest.mark.parametrize("seed", range(20))
def test_boxes_of_a_column_do_not_overlap_and_edges_go_right(seed):
    network, _ = random_wirings.random_network(np.random.default_rng(seed), most=9)
    boxes, edges, columns = picture.arranged(network)
    for column in columns:
        for above, below in zip(column, column[1:]):
            room = (above.height + below.height) / 2 + GAP
            assert below.y - above.y >= room - 1e-9
    for edge in edges:
        path = [edge.source, *edge.through, edge.target]
        assert [p.column for p in path] == list(range(path[0].column, path[-1].column + 1))
    assert sum(len(column) for column in columns) == len(boxes) + sum(
        len(edge.through) for edge in edges
    )


def test_chain_is_level():
    first, second, third = (Place(height) for height in (1.0, 2.0, 0.5))
    arrange([first, second, third], [Edge(first, second, 0.0), Edge(second, third, 0.0)])
    assert first.y == pytest.approx(second.y) and second.y == pytest.approx(third.y)
