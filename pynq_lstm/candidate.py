"""One compressed model on one design, and what is known of the two."""

from dataclasses import asdict, dataclass
from typing import Mapping, Optional

ENGINES = ("svdn", "svd1", "block_diagonal", "dense")
BASELINES = ("lstm_hw", "svd1_hw", "lstm_sw", "svdn_sw")
MODELLED, MEASURED = "modelled", "measured"


@dataclass(frozen=True)
class Candidate:
    """A point of the space that was searched, or a baseline.

    Attributes
    ----------
    engine : str
        One of ENGINES: what computes it, SVDn being SVD with components that models share and
        SVD1 with components of their own; or one of BASELINES.
    options : mapping
        ``compress(network, calibration=..., **options)`` makes the model; empty for dense float.
    design : mapping or None
        The fields of its design.json; None where there is no kernel of this project for it.
    value, drop : float or None
        What the validation says of the model, and what the float network has more.
    mse : float
        Mean squared error of the weights.
    bytes, multiplications : int
        Tensors of the model, and multiplications of a step.
    microseconds : float
        Of a step of all models.
    how : str
        MODELLED or MEASURED: where the time comes from.
    cycles : float or None
        Of a step, in steady state.
    limit : str or None
        What sets them: a process, "feedback", "routes", a memory.
    stages : mapping
        Cycles a step by part of the kernel.
    resources : mapping
        dsp, bram36, uram, memory_bits, lut, ff; the last two are pairs, least and most. Bits of
        memory are those of words in the blocks: what designs are compared by whose blocks are
        chosen by different rules. Empty for software.
    energy : float or None
        Nanojoules a step, modelled.
    intensity : float or None
        Operations for each byte that is read from or written to the board's memory.
    gops : float
        Operations of the *dense* network a second, 1e9: what all are compared by.
    """

    engine: str
    options: Mapping
    design: Optional[Mapping]
    value: Optional[float]
    drop: Optional[float]
    mse: float
    bytes: int
    multiplications: int
    microseconds: float
    how: str
    cycles: Optional[float]
    limit: Optional[str]
    stages: Mapping
    resources: Mapping
    energy: Optional[float]
    intensity: Optional[float]
    gops: float

    @property
    def name(self):
        """The options in one line, the engine first."""
        others = (f"{key} {_text(value)}" for key, value in self.options.items())
        return ", ".join([self.engine, *others])

    def as_dict(self):
        """For JSON: pairs are lists."""
        return {**_plain(asdict(self)), "name": self.name}


def _plain(value):
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, (tuple, list)) else value


def _text(value):
    return "/".join(map(str, value)) if isinstance(value, (tuple, list)) else str(value)
