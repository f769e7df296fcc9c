"""Which models of a network a step of a stream runs, and what each of them reads in it."""

from dataclasses import replace

from pynq_lstm.errors import InputError
from pynq_lstm.wiring import Expression, Wiring

_REMEDY = "call infer with whole sequences"


class Pace:
    """The steps of one stream, counted.

    A model of rate k runs at steps k, 2 k, ...: what it reads is the last step of a block, never
    a later one, so no rate has to wait for the future.

    Parameters
    ----------
    network : CompressedNetwork

    Attributes
    ----------
    wiring : Wiring
        Of one step: where a model is due, so are its sources, and it reads what they give now.
    slower : bool
        Whether some model does not run at every step.

    Raises
    ------
    InputError
        A model that goes backward, or that reads ``last(...)``: both begin where a sequence
        ends.
    """

    def __init__(self, network):
        _refuse_what_needs_the_end(network)
        self._rates = network.wiring.rates
        self.slower = any(rate > 1 for rate in self._rates)
        self.wiring = _of_one_step(network.wiring) if self.slower else network.wiring
        self.begin()

    def begin(self):
        """Count from the first step again."""
        self._steps, self.due = 0, (False,) * len(self._rates)

    def next(self):
        """Of each model, whether the coming step runs it; a tuple of bool."""
        return tuple((self._steps + 1) % rate == 0 for rate in self._rates)

    def ended(self, due):
        """The step that runs those models is over."""
        self._steps, self.due = self._steps + 1, due


def _of_one_step(wiring):
    def now(part):
        return tuple(replace(term, every=1) for term in part)

    sources = [Expression(tuple(map(now, source.parts))) for source in wiring.sources]
    return Wiring(wiring.names, tuple(sources), wiring.head)


def _refuse_what_needs_the_end(network):
    wiring = network.wiring
    for name, stack, rate in zip(wiring.names, network.stacks, wiring.rates):
        if stack.bidirectional or stack.reverse:
            problem = "goes backward, from the last step, which a stream does not know"
            raise InputError("stream", name, problem, _REMEDY)
        if rate is None:
            problem = "runs once, after the last step, which a stream does not know"
            raise InputError("stream", name, problem, _REMEDY)
