"""Plan: which LSTMs go through the kernel side by side, and where each takes its input from.

The kernel works in *waves*. In wave w it takes the pairs one after another; the LSTM in a lane
of a pair does its step t = w - lag, if the sequence has one. Its input then is, element by
element, over the segments of its route,

    x = sat_A(sum of round(source / 2^shift))

where a source is the codes of its external input of step t, or the h that another LSTM had
after the previous wave: that of step t of a source whose lag is one less, that of an earlier
step, or the state it started from, of one whose lag is greater.
"""

from dataclasses import dataclass
from functools import cached_property
from math import frexp
from typing import Optional, Tuple

from pynq_lstm.accelerator import plan_checks
from pynq_lstm.errors import PlanError
from pynq_lstm.model import CompressedModel

ROUTE_SHIFTS = plan_checks.SHIFTS
Place = Tuple[int, int]  # pair, lane


@dataclass(frozen=True)
class Segment:
    """A run of elements of a source, added to a run of the elements of x.

    Segments on different elements concatenate their sources, those on the same add them.

    Attributes
    ----------
    start, length : int
        Elements of the source.
    offset : int
        The first element of x.
    source : (pair, lane), optional
        The LSTM whose h it is; None: the external input.
    shift : int
        -8 to 8: adds round(source / 2^shift).
    """

    start: int
    length: int
    offset: int = 0
    source: Optional[Place] = None
    shift: int = 0


Route = Tuple[Segment, ...]


@dataclass(frozen=True, eq=False)
class Pair:
    """Two LSTMs of one compressed model in the lanes of the kernel, or one and an empty lane.

    Attributes
    ----------
    model : CompressedModel
    members : (int, int or None)
        Which LSTMs of the model. Both have as many hidden units.
    routes : tuple of (tuple of Segment or None), optional
        One for each lane; default: the external input as it is.
    lags : tuple of int
    """

    model: CompressedModel
    members: Tuple[int, Optional[int]]
    routes: Tuple[Optional[Route], ...] = (None, None)
    lags: Tuple[int, ...] = (0, 0)

    def __post_init__(self):
        plan_checks.check_pair(self)
        routes = []
        for j, route in zip(self.members, self.routes):
            if j is None:
                routes.append(())
            else:
                whole = (Segment(0, self.model.input_sizes[j]),)
                routes.append(whole if route is None else tuple(route))
        object.__setattr__(self, "routes", tuple(routes))

    @property
    def lanes(self):
        """The lanes that are not empty."""
        return tuple(lane for lane, j in enumerate(self.members) if j is not None)

    @property
    def inputs(self):
        """Elements of the longest x."""
        return max(self.model.input_sizes[self.members[lane]] for lane in self.lanes)

    @property
    def hidden(self):
        """Hidden units of each LSTM."""
        return self.model.hidden_sizes[self.members[0]]

    def external_size(self, lane):
        """Elements of a lane's external input; 0 if its route takes none."""
        own = [s for s in self.routes[lane] if s.source is None]
        return max((s.start + s.length for s in own), default=0)


@dataclass(frozen=True, eq=False)
class Plan:
    """The pairs that one start of the kernel works on.

    Raises
    ------
    PlanError
        Lanes, segments or lags that do not fit together; the field, its value, a remedy.
    """

    pairs: Tuple[Pair, ...]

    def __post_init__(self):
        object.__setattr__(self, "pairs", tuple(self.pairs))
        plan_checks.check(self)

    @cached_property
    def models(self):
        """The compressed models, in the order in which they first appear."""
        return tuple(dict.fromkeys(pair.model for pair in self.pairs))

    @cached_property
    def members(self):
        """The lanes that are not empty, as (pair, lane): models in the order in which they
        first appear, their LSTMs ascending. Inputs and results are lists in this order.
        """
        keys = {
            (self.models.index(pair.model), pair.members[lane], k, lane)
            for k, pair in enumerate(self.pairs)
            for lane in pair.lanes
        }
        return tuple((k, lane) for _, _, k, lane in sorted(keys))

    @property
    def largest_lag(self):
        """Waves beyond the steps of a sequence."""
        return max(self.pairs[k].lags[lane] for k, lane in self.members)

    def hidden_sizes(self):
        """Hidden units of each of `members`."""
        return [self.pairs[k].hidden for k, _ in self.members]

    def external_sizes(self):
        """Elements of the external input of each of `members`; 0 where there is none."""
        return [self.pairs[k].external_size(lane) for k, lane in self.members]

    @property
    def collected(self):
        """The pairs whose h some route takes, ascending."""
        segments = [s for pair in self.pairs for route in pair.routes for s in route]
        return sorted({s.source[0] for s in segments if s.source is not None})

    @classmethod
    def of_model(cls, model):
        """All LSTMs of a model side by side, each with its external input.

        Those with as many hidden units go two by two, in their order.
        """
        return cls(tuple(Pair(model, members) for members in two_by_two(model)))

    @classmethod
    def stacked(cls, models, shifts=None):
        """Layers on top of one another: those of the first model take the external input.

        LSTM j of layer k takes the h of LSTM j of layer k - 1 and works one wave later.

        Parameters
        ----------
        models : sequence of CompressedModel
            From the lowest layer up.
        shifts : sequence of int, optional
            One for each layer but the first: its codes of x are round(h / 2^shift). Default:
            what brings the scale of h to that of x, which must differ by a power of two.
        """
        plan_checks.check_stack(models, shifts)
        pairs, below = [], {}
        for layer, model in enumerate(models):
            places = {}
            for members in two_by_two(model):
                routes = (None, None)
                if layer:
                    shift = None if shifts is None else shifts[layer - 1]
                    routes = tuple(
                        None if j is None else (_above(model, j, layer, below[j], shift),)
                        for j in members
                    )
                for lane, j in enumerate(members):
                    places[j] = (len(pairs), lane)
                pairs.append(Pair(model, members, routes, (layer, layer)))
            below = places
        return cls(tuple(pairs))


def two_by_two(model):
    """Members of pairs: LSTMs of one hidden size, in their order; alone where nothing is shared."""
    if model.method == "block_diagonal":
        return [(j, None) for j in range(model.models)]
    by_size = {}
    for j, size in enumerate(model.hidden_sizes):
        by_size.setdefault(size, []).append(j)
    pairs = [
        (group[k], group[k + 1] if k + 1 < len(group) else None)
        for group in by_size.values()
        for k in range(0, len(group), 2)
    ]
    return sorted(pairs)


def _above(model, j, layer, source, shift):
    """The segment of a layer that takes the whole h of the LSTM at `source`."""
    if shift is None:
        fraction, exponent = frexp(model.x_inverse_scale[j])
        shift = model.activation_bits - exponent  # h has 2^(A - 1) codes a unit
        if fraction != 0.5 or shift not in ROUTE_SHIFTS:
            raise PlanError(
                f"models[{layer}].x_inverse_scale[{j}]",
                model.x_inverse_scale[j],
                "not the scale of h times a power of two",
                "pass shifts=, or compress the layer with an input range of a power of two",
            )
    return Segment(0, model.input_sizes[j], 0, source, shift)
