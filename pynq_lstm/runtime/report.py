"""What a back end says of its last run, and what a session makes of it."""

from dataclasses import asdict, dataclass
from typing import Dict, Optional

SATURATION_WARNING = 0.001  # share of the values of one kind
# pre is counted and not warned of: beyond +-8 both curves are within 3.4e-4 of their limits
WARNED_KINDS = ("x", "state", "p", "c")


@dataclass(frozen=True)
class Timing:
    """What a device measured of its last run; back ends on the host have none.

    Attributes
    ----------
    seconds : dict
        By stage, in the order of the stages, measured on this machine: "copy", "flush",
        "run", "invalidate", "read".
    modelled : bool
        Whether the device is an emulated one, so that `kernel_seconds` and `cycles` are a model's.
    kernel_seconds : float or None
        Of the kernel alone, where it is known.
    cycles : int or None
        Of the kernel, where they were counted.
    access : str or None
        The way to the registers.
    """

    seconds: Dict[str, float]
    modelled: bool = False
    kernel_seconds: Optional[float] = None
    cycles: Optional[int] = None
    access: Optional[str] = None

    @classmethod
    def sum(cls, timings):
        """Of several runs that make one; what one of them does not know the sum does not either."""

        def total(values):
            values = list(values)
            return None if None in values else sum(values)

        first = timings[0]
        return cls(
            {stage: sum(t.seconds[stage] for t in timings) for stage in first.seconds},
            first.modelled,
            total(t.kernel_seconds for t in timings),
            total(t.cycles for t in timings),
            first.access,
        )


@dataclass(frozen=True)
class RunReport:
    """One call of a session, or one step of a stream.

    Attributes
    ----------
    backend : str
        Which back end ran.
    seconds : dict
        By stage, measured on this machine: "quantise", what the back end names ("run", or a
        device's "copy", "flush", "run", "invalidate", "read"), "dequantise". The CPU's kernels
        take and give floats: there "run" is all, save in steps that are given as lists.
    modelled : bool
        Whether the device is an emulated one: then `kernel_seconds` and `cycles` are modelled.
    cycles : int or None
        Of the kernel, where they were counted.
    saturated : dict
        Values that left their range and were clipped, by kind: "x", "p", "pre",
        "c", and "state" for h and c passed in.
    values : dict
        How many there were of each kind, over valid steps.
    refinements : int
        The prefix of the components that ran.
    kernel_seconds : float or None
        Of the accelerator alone, on a board measured, of an emulated one modelled.
    access : str or None
        The way to a device's registers: "mmio", "memoryview" or "c".
    kernel : str or None
        Of the CPU back end, by its instruction set: "avx512_amx", "avx512_vnni", "avx2", "neon" or
        "portable".
    threads : int or None
        That the CPU back end divided the run among.
    """

    backend: str
    seconds: Dict[str, float]
    modelled: bool
    cycles: Optional[int]
    saturated: Dict[str, int]
    values: Dict[str, int]
    refinements: int
    kernel_seconds: Optional[float] = None
    access: Optional[str] = None
    kernel: Optional[str] = None
    threads: Optional[int] = None

    @property
    def total_seconds(self):
        """Sum of the stages."""
        return sum(self.seconds.values())

    def clipped_kinds(self):
        """Kinds of which more than 0.1 % saturated, where that costs accuracy."""
        return clipped_kinds(self.saturated, self.values)

    def to_dict(self):
        """For JSON."""
        return {**asdict(self), "total_seconds": self.total_seconds}


def clipped_kinds(saturated, values):
    """Those of `WARNED_KINDS` of whose values more than a share was clipped; dicts by kind."""
    known = [kind for kind in WARNED_KINDS if kind in values]
    return [kind for kind in known if saturated[kind] > SATURATION_WARNING * values[kind]]


def value_counts(model, steps, batch, refinements):
    """How many values of each kind a run has.

    Parameters
    ----------
    model : CompressedModel
    steps : int
        Valid steps of all sequences together.
    batch : int
        Sequences that got a state.
    refinements : int

    Returns
    -------
    dict
        "x", "state", "p", "pre", "c": int.
    """
    units = sum(model.hidden_sizes)
    components = sum(
        part.p_count(inputs, hidden, refinements)
        for part, sizes in ((model.input, model.input_sizes), (model.hidden, model.hidden_sizes))
        for inputs, hidden in zip(sizes, model.hidden_sizes)
    )
    return {
        "x": steps * sum(model.input_sizes),
        "state": 2 * batch * units,
        "p": steps * components,
        "pre": steps * 4 * units,
        "c": steps * units,
    }
