"""Points below a roof: what designs reach, with weights on chip or streamed from memory."""

from dataclasses import asdict, dataclass
from typing import Optional

from pynq_lstm.accelerator import buffers
from pynq_lstm.accelerator.cycles import run_cycles, wave_cycles
from pynq_lstm.accelerator.design_common import BEAT
from pynq_lstm.accelerator.roofline import GIGA, OPERATIONS, dense_macs, gops, positive
from pynq_lstm.accelerator.weight_traffic import weight_bytes
from pynq_lstm.candidate import Candidate
from pynq_lstm.errors import InputError

ON_CHIP, EACH_STEP, EACH_SEQUENCE = "on chip", "each step", "each sequence"
RESIDENCES = (ON_CHIP, EACH_STEP, EACH_SEQUENCE)
MODELLED, QUOTED, ARITHMETIC = "modelled", "quoted", "arithmetic"


@dataclass(frozen=True)
class Point:
    """Something on a roofline: x and y are `intensity` and `gops`.

    Attributes
    ----------
    name : str
    engine : str
        "svdn", "svd1", "block_diagonal", "dense", or another one, such as a baseline's.
    residence : str or None
        One of `RESIDENCES`: when weights come from the board's memory.
    intensity, gops : float or None
        Effective: operations of the dense network, a byte and 1e9 a second.
    executed_intensity, executed_gops : float or None
        Of the operations that are carried out.
    bytes : float or None
        From and to the board's memory, a step of all models.
    microseconds : float or None
        A step of all models.
    limit : str or None
        What sets the time: "memory", or what `Cycles.limit` says.
    how : str
        "modelled", "quoted" from a paper, or "arithmetic" with sizes that one states.
    source : str
    """

    name: str
    engine: str
    residence: Optional[str]
    intensity: Optional[float]
    gops: Optional[float]
    executed_intensity: Optional[float]
    executed_gops: Optional[float]
    bytes: Optional[float]
    microseconds: Optional[float]
    limit: Optional[str]
    how: str
    source: str

    @property
    def skipped(self):
        """Effective operations for each executed one.

        Raises
        ------
        InputError
            A point that does not state both, as those do that papers quote.
        """
        return self._stated("gops") / self._stated("executed_gops")

    def attainable(self, roof):
        """GOPS, effective, that the roof allows at this point's intensity.

        Parameters
        ----------
        roof : Roof

        Returns
        -------
        float

        Raises
        ------
        InputError
            A point without an intensity, or as of `skipped`.
        """
        return roof.attainable(self._stated("intensity"), self.skipped)

    def _stated(self, name):
        value = getattr(self, name)
        if value is None:
            raise InputError(
                f"point.{name}",
                None,
                f"not stated of {self.name!r} ({self.how})",
                "look at `how`, or take a point of `of_image`",
            )
        return value

    def as_dict(self):
        """For JSON; "x" and "y" are intensity and gops."""
        return {**asdict(self), "x": self.intensity, "y": self.gops}


def point(name, engine, macs, executed, traffic, microseconds, **others):
    """A modelled point.

    Parameters
    ----------
    name, engine : str
    macs, executed : float
        Multiply-accumulates of a step: of the dense network, and those that are carried out.
    traffic : float
        Bytes of a step.
    microseconds : float
    **others
        `residence`, `limit`, `source` of the `Point`.

    Returns
    -------
    Point
    """
    return Point(
        name=name,
        engine=engine,
        intensity=OPERATIONS * macs / traffic,
        gops=gops(macs, microseconds),
        executed_intensity=OPERATIONS * executed / traffic,
        executed_gops=gops(executed, microseconds),
        bytes=traffic,
        microseconds=microseconds,
        how=MODELLED,
        **{"residence": None, "limit": None, "source": "docs/models.md", **others},
    )


def of_image(image, roof, residence=ON_CHIP, steps=1, name=None, engine=None, refinements=None):
    """The operating point of a packed image.

    On chip, a step takes a wave and moves x and h. Streamed, it moves the records of its programs
    as well, in every step or at the start of every sequence, while it computes: a second copy of
    the memories, and ports as fast as the board's memory, are granted, in favour of streaming.

    Parameters
    ----------
    image : Image
    roof : Roof
        Whose memory the bytes come from; its clock is not used, the design's is.
    residence : str
        One of `RESIDENCES`.
    steps : int
        Of a sequence, from its start to its end, the filling of the pipeline included
        (`run_cycles`); 1, the default, is a step in steady state where weights are on chip or
        streamed for each step.
    name, engine : str, optional
    refinements : int, optional
        The prefix that runs. Default: the longest.

    Returns
    -------
    Point

    Raises
    ------
    InputError
        An unknown residence, or steps or refinements that no RUN takes.
    """
    _check_residence(residence)
    cycles = wave_cycles(image, refinements)
    if steps == 1 and residence != EACH_SEQUENCE:
        wave, traffic = cycles.wave, BEAT * sum(buffers.wave_beats(image))
    else:
        wave = run_cycles(image, [steps], refinements) / steps
        beats = buffers.input_beats(image, [steps], state=False)
        traffic = BEAT * (beats + buffers.output_beats(image, [steps], state=False)) / steps
    weights = weight_bytes(image, refinements)
    traffic += {ON_CHIP: 0, EACH_STEP: weights, EACH_SEQUENCE: weights / steps}[residence]
    computing, moving = wave / image.design.clock_mhz, memory_microseconds(traffic, roof)
    method = {"svd": "svdn"}.get(image.design.engine, image.design.engine)
    return point(
        name or f"{image.design.name}, weights {residence}",
        engine or method,
        dense_macs(sizes(image.plan)),
        sum(unit.macs for unit in cycles.units.values()),
        traffic,
        max(computing, moving),
        residence=residence,
        limit="memory" if moving > computing else cycles.limit,
    )


def of_candidate(candidate, residence=None, name=None):
    """The operating point of a baseline or of what a search found: time and traffic are its own.

    Executed operations are its multiplications, those with s included, which `of_image` leaves
    out: some 0.1 % at the sizes of the first paper.

    Parameters
    ----------
    candidate : Candidate
        Of hardware.
    residence : str, optional
        One of `RESIDENCES`. Default: each step where the memory sets its time, else on chip.
    name : str, optional
        Default: the candidate's.

    Returns
    -------
    Point

    Raises
    ------
    InputError
        An unknown residence, no candidate, or one of software, of which no traffic is modelled.
    """
    remedy = "pass one of hardware: of Exploration.candidates, baselines.lstm_hw or svd1_hw"
    if not isinstance(candidate, Candidate):
        raise InputError("candidate", type(candidate).__name__, "not a Candidate", remedy)
    if candidate.intensity is None:
        raise InputError("candidate.intensity", None, "no traffic is modelled", remedy)
    if residence is None:
        residence = EACH_STEP if candidate.limit == "memory" else ON_CHIP
    _check_residence(residence)
    macs = candidate.gops * candidate.microseconds * 1000 / OPERATIONS
    return point(
        name or candidate.name,
        candidate.engine,
        macs,
        candidate.multiplications,
        OPERATIONS * macs / candidate.intensity,
        candidate.microseconds,
        residence=residence,
        limit=candidate.limit,
    )


def _check_residence(residence):
    if not isinstance(residence, str) or residence not in RESIDENCES:
        raise InputError("residence", residence, "unknown", f"use one of {', '.join(RESIDENCES)}")


def memory_microseconds(traffic, roof):
    """Time that so many bytes take at the roof of the memory."""
    return 1e6 * positive("traffic", traffic) / (roof.memory * GIGA)


def sizes(plan):
    """Inputs and hidden units of every LSTM of a plan."""
    for k, lane in plan.members:
        pair = plan.pairs[k]
        yield pair.model.input_sizes[pair.members[lane]], pair.hidden
