"""The report of a network's call: of one start, or what its passes report, added up."""

from dataclasses import dataclass, field
from typing import Dict, Optional, Tuple

from pynq_lstm.runtime.report import RunReport, value_counts


@dataclass(frozen=True)
class NetworkReport(RunReport):
    """One call of a `NetworkSession`, or one step of its stream.

    Of passes the fields are sums; what one of them does not know the sum does not either.
    `backend`, `access` and `kernel` name all that there were. `seconds` has one stage more:
    "between", all that is not in a stage of a pass, such as putting its input together.

    Attributes
    ----------
    passes : tuple of RunReport
        None of one start. Of a step of a stream those that ran; where none was due, all
        counts are zero, and of `kernel_seconds` and `cycles` those that a run would tell.
    starts : str
        "one": all LSTMs ran in one start of the kernel; or "passes".
    why_passes : str or None
        What one start could not do.
    lstms : dict of str to dict
        Of one start, what was clipped in x and in the state passed in, by LSTM and kind: those of
        which something was. "p", "pre" and "c" are counted by the kernel for all LSTMs together.
    """

    passes: Tuple[RunReport, ...] = ()
    starts: str = "passes"
    why_passes: Optional[str] = None
    lstms: Dict[str, Dict[str, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, reports, refinements, total, why_passes=None):
        """Add up.

        Parameters
        ----------
        reports : list of RunReport
            One for each pass, in their order.
        refinements : int
            That the network was asked for.
        total : float
            Seconds of the whole call.
        why_passes : str, optional
        """
        seconds = _added([report.seconds for report in reports])
        seconds["between"] = max(0.0, total - sum(seconds.values()))
        return cls(
            _named(reports, "backend"),
            seconds,
            any(report.modelled for report in reports),
            _total([report.cycles for report in reports]),
            _added([report.saturated for report in reports]),
            _added([report.values for report in reports]),
            refinements,
            _total([report.kernel_seconds for report in reports]),
            _named(reports, "access"),
            _named(reports, "kernel"),
            max((report.threads for report in reports if report.threads), default=None),
            tuple(reports),
            why_passes=why_passes,
        )

    @classmethod
    def idle(cls, network, backends, refinements, total, why_passes=None):
        """Of a step of a stream in which no pass of the network was due; else as `of`.

        Parameters
        ----------
        network : CompressedNetwork
        backends : list
            The open back end of each pass.
        """
        timings = [getattr(backend, "idle", None) for backend in backends]
        known = [timing for timing in timings if timing is not None]
        kinds = value_counts(network.passes[0], 0, 0, 1)  # zero steps of zero sequences: zeros
        seconds, counts = {"between": total}, (dict(kinds), dict(kinds))
        return cls(
            _named(backends, "name"),
            seconds,
            any(timing.modelled for timing in known),
            _total([timing and timing.cycles for timing in timings]),
            *counts,
            refinements,
            _total([timing and timing.kernel_seconds for timing in timings]),
            _named(known, "access"),
            why_passes=why_passes,
        )


def _added(counts):
    """Dicts of numbers, key by key."""
    found = {}
    for own in counts:
        for key, value in own.items():
            found[key] = found.get(key, 0) + value
    return found


def _total(values):
    return None if None in values else sum(values)


def _named(reports, field):
    found = dict.fromkeys(getattr(report, field) for report in reports)
    found.pop(None, None)
    return ", ".join(found) or None
