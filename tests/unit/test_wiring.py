"""Wirings: the forms they are given in, the order and the rates that follow, what cannot run."""

import pytest

import pynq_lstm as pl
from pynq_lstm.wiring import Wiring, sizes

NAMES = ("m0", "m1", "m2")


def texts(wiring):
    return [str(source) for source in wiring.sources]


@pytest.mark.parametrize(
    "given, sources, head",
    [
        (None, ["x0", "x1", "x2"], ("m0", "m1", "m2")),
        (["x0", "x0", "m0,m1"], ["x0", "x0", "m0, m1"], ("m2",)),
        ({"m1": "m0", "m2": "x1"}, ["x0", "m0", "x1"], ("m1", "m2")),
        ({"m2": "last(m1)", "head": "m2,m0"}, ["x0", "x1", "last(m1)"], ("m2", "m0")),
        ({"head": "m1"}, ["x0", "x1", "x2"], ("m1",)),
    ],
)
def test_given_as_none_list_or_dict(given, sources, head):
    wiring = Wiring.of(given, NAMES)
    assert (texts(wiring), wiring.head, wiring.names) == (sources, head, NAMES)
    assert Wiring.of(wiring.to_dict(), NAMES) == wiring
    assert Wiring.of(wiring, ()) is wiring
    assert Wiring(NAMES, tuple(sources), head) == wiring
    assert wiring.side_by_side == (given is None)


def test_text_of_a_single_model_and_of_all():
    assert texts(Wiring.of("x0 / 2", ("encoder",))) == ["x0 / 2"]
    wiring = Wiring.of({"b": "a + x1", "head": "a"}, ("a", "b"))
    assert str(wiring) == "a = x0\nb = a + x1\nhead = a"


def test_order_and_rates():
    wiring = Wiring(
        ("top", "slow", "word", "once", "after"),
        ("word / 2, slow / 1", "word / 2", "x0", "last(slow), last(x1)", "once + last(x0)"),
    )
    assert [wiring.names[j] for j in wiring.order] == ["word", "slow", "top", "once", "after"]
    assert wiring.rates == (2, 2, 1, None, None)
    assert (wiring.inputs, wiring.head) == (2, ("top", "after"))
    assert Wiring(("a", "b", "c"), ("x0 / 3", "a / 5", "b")).rates == (3, 15, 15)


def test_sizes_of_external_inputs_follow_from_the_models():
    def found(sources, reads, gives):
        names = tuple(f"m{j}" for j in range(len(sources)))
        return sizes.external(Wiring(names, tuple(sources)), reads, gives)

    assert found(["x0", "x1"], (3, 4), (5, 6)) == (3, 4)
    assert found(["x0", "m0, x1"], (3, 9), (5, 6)) == (3, 4)
    assert found(["x0 + x1", "x1, x2"], (3, 7), (5, 6)) == (3, 3, 4)
    assert found(["x0, x1", "x1, x2", "x2, m0"], (7, 9, 10), (5, 6, 7)) == (3, 4, 5)
    assert found(["x0:3, x1"], (7,), (5,)) == (3, 4)
    assert found(["x0, x0", "x0"], (6, 3), (5, 5)) == (3,)


@pytest.mark.parametrize(
    "given, text",
    [
        (["x0", "x1"], r"wiring = \['x0', 'x1'\]: not one entry for each of 3"),
        ("x0", r"wiring = \['x0'\]: not one entry"),
        (7, "wiring = 7: neither a list nor a dict; pass a list"),
        ({"m3": "x0"}, r"wiring = 'm3': no model; choose from \['m0', 'm1', 'm2'\]"),
        ({0: "x0"}, "wiring = 0: no model"),
        ({"m0": None}, r"wiring\['m0'\] = None: not a text"),
        (["x0", "m0 +", "x1"], r"wiring\['m1'\] = 'm0 \+': expected a name at character 5"),
        (["x0", "m7", "m0"], r"wiring\['m1'\] = 'm7': there is no model 'm7'; choose from"),
        (["x0", "x2", "m0"], "wiring = 'x2': no model reads x1; number the external inputs"),
        (["x1", "m0", "m1"], "wiring = 'x1': no model reads x0"),
        (["x0", "m1", "m0"], "wiring = 'm1 -> m1': a cycle; let no LSTM read what reads it"),
        (["m2", "x0", "m0, m1"], "wiring = 'm0 -> m2 -> m0': a cycle"),
        (["m1", "last(m2)", "m0"], "wiring = 'm0 -> m2 -> m1 -> m0': a cycle"),
        (
            ["x0", "m0 / 4", "m0 + m1"],
            r"wiring\['m2'\] = .*rates clash: m0 has every step, m1 has one step in 4; bring",
        ),
        (["x0", "m0", "last(m0), m1"], r"last\(m0\) has a single step, m1 has every step"),
        (["x0", "last(m0)", "m1 / 2"], "m1 runs once a sequence; read it as m1"),
        ({"head": "m0 + m1"}, r"wiring\['head'\] = 'm0 \+ m1': the head reads the h of whole"),
        ({"head": "last(m0)"}, r"wiring\['head'\] = 'last\(m0\)': the head reads"),
        ({"head": "m0, x0"}, r"wiring\['head'\] = 'x0': no model"),
    ],
)
def test_what_cannot_run_is_refused_by_name(given, text):
    with pytest.raises(pl.NetworkError, match=text):
        Wiring.of(given, NAMES)


@pytest.mark.parametrize("name", ("x3", "x03", "last", "head", "2m", "a b", "", "a.b", None, "é"))
def test_names_that_no_model_can_have(name):
    with pytest.raises(pl.NetworkError, match="name of a model = .*: not a name; use letters"):
        Wiring.of(None, ("m0", name))


def test_made_by_hand():
    with pytest.raises(pl.NetworkError, match="name of a model = 'a': two models have it"):
        Wiring(("a", "a"), ("x0", "x1"))
    with pytest.raises(pl.NetworkError, match="wiring = 1: entries for 2 models"):
        Wiring(("a", "b"), ("x0",))
    with pytest.raises(pl.NetworkError, match=r"sources = \(3,\): not expressions"):
        Wiring(("a",), (3,))


@pytest.mark.parametrize(
    "sources, reads, text",
    [
        (["x0", "m0, x1"], (3, 5), r"'m0, x1': joins to 5 \+ \? values, and m1 reads 5"),
        (["x0", "m0, m0"], (3, 9), r"'m0, m0': joins to 5 \+ 5 values, and m1 reads 9; change"),
        (["x0", "x0 + m0"], (3, 5), "m0 has 5 values, not 3; give what is added"),
        (["x0", "m0:4"], (3, 5), "m0 has 5 values, not 4"),
        (["x0, x1", "m0"], (3, 5), "nothing tells how many values x0 has; write x0:SIZE"),
        (["x0:2, x1:3", "m0"], (6, 5), r"joins to 2 \+ 3 values, and m0 reads 6"),
    ],
)
def test_sizes_that_do_not_fit(sources, reads, text):
    with pytest.raises(pl.NetworkError, match=text):
        sizes.external(Wiring(("m0", "m1"), tuple(sources)), reads, (5, 6))
