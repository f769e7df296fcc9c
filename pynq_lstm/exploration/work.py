"""Evaluations in this process or by workers, in batches that do not depend on them."""

import contextlib
import pickle
import sys
import time
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    ThreadPoolExecutor,
    wait,
)

from pynq_lstm.errors import CompressionError

ANSWER_SECONDS = 3600  # for one evaluation, which takes seconds
LOOK_SECONDS = 1.0


class Work:
    """Runs jobs, keeps their answers, and takes those that are there already.

    Parameters
    ----------
    problem : jobs.Problem
    store : Store
    executor : concurrent.futures.Executor or None
        None: in this process. `check_executor` has seen it.
    """

    def __init__(self, problem, store, executor):
        self._problem, self._store, self._executor = problem, store, executor

    def answers(self, job, keyed):
        """Run a batch.

        Parameters
        ----------
        job : callable
            ``job(problem, *arguments)``, a function of a module.
        keyed : list of (str, tuple)
            Key and arguments of each.

        Yields
        ------
        answer
            In their order.
        """
        waiting = {}  # keys by their futures, in the order of the batch
        try:
            for key, arguments in keyed:
                if self._executor is not None and self._store.get(key) is None:
                    waiting[self._submit(job, *arguments)] = key
            for key, arguments in keyed:
                while key in waiting.values():
                    self._collect(waiting)
                answer = self._store.get(key)
                if answer is None:
                    answer = job(self._problem, *arguments)
                    self._store.put(key, answer)
                yield answer
        except BaseException:
            for future, key in waiting.items():
                with contextlib.suppress(Exception):
                    if not future.cancel() and future.done():
                        self._store.put(key, future.result(0))
            raise

    def _collect(self, waiting):
        """Keep what has been answered, at once and in any order; wait for one answer at least."""
        until = time.monotonic() + ANSWER_SECONDS
        while not (done := [future for future in waiting if future.done()]):
            left = until - time.monotonic()
            if left <= 0:
                break
            # in short waits: one that was cancelled before it began wakes nobody up
            wait(waiting, min(left, LOOK_SECONDS), FIRST_COMPLETED)
        if not done:
            _refuse(
                self._executor,
                f"a worker has not answered for {ANSWER_SECONDS} seconds",
                "see whether the workers run; with store= nothing that was evaluated is lost",
            )
        failed = None
        for future in done:
            key, lost = waiting.pop(future), _lost(future)
            if lost is None:
                self._store.put(key, future.result(0))
            else:
                failed = failed or lost
        if failed is not None:
            _raise(self._executor, failed)

    def _submit(self, job, *arguments):
        try:
            return self._executor.submit(job, self._problem, *arguments)
        except RuntimeError as error:  # shut down, or broken
            _refuse(self._executor, f"takes no jobs ({error})", "pass one that runs")


def check_executor(executor, problem):
    """Raise `CompressionError` for no executor, or a problem that cannot be sent to its workers."""
    if executor is None:
        return
    if not isinstance(executor, Executor):
        remedy = "pass a ProcessPoolExecutor, or client.get_executor() of Dask"
        _refuse(executor, "no concurrent.futures.Executor", remedy)
    if isinstance(executor, ThreadPoolExecutor):
        return
    try:
        pickle.dumps(problem)
    except Exception as error:  # whatever objects of the user say
        raise CompressionError(
            "validation",
            type(problem.validation).__name__,
            f"cannot be sent to the workers of the executor ({error})",
            "pass (x, labels), or a function of a module",
        ) from None


def _refuse(executor, problem, remedy):
    raise CompressionError("executor", type(executor).__name__, problem, remedy) from None


def _lost(future):
    """What ended a job instead of an answer; None: there is one."""
    return CancelledError() if future.cancelled() else future.exception(0)


def _raise(executor, error):
    """The job's own error as it is; that there is no worker (any more) as a `CompressionError`."""
    if isinstance(error, CancelledError):
        _refuse(executor, "a job was cancelled", "see whether the executor, or its client, is open")
    if isinstance(error, (BrokenExecutor, *_of_dask())):
        _refuse(executor, f"a worker ended ({error})", "look why; with store= nothing is lost")
    raise error


def _of_dask():
    """Its errors of workers that died, or that are none; they derive from `Exception` alone."""
    dask = sys.modules.get("distributed.scheduler")  # imported if a client is there
    names = ("KilledWorker", "NoValidWorkerError")
    return [getattr(dask, name) for name in names if hasattr(dask, name)]
