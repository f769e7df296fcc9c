"""One sequence, fed step by step."""

from pynq_lstm.runtime import refusals
from pynq_lstm.runtime.calls import clock
from pynq_lstm.runtime.steps import HostSteps, one_step


class Stream:
    """A sequence whose steps come one by one; made by `Session.stream`, closed by ``with``.

    Between steps h and c stay where the model runs, as integers. Many steps give the bits of one
    `Session.infer` over the whole sequence. Other calls and streams of the session may come in
    between.

    Attributes
    ----------
    refinements : int
        The prefix of the components that runs.
    """

    _steps = _short = None

    def __init__(self, calls, refinements):
        self._calls, self.refinements = calls, refinements
        self._known, self._clipped = True, None  # the state; values clipped in setting it
        self._steps = calls.in_turn(self._open)
        self._short = calls.short_step(self._steps, refinements)

    def step(self, x):
        """Run one step.

        Parameters
        ----------
        x : ndarray, (models, input), float32
            The axis is dropped for a single model; a list over models where sizes differ.

        Returns
        -------
        ndarray, (models, hidden), float32
            h after the step, with the axis and the lists of `x`.

        Raises
        ------
        InputError
            A shape, dtype or value that the model cannot take; the stream goes on as if the call
            had not been.
        BackendError
            The stream or its session is closed, or an earlier step did not end and nobody has set
            the state since.
        """
        calls, short = self._calls, self._short
        if (
            short is not None
            and self._known
            and self._clipped is None
            and calls.backend is not None
        ):
            out = short(x)
            if out is not None:
                return out
        x = one_step(calls.shapes, x)
        begin = clock()
        codes, clipped = calls.codec.x_codes(x)
        quantised = clock()
        result, state_clipped, timing, ran = calls.in_turn(self._step, codes)
        begun = clock()
        out = calls.codec.hidden_values([a[0, 0] for a in result.out])
        out = calls.shapes.pack_out(out, batched=True)
        stages = {"run": ran} if timing is None else timing.seconds
        with_state = state_clipped is not None
        state_clipped = state_clipped if with_state else 0
        calls.report(
            {"quantise": quantised - begin, **stages, "dequantise": clock() - begun},
            timing,
            calls.codec.saturated({"x": clipped, "state": state_clipped}, result),
            calls.step_values(self.refinements, with_state),
            self.refinements,
            **getattr(self._steps, "ran_on", {}),
        )
        return out

    @property
    def state(self):
        """The state (h, c), each (models, 1, hidden), float32, as an unbatched `infer` has it.

        Can be set, to None for zero too; it is rounded to the grid, and what was clipped is
        counted in the next step's report. Raises as `step` does.
        """
        calls = self._calls
        sides = calls.codec.state_values(*calls.in_turn(self._read))
        return tuple(calls.shapes.pack_state([a[None] for a in s], batched=False) for s in sides)

    @state.setter
    def state(self, state):
        calls = self._calls
        sides = calls.shapes.state(state, 1, batched=False)
        sides = [[a[0] for a in side] for side in sides]
        h, c, clipped = calls.codec.state_codes(*sides)
        calls.in_turn(self._write, h, c, clipped)

    def reset(self):
        """Begin another sequence, from zero."""
        self._calls.in_turn(self._reset)

    def close(self):
        """Give back what the stream holds, no later than in the session's next call."""
        steps, self._steps, self._short = self._steps, None, None
        if steps is not None:
            self._calls.drop(steps)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __del__(self):
        self.close()

    def _open(self, backend):
        if not hasattr(backend, "open_stream"):
            return HostSteps(self._calls.model, backend, self.refinements)
        steps = backend.open_stream(self._calls.prefix(self.refinements))
        self._calls.opened(steps)
        return steps

    def _step(self, backend, codes):
        steps = self._usable()
        self._known = False
        begin = clock()
        result = steps.step(codes)
        ran = clock() - begin
        state_clipped, self._clipped, self._known = self._clipped, None, True
        return result, state_clipped, backend.timing, ran

    def _read(self, _):
        return self._usable().read_state()

    def _write(self, _, h, c, clipped):
        self._replace(clipped, lambda steps: steps.write_state(h, c))

    def _reset(self, _):
        self._replace(None, lambda steps: steps.reset())

    def _replace(self, clipped, work):
        steps = self._usable(anew=True)
        self._known = False
        work(steps)
        self._known, self._clipped = True, clipped

    def _usable(self, anew=False):
        return refusals.open_stream(self._steps, self._known, anew)
