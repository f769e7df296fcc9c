"""The calls of a network whose LSTMs all run in one start of the kernel."""

from functools import lru_cache, partial

import numpy as np

from pynq_lstm.accelerator import stacks
from pynq_lstm.runtime import many
from pynq_lstm.runtime.calls import Calls
from pynq_lstm.runtime.network_report import NetworkReport
from pynq_lstm.runtime.one_start_codec import OneStartCodec
from pynq_lstm.runtime.one_start_stream import OneStartStream
from pynq_lstm.runtime.report import clipped_kinds, value_counts

COUNTED = ("x", "state")  # kinds that are counted here, by LSTM; the kernel counts all together


class OneStartCalls(Calls):
    """`Calls` of a network on a back end that was opened on the plan of it.

    Parameters
    ----------
    network : CompressedNetwork
    plan : Plan
    flat : tuple of int
        As `stacks.of_network` returns both.
    backend : object
        On the plan.
    """

    starts, why_passes = "one", None
    report_kind = NetworkReport

    def __init__(self, network, plan, flat, backend):
        self._names = [lstm.name(network.wiring) for lstm in network.lstms]
        title, codec = f"one start ({'; '.join(self._names)})", OneStartCodec(network, plan, flat)
        super().__init__(network, backend, title, codec)
        self.shapes = network.sequences
        self._values = lru_cache(64)(partial(_value_counts, network))
        self._inputs, self._hidden = _sizes(network)

    @property
    def backends(self):
        """The back end, in a list; None once the session is closed."""
        return [self.backend]

    def prefix(self, refinements):
        """The prefix of the RUN."""
        return stacks.refinements(self.model, refinements)

    def infer_many(self, inputs, refinements):
        """Answers one after another; the next input is prepared while the kernel works."""
        return many.run_many(self, inputs, refinements)

    def stream(self, refinements):
        """One sequence step by step: a start with as many waves as there are lags, and one."""
        return OneStartStream(self, self.model.served(refinements))

    def report(self, seconds, timing, saturated, values, refinements, **more):
        """As `Calls.report`; the counts of what was converted here are arrays over LSTMs."""
        counts = [np.broadcast_to(saturated[kind], len(self._names)).tolist() for kind in COUNTED]
        each = {name: dict(zip(COUNTED, own)) for name, *own in zip(self._names, *counts)}
        lstms = {name: own for name, own in each.items() if any(own.values())}
        total = {kind: int(np.sum(count)) for kind, count in saturated.items()}
        more.update(starts=self.starts, lstms=lstms)
        return super().report(seconds, timing, total, values, refinements, **more)

    def _warn_of_saturation(self, report):
        steps = report.values["x"] // sum(self._inputs)
        batch = report.values["state"] // (2 * sum(self._hidden))
        for name, counts in report.lstms.items():
            k = self._names.index(name)
            values = {"x": steps * self._inputs[k], "state": 2 * batch * self._hidden[k]}
            self._warn(name, clipped_kinds(counts, values), counts, values)
        kinds = [kind for kind in report.clipped_kinds() if kind not in COUNTED]
        self._warn(self._title, kinds, report.saturated, report.values)


def _sizes(network):
    """Elements of x and of h of each LSTM, by flat index."""
    found = {}
    for model, own in zip(network.passes, network.members):
        found.update(zip(own, zip(model.input_sizes, model.hidden_sizes)))
    return tuple(zip(*(found[k] for k in range(len(found)))))


def _value_counts(network, steps, batch, refinements):
    """`value_counts` of all passes together."""
    total = {}
    for model, prefix in zip(network.passes, network.served_by_passes(refinements)):
        for kind, count in value_counts(model, steps, batch, prefix).items():
            total[kind] = total.get(kind, 0) + count
    return total
