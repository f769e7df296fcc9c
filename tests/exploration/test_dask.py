"""The same answer from workers of Dask, one and several, as in one process."""

import pytest
from distributed import Client, LocalCluster
from test_explore import alike, explored


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
