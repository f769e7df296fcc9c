"""Cycles of a packed plan, modelled: what a wave takes in steady state, and what limits it.

The processes of a kernel in ``hls_src`` wait for commands and tokens, for slots in FIFOs, and for
the end of their own last call. `timing` says what each event of a call waits for, with the words
of the image's programs, the depths of the loops and the states around them. A wave then takes
the greatest sum of cycles, over waves passed, of the circuits that such waits form:

    a process   its loops, each with its drain, and the tokens outside of loops, of all pairs
    feedback    of a pair, the greatest over its tiles of h of: words of hidden V up to the tile,
                sigma, joining, words of hidden U from the one that takes the tile on, drain,
                slots, S, copies of p; of the block-diagonal engine: sigma, filling the banks, words
    routes      all collected h, words of route, input U, S and V, sigma: of pairs in their order
    others      such as a process that waits for two others in turn

Nothing is fitted. Every FIFO between processes may be full, but for those that hold the h of a
wave. ``tests/hls/test_cycles_against_simulation.py`` (one design, many shapes and latencies) and
``tests/hls/test_random_designs.py`` (random designs and plans) find that a wave and a LOAD take
what the timed simulation takes, to the cycle. What is left: a RUN of more than eight sequences, or
of long ones that have not settled where steady state is assumed.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Dict, Tuple

from pynq_lstm.accelerator import buffers
from pynq_lstm.accelerator.latencies import Latencies
from pynq_lstm.accelerator.timing.call import processes
from pynq_lstm.accelerator.timing.counts import count, prefix
from pynq_lstm.accelerator.timing.load import load
from pynq_lstm.accelerator.timing.max_plus import Edge, settle
from pynq_lstm.accelerator.timing.run import unrolled
from pynq_lstm.accelerator.timing.units import Unit, units
from pynq_lstm.accelerator.timing.wave import edges, steps
from pynq_lstm.errors import InputError

FEEDBACK = ("hidden_v.v_words", "hidden_u.u_slots")  # events on the way of h, of the SVD engine
BLOCK_WORDS = "hidden_part.multiply_words"  # and of the block-diagonal one
SETTLED = 12  # waves of a sequence, or more, that are modelled one by one
SEQUENCES, CALLS = 8, 256  # modelled so: sequences; calls, where fewer waves than those make them


@dataclass(frozen=True)
class Cycles:
    """A wave: a step of every LSTM of a plan.

    Attributes
    ----------
    wave : float
        Cycles in steady state.
    limit : str
        A process, "feedback", "routes", or processes that wait for one another.
    circuit : tuple of Edge
        The waits that set the limit; events are named (process.event, pair).
    processes : dict of str to float
        Cycles a wave that each is busy; the ports: beats.
    feedback : tuple of float
        Cycles from h to h, of each pair.
    routes : float
        Cycles from all collected h to that of the next wave; 0 without routes.
    units : dict of str to Unit
        Those of the engine: input_u, input_v, hidden_u, hidden_v, or input_part and hidden_part.
    clock_mhz : int
    """

    wave: float
    limit: str
    circuit: Tuple[Edge, ...]
    processes: Dict[str, float]
    feedback: Tuple[float, ...]
    routes: float
    units: Dict[str, Unit]
    clock_mhz: int

    @property
    def microseconds(self):
        """Of a wave, at the design's clock."""
        return self.wave / self.clock_mhz

    @property
    def idle(self):
        """Cycles of a wave in which each unit has no word: what a model of energy asks for."""
        return {name: self.wave - unit.words for name, unit in self.units.items()}

    @property
    def utilisation(self):
        """Share of the multipliers of U and V at work while their lists are in progress."""
        return self._share({name: unit.in_progress for name, unit in self.units.items()})

    @property
    def wave_utilisation(self):
        """The same over the whole wave."""
        return self._share(dict.fromkeys(self.units, self.wave))

    def _share(self, cycles):
        room = sum(unit.macs_a_cycle * cycles[name] for name, unit in self.units.items())
        return sum(unit.macs for unit in self.units.values()) / room


def wave_cycles(image, refinements=None, latencies=None):
    """Model a wave of an image.

    Parameters
    ----------
    image : Image
    refinements : int, optional
        The prefix that is asked for; default: the longest.
    latencies : Latencies, optional
        Default: those of the engine.

    Returns
    -------
    Cycles

    Raises
    ------
    InputError
        A prefix that no RUN takes.
    """
    calls = steps(image, prefix(refinements), latencies or Latencies.of(image.design))
    waits = edges(calls)
    pace = settle(waits)
    read, written = buffers.wave_beats(image)
    inside = {name: [] for name in processes(image.design)}  # waits of a process for itself
    for edge in waits:
        name, other = (event.partition(".")[0] for event, _ in (edge.source, edge.target))
        if name == other:
            inside[name].append(edge)
    alone = {name: _period(own) for name, own in inside.items()}
    return Cycles(
        wave=pace.period,
        limit=_limit(pace.circuit),
        circuit=pace.circuit,
        processes={**alone, "read_memory": read, "write_memory": written},
        feedback=tuple(_feedback(waits, k) for k in range(len(calls))),
        routes=_period(e for e in waits if not e.waves or e.target[0] == "route.route_words"),
        units=units(calls, pace),
        clock_mhz=image.design.clock_mhz,
    )


def wave_period(image, refinements=None, latencies=None):
    """Cycles of a wave in steady state, `wave_cycles`'s ``wave``, without what limits it."""
    latencies = latencies or Latencies.of(image.design)
    return settle(edges(steps(image, prefix(refinements), latencies))).period


def run_cycles(image, lengths, refinements=None, state=False, keep=False, latencies=None):
    """Model a RUN, from its start to its end.

    The first waves of the first sequences are modelled one by one. Waves behind them take what
    they take in steady state, and sequences behind them what the second of two as long adds.

    Parameters
    ----------
    image : Image
    lengths : sequence of int
        Of the sequences.
    refinements : int, optional
    state, keep : bool
        Whether the states come from memory, and go there.
    latencies : Latencies, optional

    Returns
    -------
    float
        Cycles.

    Raises
    ------
    InputError
        No sequence, or a length or prefix that no RUN takes.
    """
    lengths = [count(f"lengths[{n}]", length) for n, length in enumerate(lengths)]
    if not lengths:
        raise InputError("lengths", lengths, "no sequence", "pass the length of one at least")
    latencies = latencies or Latencies.of(image.design)
    waves = [length + image.plan.largest_lag for length in lengths]
    few = min(len(waves), SEQUENCES)
    settled = max(SETTLED, CALLS // (few * len(image.pairs)))
    begun = [min(own, settled) for own in waves]

    def cycles(sequences):
        return unrolled(image, prefix(refinements), latencies, sequences, state, keep)

    total = float(cycles(begun[:few]))
    later = sum(waves) - sum(begun)
    if later:  # the steady state of short sequences is not asked for
        total += later * wave_period(image, refinements, latencies)
    behind = Counter(begun[few:])
    return total + sum(n * (cycles([own, own]) - cycles([own])) for own, n in behind.items())


def load_cycles(image, latencies=None):
    """Model a LOAD: its checks, and the image on its way into the memories.

    Parameters
    ----------
    image : Image
    latencies : Latencies, optional

    Returns
    -------
    int
        Cycles.
    """
    return load(image, latencies or Latencies.of(image.design))


def _period(waits):
    pace = settle(list(waits))
    return pace.period if pace else 0.0


def _feedback(waits, pair):
    """From the words that make the hidden part's sums to those of the next wave."""
    turns = {(name, pair) for name in (*FEEDBACK, BLOCK_WORDS)}
    return _period(e for e in waits if {e.source, e.target} <= turns)


def _limit(circuit):
    processes = list(dict.fromkeys(edge.source[0].partition(".")[0] for edge in circuit))
    if "route" in processes and len(processes) > 1:
        return "routes"
    through = any(e.source[0] == e.target[0] == BLOCK_WORDS for e in circuit)
    if through or {"hidden_u", "hidden_v"} <= {*processes}:
        return "feedback"
    return " and ".join(processes)
