"""What the timed dataflow simulation refuses."""

from pynq_lstm.errors import PynqLstmError


class InstrumentationError(PynqLstmError, ValueError):
    """A kernel source that the simulation cannot time: what, where, and what would do."""


class DepthError(PynqLstmError, ValueError):
    """A pipelined loop without a stated depth, or a statement about no loop."""


class SimulationError(PynqLstmError, RuntimeError):
    """The simulated kernel cannot be built or run, or its run failed."""
