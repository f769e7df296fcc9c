"""Evaluations in this process or by workers, in batches that do not depend on them."""

import contextlib
import pickle
from concurrent.futures import BrokenExecutor, Executor, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NoAnswer  # Python 3.10 has two of them

from pynq_lstm.errors import CompressionError

ANSWER_SECONDS = 3600  # for one evaluation, which takes seconds


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
        futures = []
        for key, arguments in keyed:
            waits = self._executor is not None and self._store.get(key) is None
            futures.append(self._submit(job, *arguments) if waits else None)
        try:
            for (key, arguments), future in zip(keyed, futures):
                answer = self._store.get(key)
                if answer is None:
                    alone = future is None
                    answer = job(self._problem, *arguments) if alone else _result(future)
                    self._store.put(key, answer)
                yield answer
        except BaseException:
            for future in futures:
                with contextlib.suppress(Exception):
                    if future is not None:
                        future.cancel()
            raise

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


def _result(future):
    try:
        return future.result(ANSWER_SECONDS)
    except BrokenExecutor as error:
        _refuse(future, f"a worker ended ({error})", "look why; with store= nothing is lost")
    except NoAnswer:
        if future.done():  # the job's own
            raise
        raise CompressionError(
            "executor",
            type(future).__name__,
            f"a worker has not answered for {ANSWER_SECONDS} seconds",
            "see whether the workers run; with store= nothing that was evaluated is lost",
        ) from None
