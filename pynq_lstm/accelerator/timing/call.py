"""A call of the kernel's processes as events (see max_plus.py).

An event has a name; ("hidden_u.end", 0) is that of the call itself, ("hidden_u.end", 1) that of
the call before it. In each call a process has the events

    read    its command has been read, behind the end of its last call
    end     its loops have drained, and what it writes behind them is written

and where one of its loops waits for another to end, one named after the later loop.
"""

import numpy as np

from pynq_lstm.accelerator.timing.max_plus import at, join, later
from pynq_lstm.accelerator.timing.pipeline import pipeline

FOLLOWERS = {  # of dispatch by engine, in the order in which it writes their commands
    "svd": (
        *("input_u", "input_s", "input_v", "hidden_u", "hidden_s", "hidden_v"),
        *("route", "h_tiles", "sigma_unit", "collect"),
    ),
    "block_diagonal": ("input_part", "hidden_part", "route", "sigma_unit", "collect"),
}
COMMANDS_DEPTH = 4  # of their FIFOs, waves.h


def processes(design):
    """Of the kernel of a design."""
    return ("dispatch", *FOLLOWERS[design.engine])


class Call:
    """A call for one pair of LSTMs.

    Parameters
    ----------
    image : Image
    pair : int
    latencies : Latencies

    Attributes
    ----------
    events : dict of str to form
        What each event waits for.
    loops : dict of (str, str) to Pipeline
        By process and label.
    h : form
        When tiles of h can be read by later calls.
    taken : form
        When collect takes each tile that it shows.
    """

    def __init__(self, image, pair, latencies):
        self.image, self.pair, self.latencies = image, pair, latencies
        self.followers = FOLLOWERS[image.design.engine]
        self.layout = image.pairs[pair]
        self.tiles = np.arange(self.layout.h_tiles)
        self.events, self.loops, self.h, self.taken = {}, {}, {}, {}
        self._commands = {}

    def event(self, name, form):
        """Define an event; the form of what waits for nothing else."""
        self.events[name] = form
        return {(name, 0): 0}

    def end(self, process, form):
        """Define the end of a process."""
        self.event(f"{process}.end", form)

    def loop(self, process, label, begin, count, *arrivals):
        """Add a loop; see `pipeline`."""
        made = pipeline(self.latencies, label, begin, count, arrivals)
        self.loops[process, label] = made
        return made

    def accessed(self, form, token=None):
        """A token is read or written outside of loops, no earlier than `token` allows."""
        return later(join(form, token or {}), self.latencies.sequential_access)

    def turn(self, process):
        """When a process comes to this call."""
        return {(f"{process}.end", 1): self.latencies.sequential_iteration}

    def commands(self, form):
        """Let dispatch write the commands; the form of what follows."""
        for process in self.followers:
            slot = {(f"{process}.read", COMMANDS_DEPTH): 1 - self.latencies.sequential_access}
            self._commands[process] = later(join(form, slot), 1)
            form = self.accessed(form, slot)
        return form

    def begin(self, process):
        """Let a process read its command; the form of what follows."""
        read = self.accessed(self.turn(process), self._commands[process])
        return self.event(f"{process}.read", read)

    def collect(self, beats, shown):
        """Let collect write the beats of some tiles, each when it can be read."""
        places = np.arange(len(self.tiles) if shown else 0) * beats
        begin, count = self.begin("collect"), len(places) * beats
        loop = self.loop("collect", "collect_beats", begin, count, (places, shown))
        self.taken = at(loop.starts, places)
        self.end("collect", loop.end)
