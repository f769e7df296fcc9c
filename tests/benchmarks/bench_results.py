"""Made-up results of the benchmark, for the tests of what is told of them."""

import numpy as np
from cpu import fashion
from cpu.competitors import Competitor
from cpu.fashion import Accuracy
from cpu.limits import Limits
from cpu.measurement import Measurement
from cpu.overhead import WHOLE, Overhead
from cpu.peers import torch_float
from cpu.run import BATCHES, Outcome, Subject
from cpu.shapes import SHAPES
from cpu.timing import Times

LIMITS = Limits({16: 2e11, 256: 1e11, 1024: 1e11, 65536: 1e10}, 1e11, 4e11, 0.0, 1e10, 3e9, "VNNI")
BUSY = np.array([1.0, 1.0, 1.0, 5.0, 1.0, 1.2, 1.0, 3.0, 1.0, 1.0, 1.0])


def measurement(shape, batch, threads, ours, peers):
    """Times of each in microseconds, on a machine that is busy in some rounds."""
    competitors, times = {}, {}
    for names, own in ((peers, False), (ours, True)):
        for name, time in names.items():
            competitors[name] = Competitor(lambda: None, own, 1000, 0.01)
            # the wall runs twice as fast as the processor, as with two busy threads
            times[name] = Times(time * BUSY, time * BUSY / 2)
    return Measurement(shape, batch, threads, competitors, times, {"absent": "not installed"})


def outcome(ours, peers, batches=BATCHES, threads=(1, 2)):
    """All shapes with the same times."""
    return Outcome(
        [
            measurement(shape.name, batch, count, ours, peers)
            for count in threads
            for shape in SHAPES
            for batch in batches
        ]
        + [measurement(fashion.NAME, 1, 1, ours, {**peers, torch_float.PEER.name: 500.0})],
        LIMITS,
        [Subject(shape, [], {}, {}) for shape in SHAPES],
        {
            fashion.FLOAT: Accuracy(88.4, (87.0, 89.7)),
            **{name: Accuracy(88.0, (86.5, 89.3)) for name in ours},
        },
        {"small": Overhead({WHOLE: np.array([11.0, 12.0])}, {WHOLE: np.array([10.0, 10.5])})},
        {"3 threads": "this process has 2 cores"},
    )
