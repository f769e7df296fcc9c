"""The notation of what an LSTM reads: what it parses to, its text, and where it is wrong."""

import numpy as np
import pytest

import pynq_lstm as pl
from pynq_lstm.wiring import Expression, Term


def one(*arguments, **options):
    return ((Term(*arguments, **options),),)


@pytest.mark.parametrize(
    "text, parts, shown",
    [
        ("x0", one("x0"), "x0"),
        (" x12\n", one("x12"), "x12"),
        ("encoder_2", one("encoder_2"), "encoder_2"),
        ("m0/4", one("m0", 4), "m0 / 4"),
        ("m0 / 1", one("m0"), "m0"),
        ("m0 / 007", one("m0", 7), "m0 / 7"),
        ("last(m0)", one("m0", last=True), "last(m0)"),
        ("last ( x0 : 3 )", one("x0", last=True, size=3), "last(x0:3)"),
        ("x0 :12 /2", one("x0", 2, size=12), "x0:12 / 2"),
        ("x1, m0", ((Term("x1"),), (Term("m0"),)), "x1, m0"),
        ("m0+m1", ((Term("m0"), Term("m1")),), "m0 + m1"),
        (
            "x0,m0+m1/2,last_one",  # a sum binds tighter
            ((Term("x0"),), (Term("m0"), Term("m1", 2)), (Term("last_one"),)),
            "x0, m0 + m1 / 2, last_one",
        ),
    ],
)
def test_text_to_terms_and_back(text, parts, shown):
    parsed = Expression.parse(text)
    assert parsed == Expression(parts)
    assert str(parsed) == shown


def random_term(rng):
    source = f"x{rng.integers(30)}" if rng.random() < 0.4 else f"m_{rng.integers(30)}"
    size = int(rng.integers(1, 10**9)) if rng.random() < 0.3 else None
    if rng.random() < 0.3:
        return Term(source, last=True, size=size)
    return Term(source, int(rng.choice([1, 2, 7, 999_999_999])), size=size)


def test_random_expressions_go_through_their_text():
    rng = np.random.default_rng(0)
    for _ in range(500):
        lengths = rng.integers(1, 5, rng.integers(1, 5))
        made = Expression(tuple(tuple(random_term(rng) for _ in range(n)) for n in lengths))
        text = str(made)
        assert Expression.parse(text) == made
        loose = "".join(
            sign + " " * rng.integers(3) if sign in " ,+/:()" else sign for sign in text
        )
        assert Expression.parse(loose) == made
        assert made.terms == tuple(term for part in made.parts for term in part)


@pytest.mark.parametrize(
    "text, problem",
    [
        ("", "expected a name at character 1, found the end"),
        ("x0,", "expected a name at character 4, found the end"),
        ("x0 x1", r"expected ',' or '\+' at character 4, found 'x1'"),
        ("m0 ++ m1", r"expected a name at character 5, found '\+'"),
        ("m0 - m1", "expected ',' or '\\+' at character 4, found '-'"),
        ("m0 / m1", "expected a number from 1 to 999999999 at character 6, found 'm1'"),
        ("m0 / 0", "expected a number from 1 to .* at character 6, found '0'"),
        ("m0 / " + "9" * 10_000, "expected a number from 1 to .* at character 6, found '9999"),
        ("x0:", "expected a number from 1 to .* at character 4, found the end"),
        ("last m0", r"expected '\(' at character 6, found 'm0'"),
        ("last(m0", r"expected '\)' at character 8, found the end"),
        ("last(m0 / 2)", r"expected '\)' at character 9, found '/'"),
        ("last(m0) / 2", "expected ',' or '\\+' at character 10, found '/'"),
        ("last(last(m0))", "expected x0, x1, ... or the name of a model at character 6"),
        ("head", "expected x0, x1, ... or the name of a model at character 1, found 'head'"),
        ("x01", "expected x0, x1, ... or the name of a model at character 1, found 'x01'"),
        ("(m0)", r"expected a name at character 1, found '\('"),
        ("m\N{DIGIT ZERO}\N{ARABIC-INDIC DIGIT ONE}", "expected ',' or '\\+' at character 3"),
        (None, "not a text"),
        (3, "not a text"),
    ],
)
def test_what_is_not_the_notation_is_refused_with_its_place(text, problem):
    with pytest.raises(pl.NetworkError, match=problem) as caught:
        Expression.parse(text, "wiring['m1']")
    assert caught.value.field == "wiring['m1']" and caught.value.value == text
    assert 'write for example "x0, m0 + m1"' in str(caught.value)


@pytest.mark.parametrize(
    "make, text",
    [
        (lambda: Term("2m"), "source = '2m': not a name"),
        (lambda: Term(None), "source = None: not a name"),
        (lambda: Term("m0", 0), "every = 0: out of range"),
        (lambda: Term("m0", True), "every = True: not an integer"),
        (lambda: Term("m0", size=2.5), "size = 2.5: not an integer"),
        (lambda: Term("m0", 2, last=True), r"every = 2: of a single step; write last\(m0\) alone"),
        (lambda: Expression(()), r"parts = \(\): not parts of terms"),
        (lambda: Expression(((),)), r"parts = \(\(\),\): not parts of terms"),
        (lambda: Expression(("x0",)), "not parts of terms; use Expression.parse"),
    ],
)
def test_terms_made_by_hand_are_checked(make, text):
    with pytest.raises(pl.NetworkError, match=text):
        make()
