"""LSTM-SW and SVDn-SW: the same models on a CPU, measured here or estimated for the board's.

Ribes et al. 2020 run theirs on the four Cortex-A53 of the ZCU104. No board was used here: with
``on=`` a device, the time is an estimate, by counts of `cortex_a53`.
"""

from pynq_lstm.accelerator.roofline import dense_macs, gops
from pynq_lstm.baselines import cortex_a53
from pynq_lstm.baselines.sizes import models_of, of_network
from pynq_lstm.candidate import MEASURED, MODELLED, Candidate
from pynq_lstm.compressed_network import CompressedNetwork
from pynq_lstm.errors import InputError
from pynq_lstm.model import CompressedModel
from pynq_lstm.model_size import multiplications, stored_bytes
from pynq_lstm.runtime.sessions import load

STEPS, CALLS = 28, 100  # of a sequence, and sequences that are timed
BACKEND = "cpu"


def lstm_sw(model, on=None, threads=1, steps=STEPS, calls=CALLS, options=None):
    """The dense network in software, int8 or int4.

    Parameters
    ----------
    model : CompressedModel or CompressedNetwork
        Of method "dense".
    on : str, path or Device, optional
        Estimate the time on this device's processor. Default: measure it on this machine.
    threads : int
        Of a call; in an estimate, cores that share the work without loss.
    steps, calls : int
        Of a measured sequence, and how many sequences. The time is the median's, over its steps.
    options : mapping, optional
        Those of `compress` that made the model; told, not used.

    Returns
    -------
    Candidate
        `how` says whether it was measured; `value` and `drop` are None.

    Raises
    ------
    InputError
        A model of another method, numbers that are no counts, or a device without a processor.
    DesignError
        An unknown device.
    BackendError
        The compiled kernels are not there.
    """
    return _software("lstm_sw", "dense", model, on, threads, steps, calls, options)


def svdn_sw(model, on=None, threads=1, steps=STEPS, calls=CALLS, options=None):
    """A model of SVD in software; arguments, result and errors as those of `lstm_sw`."""
    return _software("svdn_sw", "svd", model, on, threads, steps, calls, options)


def _software(engine, method, model, on, threads, steps, calls, options):
    if not isinstance(model, (CompressedModel, CompressedNetwork)):
        remedy = f'compress(network, method="{method}", ...) makes one'
        raise InputError("model", type(model).__name__, "not a compressed model", remedy)
    models = models_of(model)
    for k, one in enumerate(models):
        if one.method != method:
            raise InputError(f"model[{k}].method", one.method, f"not {method}", "compress it so")
    if on is None:
        microseconds, how = _measured(model, threads, steps, calls), MEASURED
        cycles, limit = None, None
    else:
        estimate = cortex_a53.estimate(models, on, threads)
        microseconds, how = estimate.microseconds, MODELLED
        cycles, limit = estimate.cycles, estimate.limit
    macs = dense_macs(of_network(model))
    return Candidate(
        engine=engine,
        options={"method": method, **(options or {})},
        design=None,
        value=None,
        drop=None,
        mse=float(model.provenance.get("weight mse", 0.0)),
        bytes=sum(map(stored_bytes, models)),
        multiplications=sum(map(multiplications, models)),
        microseconds=microseconds,
        how=how,
        cycles=cycles,
        limit=limit,
        stages={},
        resources={},
        energy=None,
        intensity=None,
        gops=gops(macs, microseconds),
    )


def _measured(model, threads, steps, calls):
    with load(model, BACKEND, threads=threads) as session:
        return 1e6 * session.benchmark(steps=steps, calls=calls).p50 / steps
