"""The same answer from workers of Dask, one and several, as in one process."""

import pytest
from distributed import Client, LocalCluster
from test_explore import alike, explored


@pytest.mark.parametrize("workers", [1, 2])
def test_dask(task, found, workers):
    """Each worker is a process; the cluster listens on this machine only."""
    options = {"threads_per_worker": 1, "processes": True, "dashboard_address": None}
    with (
        LocalCluster(n_workers=workers, host="127.0.0.1", **options) as cluster,
        Client(cluster) as client,
        client.get_executor() as executor,
    ):
        assert alike(found, explored(task, executor=executor))
