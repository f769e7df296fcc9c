"""One sequence through a network in one start, fed step by step."""

from pynq_lstm.runtime.stream import Stream


class OneStartStream(Stream):
    """A `Stream` of a network; `ran` is that of a `NetworkStream`, as code is for both."""

    _ran = False

    @property
    def ran(self):
        """Of each model, whether the last step ran it, a tuple of bool: of all, or of none.

        All are False before the first step, and after `reset` or a state that was set.
        """
        return (self._ran,) * len(self._calls.model.wiring.names)

    def _step(self, backend, codes):
        found = super()._step(backend, codes)
        self._ran = True
        return found

    def _replace(self, clipped, work):
        super()._replace(clipped, work)
        self._ran = False
