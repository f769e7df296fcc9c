"""How long commands should take: what their deadlines are derived from."""

from pynq_lstm.accelerator.cycles import load_cycles, run_cycles, wave_period


class ModelledTimes:
    """Seconds of the commands of an image: upper bounds that cost nothing at a call.

    Parameters
    ----------
    image : Image

    Attributes
    ----------
    load : float
        Of LOAD.
    """

    def __init__(self, image):
        hertz = image.design.clock_mhz * 1e6
        self.load = load_cycles(image) / hertz
        self._lag = image.plan.largest_lag
        self._wave = wave_period(image) / hertz
        self._sequence = run_cycles(image, [1], state=True, keep=True) / hertz

    def run(self, lengths):
        """Of a RUN of sequences of these lengths, every component taken."""
        waves = int(lengths.sum()) + len(lengths) * self._lag
        return len(lengths) * self._sequence + waves * self._wave
