"""Shapes from the command line."""

import argparse

import pytest
from cpu.shapes import SHAPES, Shape, parse


@pytest.mark.parametrize("shape", SHAPES)
def test_names(shape):
    assert parse(shape.name) is shape


def test_numbers():
    assert parse("2, 28,128,28,4,16") == Shape("2,28,128,28,4,16", 2, 28, 128, 28, 4, 16)


def test_sizes():
    """By hand: 4 x 128 x 156 weights a model, two operations each and step."""
    small = SHAPES[0]
    assert small.weights == 2 * 4 * 128 * (28 + 128) == 159_744
    assert small.operations == 2 * 159_744 * 28 == 8_945_664
    assert small.refinements == (4, 16)


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("big", "neither one of small, large, single nor"),
        ("2,28,128,28,4", "six whole numbers"),
        ("2,28,128,28,4,1.5", "six whole numbers"),
        ("2,28,128,28,-4,16", "six whole numbers"),
        ("0,28,128,28,4,16", "1 or more"),
        ("2,28,128,28,29,16", "Rx must be 28 or less"),
        ("2,280,128,28,129,16", "Rx must be 128 or less"),
        ("2,28,128,28,4,129", "Rh must be 128 or less"),
    ],
)
def test_others_are_refused(text, complaint):
    with pytest.raises(argparse.ArgumentTypeError, match=complaint):
        parse(text)
