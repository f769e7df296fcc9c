"""The same answer from workers of Dask, one and several, as in one process."""

import os

import dask
import pytest
from distributed import Client, LocalCluster
from test_explore import alike, explored

from pynq_lstm.errors import CompressionError
from pynq_lstm.exploration.store import Store
from pynq_lstm.exploration.work import Work


@pytest.fixture(scope="module")
def client():
    """Of two workers, each a process; they listen on this machine only."""
    options = {"threads_per_worker": 1, "processes": True, "dashboard_address": None}
    with (
        LocalCluster(n_workers=2, host="127.0.0.1", **options) as cluster,
        Client(cluster) as made,
    ):
        yield made


@pytest.mark.parametrize("workers", [1, 2])
def test_dask(task, found, client, workers):
    named = sorted(client.scheduler_info()["workers"])[:workers]
    with client.get_executor(workers=named) as executor:
        assert alike(found, explored(task, executor=executor))


def test_a_worker_that_dies_is_told():
    """Dask tries elsewhere, then raises an error that derives from `Exception` alone."""
    options = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": "127.0.0.1:0"}
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        LocalCluster(host="127.0.0.1", **options) as cluster,
        Client(cluster) as client,
        client.get_executor() as executor,
        Store(None, "x") as store,
    ):
        assert list(Work(7, store, executor).answers(divmod, [("lives", (2,))])) == [(3, 1)]
        with pytest.raises(
            CompressionError, match="executor = 'ClientExecutor': a worker ended .*died"
        ):
            list(Work(1, store, executor).answers(os._exit, [("dies", ())]))
