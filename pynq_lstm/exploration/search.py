"""Branch and bound over families, ranks and designs: accuracy first, then resources, then time.

A model is looked at only while its bound is below the fastest one that is good enough. Points of
a family are tried with the most components that a time allows, since fewer of the same are taken
to be no better; so whole regions are left out at once. Next to the best this is not relied upon.
"""

import math
from operator import itemgetter

import numpy as np

from pynq_lstm import fronts
from pynq_lstm.budgets.tries import ROUNDING
from pynq_lstm.errors import CompressionError
from pynq_lstm.exploration import jobs
from pynq_lstm.exploration.overheads import overheads
from pynq_lstm.exploration.region import BAD, GOOD, UNKNOWN, Region

SCREENED, CHECKED, MADE = 4, 8, 4  # evaluations of a batch, whatever the executor
TOGETHER = 4  # batches of prefixes that are checked before the best is looked at again
PROBED = 64  # prefixes that are checked at most before a time is taken to be too short
FRONT = 12  # models of the front that are made beside those of the search


class Search:
    """One exploration.

    Parameters
    ----------
    problem : jobs.Problem
    goal : Goal
    work : Work
    float_value : float or None
    tries : int
        Descents that are made at most.
    step : callable
        ``step(evaluations, looked_at, sets, cycles)``, called after each batch: of the sets of
        options how many were looked at or left out, and the least cycles so far.

    Attributes
    ----------
    regions : list of Region
    made : list of dict
        What `jobs.made` answered, in the order of the search.
    best : dict or None
        The fastest of them that is good enough.
    left_out : dict of str to int
    """

    def __init__(self, problem, goal, work, float_value, tries, step):
        self._problem, self._goal, self._work = problem, goal, work
        self._float, self._tries, self._step = float_value, tries, step
        self.regions, self.made, self.best, self.refused = [], [], None, []
        self._place = None  # (region, at) of the best
        self._untried = []  # (region, at) of descents that were one too many
        self._sets = [0, 0]  # of options: looked at or left out as a whole, and all
        self.left_out = {"bound": 0, "resources": 0, "accuracy": 0, "tries": 0, "refused": 0}

    @property
    def limit(self):
        """Cycles of the best so far."""
        return math.inf if self.best is None else self.best["candidate"]["cycles"]

    def run(self, families):
        """Search some families: those that share a kernel's time first.

        Raises
        ------
        CompressionError
            Nothing is good enough, or no design runs anything.
        """
        numbered = list(enumerate(families))
        late = [(n, f) for n, f in numbered if f.engine == "svd1"]
        self._sets[1] = len(numbered)
        self._add([(n, f) for n, f in numbered if f.engine != "svd1"])
        self._settle()
        lowest = len(self._problem.network.layers) * (overheads("svd").feedback + 2)
        if lowest < self.limit:
            self._add(late)
            self._settle()
        else:
            self.left_out["bound"] += sum(f.points for _, f in late)
            self._sets[0] += len(late)
        if not self.regions:
            raise CompressionError(
                "network", None, f"no options go with it: {self.refused[0]}", "change them"
            )
        self._descend()
        if self.best is None:
            self._refuse()
        self._make_front()
        self._settle()  # the front may have a better one, and that one neighbours
        self._count()

    def _tell(self, evaluations):
        self._step(evaluations, *self._sets, self.limit)

    def _add(self, numbered):
        keyed = [(f"screen {n}", (f,)) for n, f in numbered]
        for batch in _batches(list(zip(keyed, numbered)), SCREENED):
            answers = self._work.answers(jobs.screened, [one for one, _ in batch])
            for told, (_, (n, family)) in zip(answers, batch):
                if "refused" in told:
                    self.refused.append(told["refused"])
                    self.left_out["refused"] += family.points
                else:
                    self.regions.append(Region(n, family, told))
            self._sets[0] += len(batch)
            self._tell(len(batch))
        for region in self.regions:
            if self._goal.max_mse is not None:
                known = region.state == UNKNOWN
                meets = region.mse <= self._goal.max_mse
                region.state[known] = np.where(meets, GOOD, BAD)[known]

    def _settle(self):
        """Check and make until nothing that may be good is below the best."""
        if self._goal.max_drop is not None and self.best is None:
            self._check(self._corners(math.inf))
            self._bisect()
        while True:
            ready = self._good()
            if ready:
                rough = [one for one in ready if not one[0].exact[one[1]]]
                if not ready[0][0].exact[ready[0][1]]:
                    self._time(rough[:CHECKED])
                else:
                    self._make(ready[:MADE])
                continue
            left = self._corners(self.limit) or self._beside()
            if not left:
                return
            self._check(left[: CHECKED * TOGETHER])

    def _beside(self):
        """(region, at) with a component less than the best, taken to be bad without a look.

        While nothing is good enough: than what lost least. More components that failed do not
        prove it: validation data is finite.
        """
        place = self._place or self._least_lost()
        if self._goal.max_drop is None or place is None:
            return []
        region, (first, second) = place
        found = [
            (region, at)
            for at in ((first - 1, second), (first, second - 1))
            if min(at) >= 0 and region.is_presumed_bad(at) and region.cycles[at] < self.limit
        ]
        for _, at in found:
            region.state[at] = UNKNOWN
        return found

    def _least_lost(self):
        """(region, at) of the least drop that was measured; None before the first."""
        known = [region for region in self.regions if np.isfinite(region.drop).any()]
        if not known:
            return None
        region = min(known, key=lambda one: np.nanmin(one.drop))
        first, second = np.unravel_index(np.nanargmin(region.drop), region.drop.shape)
        return region, (int(first), int(second))

    def _bisect(self):
        """Find a short time at which something is good."""
        finite = [r.cycles[np.isfinite(r.cycles)] for r in self.regions]
        levels = np.unique(np.concatenate(finite)) if finite else np.zeros(0)
        low, high = 0, len(levels) - 1
        while low < high:
            middle = (low + high) // 2
            if self._is_possible(levels[middle]):
                high = middle
            else:
                low = middle + 1

    def _is_possible(self, cycles):
        beyond = np.nextafter(cycles, math.inf)
        for batch in _batches(self._corners(beyond)[:PROBED], CHECKED * TOGETHER):
            if any(region.good(beyond) for region in self.regions):
                return True
            self._check(batch)
        return any(region.good(beyond) for region in self.regions)

    def _corners(self, limit):
        """(region, at) of unknown points below a limit, the least expected error first."""
        found = [(r, at) for r in self.regions for at in r.corners(limit)]
        return sorted(found, key=_by_error)

    def _good(self):
        """(region, at) of good points below the best, the least time first."""
        found = [(r, at) for r in self.regions for at in r.good(self.limit)]
        return sorted(
            found,
            key=lambda one: (one[0].cycles[one[1]], one[0].error[one[1]], one[0].number, one[1]),
        )

    @property
    def _least(self):
        """The lowest value that is good; None where none is measured."""
        most = self._goal.max_drop
        return None if most is None else self._float - most - ROUNDING

    def _check(self, places):
        """Measure prefixes, and make their cycles exact where they are good."""
        for region, batch, answers in self._prefixes(places, self._least):
            for (value, cycles), at in zip(answers, batch):
                self._take(region, at, value, cycles)

    def _prefixes(self, places, least):
        """Have prefixes looked at: region, a batch of its points, and what `jobs.checked` says."""
        grouped = {}
        for region, at in places:
            grouped.setdefault(region.number, (region, []))[1].append(at)
        keyed, own = [], []
        for region, every in grouped.values():
            for batch in _batches(every, CHECKED):
                key = f"{'time' if least is None else 'check'} {region.number} {batch}"
                keyed.append((key, (region.family, region.model, batch, least)))
                own.append((region, batch))
        for answers, (region, batch) in zip(self._work.answers(jobs.checked, keyed), own):
            yield region, batch, answers
            self._tell(len(batch))

    def _take(self, region, at, value, cycles):
        if value is not None:
            region.drop[at] = self._float - value
            if value < self._least:
                region.fail(at)
                return
        region.state[at] = GOOD
        region.exact[at] = True
        region.cycles[at] = math.inf if cycles is None else cycles

    def _make(self, places):
        for region, at in places:
            region.closed[at] = True
        self._made([(region, at, region.family.chosen(at)) for region, at in places])

    def _made(self, chosen):
        """Make models in a batch; whether each is good enough."""
        keyed = [
            (f"make {region.number} {sorted(options.items())}", (region.family, options))
            for region, _, options in chosen
        ]
        good = []
        for (region, at, _), answer in zip(chosen, self._work.answers(jobs.made, keyed)):
            good.append(False)
            if "refused" in answer:
                # a point is `closed` by greedy components; of a descent it has its reason already
                self.left_out["refused"] += int(region.closed[at])
                continue
            self.made.append(answer)
            own = answer["candidate"]
            good[-1] = self._goal.met(own["drop"], own["mse"])
            if good[-1] and (self.best is None or _order(own) < _order(self.best["candidate"])):
                self.best, self._place = answer, (region, at)
        self._tell(len(chosen))
        return good

    def _descend(self):
        """Make models by a descent where greedy components were not good enough."""
        tried = 0
        while True:
            offers = self._offers()
            rough = [one for one in offers if not one[0].exact[one[1]]]
            if rough:
                self._time(rough)
                continue
            offers = offers[: min(MADE, self._tries - tried)]
            if not offers:
                break
            tried += len(offers)
            chosen = [(r, at, {**r.family.chosen(at), "solver": "bcd"}) for r, at in offers]
            for (region, at), good in zip(offers, self._made(chosen)):
                region.descended[at] = True
                if not good:
                    region.fail_descent(at)
        self._untried = self._offers()

    def _offers(self):
        """(region, at) where a descent may be good enough, the least expected error first."""
        errors = [region.error[region.state == GOOD] for region in self.regions]
        most = max((float(own.max()) for own in errors if len(own)), default=0.0)
        found = [
            (region, at)
            for region in self.regions
            if region.family.ranks is not None and "solver" not in region.family.options
            for at in region.descents(self.limit, most)
        ]
        return sorted(found, key=_by_error)

    def _time(self, places):
        """Make the cycles of prefixes exact, whether they are good or not."""
        for region, batch, answers in self._prefixes(places, None):
            for (_, cycles), at in zip(answers, batch):
                region.exact[at] = True
                region.cycles[at] = math.inf if cycles is None else cycles

    def _make_front(self):
        """Make the models that no other one beats in both time and accuracy, as far as known."""
        if self._goal.max_drop is not None:
            self._probe()
        front = self._front()
        while rough := [one for one in front if not one[0].exact[one[1]]]:
            self._time(rough)
            front = self._front()
        left = [one for one in front if not one[0].closed[one[1]]]
        if len(left) > FRONT:
            left = [left[k] for k in np.linspace(0, len(left) - 1, FRONT).round().astype(int)]
        for batch in _batches(left, MADE):
            self._make(batch)

    def _front(self):
        """(region, at) that none beats in both time and accuracy, of those that are known."""
        known = []
        for region in self.regions:
            lost = region.drop if self._goal.max_drop is not None else region.mse
            for at in map(tuple, np.argwhere(np.isfinite(lost) & np.isfinite(region.cycles))):
                known.append((region.cycles[at], lost[at], region, tuple(map(int, at))))
        return [one[2:] for one in fronts.front(known, itemgetter(0), itemgetter(1))]

    def _probe(self):
        """Measure what shorter times cost: the most promising points at some of them."""
        finite = [region.cycles[np.isfinite(region.cycles)] for region in self.regions]
        levels = np.unique(np.concatenate(finite))
        levels = levels[levels < self.limit]
        if len(levels) > FRONT:
            levels = levels[np.linspace(0, len(levels) - 1, FRONT).round().astype(int)]
        for level in levels:
            found = []
            for region in self.regions:
                at = region.most_promising(level)
                if at is not None and np.isnan(region.drop[at]):
                    found.append((region, at))
            self._measure(sorted(found, key=_by_error)[:CHECKED])

    def _measure(self, places):
        """Measure prefixes of which it is known that they are not good enough."""
        for region, batch, answers in self._prefixes(places, self._least):
            for (value, _), at in zip(answers, batch):
                region.drop[at] = self._float - value

    def _count(self):
        """Every point that was not made of greedy components, under one reason.

        One that a descent made is among them: under why its greedy components were not.
        """
        for region in self.regions:
            left = ~region.closed
            untried = np.zeros_like(left)
            for at in (at for own, at in self._untried if own is region):
                untried[at] = True
            for reason, holds in (
                ("tries", untried),
                ("resources", ~np.isfinite(region.cycles) & (region.state != GOOD)),
                ("accuracy", region.state == BAD),
                ("bound", np.ones_like(left)),
            ):
                self.left_out[reason] += int((left & holds).sum())
                left &= ~holds

    def _refuse(self):
        if not self.made and not any(np.isfinite(r.cycles).any() for r in self.regions):
            device = self._problem.target.device.name
            raise CompressionError(
                "device", device, "no design for it runs the network", "choose a larger device"
            )
        if self._goal.max_mse is not None:
            least = min(float(r.mse.min()) for r in self.regions)
            raise CompressionError(
                "max_mse",
                self._goal.max_mse,
                f"no model keeps to it, the least is {least:.4g}",
                "allow more",
            )
        drops = [r.drop[np.isfinite(r.drop)] for r in self.regions]
        least = min((float(own.min()) for own in drops if len(own)), default=math.nan)
        raise CompressionError(
            "max_drop",
            self._goal.max_drop,
            f"no model that keeps to it was found, the least drop is {least:.4g}",
            "allow more, or train the network further",
        )


def _by_error(place):
    region, at = place
    return region.error[at], region.number, at


def _order(own):
    """What comes first: the least time, then the least that is lost, then the least bytes."""
    return own["cycles"], own["mse"] if own["drop"] is None else own["drop"], own["bytes"]


def _batches(values, size):
    return [values[k : k + size] for k in range(0, len(values), size)]
