"""Executors that do not answer or are gone, and threads of one process."""

import os
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor

import pytest
from explored import explored

from pynq_lstm.errors import CompressionError
from pynq_lstm.exploration import jobs


class Silent(Executor):
    """Takes jobs and never answers."""

    def submit(self, *arguments, **named):
        return Future()


def test_a_worker_that_never_answers_is_told(task, monkeypatch):
    monkeypatch.setattr("pynq_lstm.exploration.work.ANSWER_SECONDS", 0.01)
    with pytest.raises(CompressionError, match="has not answered for 0.01 seconds"):
        explored(task, executor=Silent())


@pytest.mark.parametrize(
    "executor, text",
    [("ended", "takes no jobs .*shutdown"), ("killed", "a worker ended|takes no jobs")],
)
def test_workers_that_are_gone_are_told(task, executor, text):
    pool = ProcessPoolExecutor(1)
    if executor == "ended":
        pool.shutdown()
    else:
        with pytest.raises(BrokenExecutor):
            pool.submit(os._exit, 1).result(60)
    with pytest.raises(CompressionError, match=text):
        explored(task, executor=pool)
    pool.shutdown()


def test_threads_have_one_limit_of_blas_in_common():
    from threadpoolctl import threadpool_info, threadpool_limits

    def threads():
        return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}

    with threadpool_limits(limits=2):
        before = threads()
        first, second = jobs.one_thread(), jobs.one_thread()
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        assert threads() == {1}
        second.__exit__(None, None, None)
        assert threads() == before
