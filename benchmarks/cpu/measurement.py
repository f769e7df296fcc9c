"""One table: a network, a batch and a number of threads, with everyone's times."""

from dataclasses import dataclass
from typing import Dict

from cpu import ratios
from cpu.competitors import Competitor
from cpu.timing import Times


@dataclass(frozen=True, eq=False)
class Measurement:
    """Times of all competitors, taken in turn.

    With one thread the process's time on the processor counts, and its median; with several the
    wall's, and its 10th percentile: a pool of threads waits for a core that another process has.

    Attributes
    ----------
    shape : str
    batch, threads : int
    competitors : dict of str to Competitor
    times : dict of str to Times
    left_out : dict of str to str
        Who is not here, and why.
    """

    shape: str
    batch: int
    threads: int
    competitors: Dict[str, Competitor]
    times: Dict[str, Times]
    left_out: Dict[str, str]

    @property
    def title(self):
        """Shape, batch and threads, for people."""
        return f"{self.shape}, batch {self.batch}, {self.threads} thread{'s' * (self.threads > 1)}"

    @property
    def clock(self):
        """The clock and the statistic that count, for people."""
        return "median, processor" if self.threads == 1 else "10th percentile, wall"

    def rounds(self, name):
        """Microseconds a call on the clock that counts, one value a round."""
        return self.times[name].cpu if self.threads == 1 else self.times[name].wall

    def time(self, name):
        """Microseconds a call: the statistic that counts."""
        statistic = "median" if self.threads == 1 else "p10"
        return ratios.summary(self.rounds(name))[statistic]

    @property
    def ranking(self):
        """Names, the fastest first."""
        return sorted(self.times, key=self.time)

    @property
    def ours(self):
        """Names of ours, in order."""
        return [name for name in self.times if self.competitors[name].ours]

    @property
    def fastest_peer(self):
        """Name of the fastest peer."""
        return next(name for name in self.ranking if not self.competitors[name].ours)

    def ratio(self, name):
        """How many times faster than the fastest peer: the ratio, and 95 % of the pairs' median.

        With one thread the ratio is the median of the pairs' too; with several, that of the 10th
        percentiles.
        """
        peer = self.fastest_peer
        median, interval = ratios.pairwise(self.rounds(peer), self.rounds(name))
        return (median if self.threads == 1 else self.time(peer) / self.time(name)), interval
