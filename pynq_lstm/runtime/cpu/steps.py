"""One sequence, step by step, its state in C."""

import numpy as np

from pynq_lstm import numerics


class CpuSteps:
    """What `runtime.steps.HostSteps` is, on the CPU's kernels.

    h and c are kept as float32, which holds their codes exactly, so that a step can pass
    them to C as they are.

    Parameters
    ----------
    backend : CpuBackend
    model : CompressedModel
    refinements : int

    Attributes
    ----------
    binding : Binding
        Of one step that changes the state in place, unless x is not finite.
    sides : tuple
        h and c for it, the latter behind the former.
    ran_on : dict
        `kernel` and `threads` of the report of a step.
    """

    _codes = None  # the binding of `step`, which few streams need

    def __init__(self, backend, model, refinements):
        self._backend, self._model, self._refinements = backend, model, refinements
        self.binding = backend.bind_step(refinements)
        self.ran_on = {"kernel": self.binding.kernel, "threads": self.binding.threads}
        units = sum(model.hidden_sizes)
        self._ends = np.cumsum(model.hidden_sizes)[:-1]
        self._state = np.zeros((2, units), np.float32)
        self.sides = tuple(backend.view(side) for side in self._state)
        self._bits = (
            [model.hidden_fraction_bits] * model.models,
            list(model.cell_fraction_bits),
        )

    def step(self, x):
        """One step of codes, as `HostSteps.step`."""
        if self._codes is None:
            self._codes = self._backend.bind_step(self._refinements, codes=True)
        h, c = ([a[None] for a in side] for side in self.read_state())
        result = self._backend.run_codes(self._codes, [a[None, None] for a in x], h, c)
        self.write_state(*([a[0] for a in side] for side in (result.h, result.c)))
        return result

    def read_state(self):
        """(h, c): lists of ndarray, (hidden,), int."""
        return tuple(
            [
                np.rint(np.ldexp(values, bits)).astype(np.int64)
                for values, bits in zip(np.split(side, self._ends), fractions)
            ]
            for side, fractions in zip(self._state, self._bits)
        )

    def write_state(self, h, c):
        """Go on from h and c: lists of ndarray, (hidden,), int."""
        for side, codes, fractions in zip(self._state, (h, c), self._bits):
            values = [numerics.dequantise(np.asarray(a), bits) for a, bits in zip(codes, fractions)]
            side[:] = np.concatenate(values)

    def reset(self):
        """Go on from zero."""
        self._state[:] = 0

    def close(self):
        """Nothing is held; for the interface's sake."""
