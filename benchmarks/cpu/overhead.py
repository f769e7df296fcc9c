"""What the public calls add to the kernels: `Session.infer` and `Stream.step`, of one sequence.

The bare kernel is the same call of C, from floats to floats, its arrays bound beforehand.
"""

from dataclasses import dataclass
from typing import Dict

import numpy as np

import pynq_lstm as pl
from cpu import ratios, timing
from cpu.variants import BACKEND
from pynq_lstm.runtime.cpu.backend import CpuBackend

GOAL = 2.0  # microseconds
WHOLE, STEP, STREAM = "infer, whole sequence", "infer, one step with its state", "step of a stream"


@dataclass(frozen=True, eq=False)
class Overhead:
    """Microseconds of the wall a call, one value a round, by what is called.

    Attributes
    ----------
    public, bare : dict of str to ndarray
    """

    public: Dict[str, np.ndarray]
    bare: Dict[str, np.ndarray]

    def added(self, name):
        """Median over the rounds of what the public call adds, and its 95 % interval."""
        difference = self.public[name] - self.bare[name]
        return float(np.median(difference)), ratios.median_interval(difference)


def measure(model, x, rounds):
    """Time public and bare calls in turn.

    Parameters
    ----------
    model : CompressedModel
        Of LSTMs of one size.
    x : ndarray, (models, 1, time, input), float32
        The first axis is dropped for one model.
    rounds : int

    Returns
    -------
    Overhead
    """
    # the state of a stream must not drift to where values are clipped and warned of
    one = np.zeros_like(x[..., :1, :])
    step = np.zeros_like(x[..., 0, 0, :])
    with pl.load(model, backend=BACKEND) as session, session.stream() as stream:
        state = session.infer(one)[1]
        public = {
            WHOLE: lambda: session.infer(x),
            STEP: lambda: session.infer(one, state),
            STREAM: lambda: stream.step(step),
        }
        bare = {
            WHOLE: _bare(model, x, None),
            STEP: _bare(model, one, state),
            STREAM: _bare(model, one, state),
        }
        calls = {("public", name): call for name, call in public.items()}
        calls.update({("bare", name): call for name, call in bare.items()})
        times = timing.in_turn(calls, rounds)
    return Overhead(
        {name: times["public", name].wall for name in public},
        {name: times["bare", name].wall for name in bare},
    )


def _bare(model, x, state):
    backend = CpuBackend(model)
    batch, steps = x.shape[-3:-1]
    binding = backend.bind(batch, steps, model.max_refinements)
    units = batch * sum(model.hidden_sizes)
    arrays = [x, *(state or (None, None))]
    arrays += [np.empty(steps * units, np.float32), np.empty(2 * units, np.float32)]
    pointers = [backend.null if a is None else backend.view(a) for a in arrays]
    call, run = binding.call, backend.run_bound
    return lambda backend=backend, binding=binding: run(call, *pointers)
