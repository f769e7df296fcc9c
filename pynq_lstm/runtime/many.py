"""Many inputs one after another, each prepared while the device runs the one before."""

import time
from collections import deque


def run_many(calls, inputs, refinements):
    """Answers in the order of the inputs, as `Session.infer_many` gives them.

    The turn on the back end is taken for each result anew: a generator that nobody asks for
    its next answer stops nobody.

    Parameters
    ----------
    calls : Calls
    inputs : iterator
    refinements : int
    """
    jobs = Jobs(inputs, lambda x: calls.prepare(x, None, None, refinements))
    if hasattr(calls.backend, "run_many"):
        yield from _overlapped(calls, jobs)
    else:
        for job in jobs:
            yield calls.run(job)[0]
    if jobs.failure is not None:
        raise jobs.failure


class Jobs:
    """Inputs made into jobs when they are asked for, or ahead; iterated by a back end.

    Parameters
    ----------
    inputs : iterator
    prepare : callable
        Makes a `Job` of an input.

    Attributes
    ----------
    failure : Exception or None
        What ended the inputs before their end. It is for the user when the answers to all
        before it are out.
    """

    def __init__(self, inputs, prepare):
        self.failure = None
        self._inputs, self._prepare = inputs, prepare
        self._ahead = deque()
        self._ended = False

    def fetch(self):
        """Prepare one more input, if there is one."""
        if self._ended:
            return
        try:
            self._ahead.append(self._prepare(next(self._inputs)))
        except StopIteration:
            self._ended = True
        except Exception as error:  # of the user's iterable, or an input that is refused
            self.failure, self._ended = error, True

    def __iter__(self):
        return self

    def __next__(self):
        if not self._ahead:
            self.fetch()
        if not self._ahead:
            raise StopIteration
        return self._ahead.popleft()


def _overlapped(calls, jobs):
    started = deque()

    def codes():
        for job in jobs:
            started.append(job)
            yield job.codes

    results = calls.in_turn(_start, calls, codes())
    try:
        # The user's iterable is asked outside the turn: it may use the session itself.
        jobs.fetch()
        jobs.fetch()
        for ran in iter(lambda: calls.in_turn(_next, results), None):
            yield calls.finish(started.popleft(), *ran)[0]
            jobs.fetch()
    finally:
        calls.drop(results)


def _start(backend, calls, codes):
    results = backend.run_many(codes)
    calls.opened(results)
    return results


def _next(backend, results):
    begin = time.perf_counter()
    result = next(results, None)
    return result and (result, backend.timing, time.perf_counter() - begin)
