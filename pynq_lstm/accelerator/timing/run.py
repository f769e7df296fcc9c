"""The calls of a RUN, one after another."""

from pynq_lstm.accelerator.timing.call import Call, processes
from pynq_lstm.accelerator.timing.kept import Kept
from pynq_lstm.accelerator.timing.max_plus import later
from pynq_lstm.accelerator.timing.pipeline import held_back, slots
from pynq_lstm.accelerator.timing.play import Play
from pynq_lstm.accelerator.timing.wave import steps

PRIMED_DEPTH = 2  # of its FIFO, waves.h
NOT_IDLE = ("h_tiles", "sigma_unit", "collect")


class Other(Call):
    """A call that is no step: most processes only read their command.

    Parameters
    ----------
    image : Image
    pair : int
    latencies : Latencies
    kind : str
        "prime" (a sequence begins), "dump" (its state goes to memory) or "report".
    state : bool
        Whether a prime reads the state from memory.
    first : form, optional
        Of the first call of a RUN: when its first beat can be read.
    before : sequence of Call
        Calls before it that read states, or show tiles, as it does.
    """

    def __init__(self, image, pair, latencies, kind, state=False, first=None, before=()):
        super().__init__(image, pair, latencies)
        self._beats = image.design.h_beats + image.design.c_beats
        form = self.turn("dispatch")
        if first:
            form = later(form, choosing(image, latencies))
        if kind == "prime" and pair == 0:
            form = self.accessed(form, first)  # the length of the sequence
        form = self.commands(form)
        for process in self.followers:
            if process not in NOT_IDLE:
                self.end(process, self.begin(process))
        if "h_tiles" in self.followers:
            self.end("h_tiles", self.loop("h_tiles", "join_tiles", self.begin("h_tiles"), 0).end)
        begin = self.begin("sigma_unit")
        if kind == "prime":
            self._prime(form, begin, state, before)
        else:
            self.end("dispatch", form)
        if kind == "report":
            self.end("sigma_unit", self.accessed(begin))
        self.collect(self._beats, self._dump(begin, before) if kind == "dump" else {})

    def _prime(self, form, begin, state, before):
        count, lasts, states, tokens = len(self.tiles), (self.tiles + 1) * self._beats - 1, None, {}
        if state:
            form = self.event("dispatch.state_beats", form)
            states = self.loop("dispatch", "state_beats", form, count * self._beats)
            tokens = states.results(lasts)
        loop = self.loop("sigma_unit", "prime_tiles", begin, count, (self.tiles, tokens))
        self.h = loop.results(self.tiles)
        self.end("sigma_unit", loop.end)
        if state:
            primes = (call.loops["sigma_unit", "prime_tiles"] for call in [self, *reversed(before)])
            read = ((n, prime.starts) for n, prime in enumerate(primes))
            found = slots(count, PRIMED_DEPTH, read)
            form = held_back(self.latencies, states, lasts, found).end
        self.end("dispatch", form)

    def _dump(self, begin, before):
        """Tiles of the state, behind those of other calls that stand in the FIFO."""
        loop = self.loop("sigma_unit", "dump_tiles", begin, len(self.tiles))
        taken = ((n + 1, call.taken) for n, call in enumerate(reversed(before)))
        found = slots(len(self.tiles), self.image.design.max_h_tiles, taken)
        loop = held_back(self.latencies, loop, self.tiles, found)
        self.end("sigma_unit", loop.end)
        return loop.results(self.tiles)


def choosing(image, latencies):
    """Cycles in which dispatch chooses the program of every pair."""
    own = [program.pair for program in image.programs]
    return sum(
        latencies.sequential_iteration + latencies.alone("choose_prefix", own.count(pair))
        for pair in range(len(image.pairs))
    )


def begins(latencies):
    """Cycles from the end of the checks: processes begin; the first beat of memory can be read."""
    lat = latencies
    beat = lat.call_start + lat.memory_read + lat.loop_entry + lat.depth("read_beats") + 1
    return lat.start_propagation + 2 * lat.call_start, beat


def unrolled(image, refinements, latencies, waves, state, keep):
    """Cycles of a RUN, call by call; see `played`."""
    lat = latencies
    _, (*_, shown, end) = played(image, refinements, latencies, waves, state, keep)
    last_beat = shown["collect.end"] - lat.loop_exit + 1
    written = last_beat + lat.depth("write_beats") + lat.memory_write + lat.loop_exit
    ended = max(*end.values(), written + lat.sequential_access)
    return int(ended + lat.memory_write)  # of the beat that reports


def _primes(image, latencies, state):
    """The calls in which a sequence begins, one for each pair."""
    made = []
    for k in range(len(image.pairs)):
        made.append(Other(image, k, latencies, "prime", state, before=made))
    return tuple(made)


def played(image, refinements, latencies, waves, state, keep):
    """The calls of a RUN, and when their events happen.

    Parameters
    ----------
    image : Image
    refinements : int
    latencies : Latencies
    waves : sequence of int
        Of each sequence.
    state, keep : bool
        Whether the states come from memory, and go there.

    Returns
    -------
    calls : list of Call
    times : list of (dict of str to float)
        Cycle of every event of each call.
    """
    lat, pairs = latencies, range(len(image.pairs))
    check = len(waves) * (lat.plain_iteration + lat.memory_read)  # of the lengths
    begin, beat = (check + cycles for cycles in begins(lat))
    first = Other(image, 0, lat, "prime", state, {("dispatch.end", 1): beat - begin})
    primes, dumps = Kept.of(image).result(_primes, image, lat, state), []
    wave, others = steps(image, refinements, lat, primes), steps(image, refinements, lat)
    for k in pairs if keep else ():
        dumps.append(Other(image, k, lat, "dump", before=[*others, *dumps]))
    calls = []
    for count in waves:
        calls += [*primes, *wave, *((count - 1) * others), *dumps]
    calls = [first, *calls[1:], Other(image, 0, lat, "report")]
    play = Play({f"{process}.end": begin for process in processes(image.design)})
    return calls, [play.call(call.events) for call in calls]
