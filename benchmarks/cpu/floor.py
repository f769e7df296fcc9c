"""The time below which no call of ours can be on this machine: a model, by its limits."""

from dataclasses import dataclass

from cpu.shapes import GATES
from cpu.variants import BLOCK_RANK

INPUT_STEPS = 4  # steps that one pass over the input weights serves
SIGMOIDS = 5  # a hidden unit and step: three sigmoids, two tanh
DEPENDENT_CYCLES = 250  # a step: from h through both products and the cell to h
MICROSECONDS = 1e6


@dataclass(frozen=True)
class Floor:
    """Microseconds of a call with one sequence on one core.

    Attributes
    ----------
    multiply, sigmoid, stream, dependency : float
    """

    multiply: float
    sigmoid: float
    stream: float
    dependency: float

    @property
    def total(self):
        """max(multiply + sigmoid, stream) + dependency, microseconds."""
        return max(self.multiply + self.sigmoid, self.stream) + self.dependency


def floor(shape, method, limits):
    """The floor of a `Shape` under measured `Limits`.

    With MACs = the multiply-adds of a call, bytes = what it reads of the weights (the hidden
    part at every step, the input part once for four steps),

        max(MACs / int8 rate + 5 N H T / sigmoid rate, bytes / bandwidth) + 250 T / clock

    "svd": a step of a model takes 4 Rx (I + H) + 4 Rh (H + H) MACs, and the same count of int8
    weights is read once for all N models, which share them. "dense": 4 H (I + H) MACs, and N
    times as many bytes. "block_diagonal": one in four of these, of codes as bytes. Ranks are not
    padded to a vector's lanes; the bandwidth is that of the cache that holds all weights, at best
    the second. The rate of int8 is that of vectors: AMX would have few rows to work on with one
    sequence.

    Parameters
    ----------
    shape : Shape
    method : str
        "svd", "dense" or "block_diagonal".
    limits : Limits

    Returns
    -------
    Floor
    """
    n, i, h, t = shape.models, shape.inputs, shape.hidden, shape.steps
    if method == "svd":
        inputs, hidden = GATES * shape.input_rank * (i + h), GATES * shape.hidden_rank * 2 * h
        copies = 1
    elif method == "dense":
        inputs, hidden, copies = GATES * h * i, GATES * h * h, n
    elif method == "block_diagonal":
        inputs, hidden, copies = GATES * h * i / BLOCK_RANK, GATES * h * h / BLOCK_RANK, n
    else:
        raise ValueError(f"no floor of method {method!r}: choose from svd, dense, block_diagonal")
    streamed = copies * t * (hidden + inputs / INPUT_STEPS)
    bandwidth = limits.bandwidth(copies * (inputs + hidden))
    return Floor(
        multiply=n * t * (inputs + hidden) / limits.int8_macs * MICROSECONDS,
        sigmoid=SIGMOIDS * n * h * t / limits.sigmoids * MICROSECONDS,
        stream=streamed / bandwidth * MICROSECONDS,
        dependency=DEPENDENT_CYCLES * t / limits.clock * MICROSECONDS,
    )
