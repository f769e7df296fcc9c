"""Calls of a back end on the host that takes floats itself, in one call of C from input to output.

The conversions, checks and counts of `calls` would take longer than a small network. So the second
call of a shape finds its arguments bound; what it cannot take goes the general way, which says why.
"""

from typing import Any, NamedTuple, Optional, Tuple

import numpy as np

from pynq_lstm.packed import padded
from pynq_lstm.runtime.answers import Answers, parts
from pynq_lstm.runtime.calls import Calls
from pynq_lstm.runtime.report import SATURATION_WARNING, RunReport

_FLOAT32 = np.dtype(np.float32)
MOST_BOUND = 16  # shapes
CLIPPED = 1  # what ``lstm_infer`` returns where more was clipped than goes without saying
_PREFIXES = {int, type(None)}  # of `refinements`: True and 1.0 would be found as 1


class DirectJob(NamedTuple):
    """A call that is checked.

    Attributes
    ----------
    x : list of ndarray, (batch, time, input), float32
    state : tuple of list of ndarray, (batch, hidden), float32, or None
        h and c.
    lengths : ndarray, (batch,), int64, or None
    refinements : int
    batched : bool
    """

    x: list
    state: Optional[Tuple[list, list]]
    lengths: Optional[np.ndarray]
    refinements: int
    batched: bool


class Bound(NamedTuple):
    """What the report of a bound call is made of, when it is asked for."""

    binding: Any
    steps: int
    batch: int
    refinements: int


class DirectCalls(Calls):
    """`Calls` on a back end with ``bind`` and ``infer``, such as `CpuBackend`."""

    def __init__(self, model, backend, title=""):
        self._last, self._short_ways = None, {}
        super().__init__(model, backend, title)

    @property
    def last_run(self):
        """`RunReport` of the last call; made when it is asked for."""
        last = self._last
        if isinstance(last, Bound):
            self._last = last = self._report(last.binding.ran(last.binding.call), *last)
        return last

    @last_run.setter
    def last_run(self, report):
        self._last = report

    def infer(self, x, state, lengths, refinements):
        """What `Session.infer` returns."""
        known = lengths is None and type(x) is np.ndarray and type(refinements) in _PREFIXES
        short = self._short_ways.get((x.shape, refinements)) if known else None
        if short is not None:
            answer = short(x, state)
            if answer is not None:
                return answer
        job = self.prepare(x, state, lengths, refinements)
        key = (x.shape, refinements) if known and short is None else None
        return self.in_turn(self._run_and_bind, job, key)

    def prepare(self, x, state, lengths, refinements):
        """Arguments of `Session.infer` as a `DirectJob`."""
        shapes = self.shapes
        x, lengths = padded(x, lengths)
        x, batched = shapes.inputs(x)
        batch, steps = x[0].shape[:2]
        state = None if state is None else shapes.state(state, batch, batched)
        lengths = None if lengths is None else shapes.lengths(lengths, batch, steps)
        return DirectJob(x, state, lengths, self.model.served(refinements), batched)

    def run(self, job):
        """Run a job.

        Returns
        -------
        answer : tuple
            out, (h, c) as `Session.infer` returns them.
        report : RunReport
        """
        return self.in_turn(self._run_job, job)

    def _run_and_bind(self, backend, job, key):
        """Run a job, and have the next call of its shape and prefix take the short way."""
        answer, _ = self._run_job(backend, job)
        if key is not None:
            self._bind(backend, key, job, answer)
        return answer

    def _run_job(self, backend, job):
        batch, steps = job.x[0].shape[:2]
        binding = backend.bind(batch, steps, job.refinements, job.lengths)
        sizes, shapes = self.model.hidden_sizes, self.shapes
        make = np.empty if job.lengths is None else np.zeros  # zero beyond the lengths
        out = make(batch * steps * sum(sizes), _FLOAT32)
        state = np.empty(2 * batch * sum(sizes), _FLOAT32)
        sides = (None, None) if job.state is None else job.state
        ran = backend.infer(binding, job.x, *sides, out, state)
        valid = batch * steps if job.lengths is None else int(job.lengths.sum())
        report = self.note(self._report(ran, binding, valid, batch, job.refinements))
        h, c = (parts(side, sizes, (batch,)) for side in state.reshape(2, -1))
        out = shapes.pack_out(parts(out, sizes, (batch, steps)), job.batched)
        return (out, tuple(shapes.pack_state(side, job.batched) for side in (h, c))), report

    def _bind(self, backend, key, job, answer):
        out, (h, _) = answer
        if isinstance(out, list):  # models of several sizes
            return
        batch, steps = job.x[0].shape[:2]
        binding = backend.bind(batch, steps, job.refinements)
        bound = Bound(binding, batch * steps, batch, job.refinements)
        binding.warn_above(self.values(*bound[1:]), SATURATION_WARNING)
        self._short_ways[key] = self._short_way(bound, out.shape, h.shape)
        if len(self._short_ways) > MOST_BOUND:
            self._short_ways.pop(next(iter(self._short_ways)), None)

    def _short_way(self, bound, out_shape, side_shape):
        """A function of x and a state: the answer, or None where the general way has to say more.

        Its names are locals, since every look-up counts here.
        """
        backend, call = self.backend, bound.binding.call
        view, null, run = backend.view, backend.null, backend.run_bound
        array, float32 = np.ndarray, _FLOAT32
        answers = Answers(out_shape, side_shape, view)
        take, give = answers.take, answers.give

        def short(x, state):
            if x.dtype is not float32:  # as good as always one object
                return None
            try:
                if state is None:
                    h = c = null
                else:
                    if type(state) is not tuple:
                        return None
                    h, c = state
                    if not (
                        type(h) is type(c) is array
                        and h.shape == c.shape == side_shape
                        and h.dtype is c.dtype is float32
                    ):
                        return None
                    h, c = view(h), view(c)
                x = view(x)
            except ValueError:  # a state that is no pair, or arrays with gaps
                return None
            answer = take()
            out, new_h, new_c, _, to_out, to_state = answer
            told = run(call, x, h, c, to_out, to_state)
            give(answer)
            if told and not self._took_note(told, bound):
                return None
            self._last = bound
            return out, (new_h, new_c)

        return short

    def _took_note(self, told, bound):
        """Whether all that a call had to tell is what it clipped, of which the user is warned."""
        if told != CLIPPED:
            return False
        self.note(self._report(bound.binding.ran(bound.binding.call), *bound))
        return True

    def short_step(self, steps, refinements):
        """As `Calls.short_step`: between steps h and c stay in C, as exact floats."""
        shapes = self.shapes
        if len({*shapes.input_sizes, 0}) > 2 or len({*shapes.hidden_sizes, 0}) > 2:
            return None  # lists over models
        backend, bound = self.backend, Bound(steps.binding, 1, 0, refinements)
        steps.binding.warn_above(self.values(*bound[1:]), SATURATION_WARNING)
        lead = (shapes.models,) if shapes.models > 1 else ()
        x_shape, out_shape = (*lead, shapes.input_sizes[0]), (*lead, shapes.hidden_sizes[0])
        call, (h, c) = steps.binding.call, steps.sides
        view, run = backend.view, backend.run_bound
        array, float32 = np.ndarray, _FLOAT32
        answers = Answers(out_shape, (0,), view)
        take, give = answers.take, answers.give

        def short(x):
            if not (type(x) is array and x.shape == x_shape and x.dtype is float32):
                return None
            try:
                x = view(x)
            except ValueError:  # an array with gaps
                return None
            answer = take()
            out = answer[0]
            told = run(call, x, h, c, answer[4], h)
            give(answer)
            if told and not self._took_note(told, bound):
                return None  # and nothing has changed
            self._last = bound
            return out

        return short

    def _report(self, ran, binding, steps, batch, refinements):
        return RunReport(
            self.name,
            {"run": ran.seconds},
            False,
            None,
            ran.counts,
            self.values(steps, batch, refinements),
            refinements,
            kernel=binding.kernel,
            threads=binding.threads,
        )

    def _close(self):
        self._short_ways = {}
        super()._close()
