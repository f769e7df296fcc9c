"""The shapes that are measured, and what is to be reached at them."""

import argparse
from dataclasses import dataclass

MULTIPLIES = 2  # operations of a multiply-add
GATES = 4


@dataclass(frozen=True)
class Shape:
    """LSTMs side by side, all of one size.

    Attributes
    ----------
    name : str
    models, inputs, hidden, steps : int
        N, I, H, T.
    input_rank, hidden_rank : int
        Of each gate's matrices; the components a gate of the compressed network.
    """

    name: str
    models: int
    inputs: int
    hidden: int
    steps: int
    input_rank: int
    hidden_rank: int

    @property
    def weights(self):
        """Elements of the dense matrices of all models."""
        return self.models * GATES * self.hidden * (self.inputs + self.hidden)

    @property
    def operations(self):
        """Of one call with the dense matrices, one sequence; the cells left out."""
        return MULTIPLIES * self.weights * self.steps

    @property
    def refinements(self):
        """Components a gate: (input part's, hidden part's)."""
        return self.input_rank, self.hidden_rank

    def __str__(self):
        return (
            f"{self.name}: {self.models} x LSTM({self.inputs}, {self.hidden}), {self.steps} steps, "
            f"ranks {self.input_rank} and {self.hidden_rank}"
        )


SHAPES = (
    Shape("small", 2, 28, 128, 28, 4, 16),
    Shape("large", 2, 1024, 512, 16, 80, 64),
    Shape("single", 1, 200, 200, 35, 11, 11),
)


def parse(text):
    """A `Shape` from its name, or from "N,I,H,T,Rx,Rh".

    Raises
    ------
    argparse.ArgumentTypeError
        Neither a name nor six numbers, or numbers that make no network.
    """
    named = {shape.name: shape for shape in SHAPES}
    if text in named:
        return named[text]
    parts = text.split(",")
    if len(parts) != 6 or not all(part.strip().isdecimal() for part in parts):
        raise argparse.ArgumentTypeError(
            f"{text!r} is neither one of {', '.join(named)} nor N,I,H,T,Rx,Rh, six whole numbers"
        )
    numbers = [int(part) for part in parts]
    shape = Shape(text.replace(" ", ""), *numbers)
    if min(numbers) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: every number must be 1 or more")
    # orthogonal factors of a matrix of I or H by H
    for part, rank, limit in (
        ("Rx", shape.input_rank, min(shape.inputs, shape.hidden)),
        ("Rh", shape.hidden_rank, shape.hidden),
    ):
        if rank > limit:
            raise argparse.ArgumentTypeError(f"{text!r}: {part} must be {limit} or less")
    return shape
