"""When the events of calls happen, one call after another."""

from pynq_lstm.accelerator.timing.max_plus import NEVER


class Play:
    """Calls as they follow one another.

    Calls before count among those that have the event: what a step waits for in a FIFO that only
    steps fill is that many steps before, whatever calls are in between.

    Parameters
    ----------
    times : dict of str to float
        Cycle of each event that the first call may wait for.
    """

    def __init__(self, times):
        self._past = {name: [time] for name, time in times.items()}  # of every call so far
        self._orders = {}  # of events, by identity; the events, so that it stays theirs

    def call(self, events):
        """Let a call happen.

        Parameters
        ----------
        events : dict of str to form

        Returns
        -------
        dict of str to float
            Cycle of every event of the call.
        """
        if id(events) not in self._orders:
            self._orders[id(events)] = events, self._order(events)
        _, order = self._orders[id(events)]
        own = []
        for _, _, inside, before in order:  # runs for every event of every call: plain loops
            latest = NEVER
            for offset, place in inside:
                time = own[place] + offset
                if time > latest:
                    latest = time
            for offset, past, calls in before:
                if calls <= len(past):
                    time = past[-calls] + offset
                    if time > latest:
                        latest = time
            own.append(latest)
        for (_, past, _, _), time in zip(order, own):
            past.append(time)
        return {name: time for (name, _, _, _), time in zip(order, own)}

    def _order(self, events):
        """Events behind those of the same call that they wait for: name, past, waits inside the
        call as (offset, place in this order), waits for calls before as (offset, past, calls)."""
        order, places = [], {}

        def put(name):
            if name in places:
                return
            inside, before = [], []
            for (source, calls), offset in events[name].items():
                if calls:
                    before.append((float(offset), self._past.setdefault(source, []), calls))
                else:
                    put(source)
                    inside.append((float(offset), places[source]))
            places[name] = len(order)
            order.append((name, self._past.setdefault(name, []), inside, before))

        for name in events:
            put(name)
        return order
