"""The baselines of an exploration: what its answer is to be compared with.

Each gets the device, the clock, the DSPs and the bits of the answer, and its own best packing.
"""

from dataclasses import asdict, replace

from pynq_lstm import baselines
from pynq_lstm.budgets import costs
from pynq_lstm.compression.options import WEIGHT_BITS
from pynq_lstm.errors import PynqLstmError
from pynq_lstm.exploration import alone, described


def compared(network, target, best, model, compress, measure, met):
    """The baselines that there are for a network and a device, and why others are not.

    LSTM-HW and LSTM-SW run the dense matrices with the bits of the answer (weights of 2 bits: 4,
    the fewest that they have); SVD1-HW has the options of the answer, where that is of SVDn, with
    the fewest components that meet the goal where LSTMs share nothing (`alone.fewest`). Software is
    estimated for the processor of the device.

    Parameters
    ----------
    network : Network
    target : Target
    best : dict
        Fields of the `Candidate`.
    model : CompressedModel or CompressedNetwork
        Of it.
    compress : callable
        ``compress(options) -> model``.
    measure : callable
        ``measure(model) -> (value, drop)``, both None without validation.
    met : callable
        ``met(drop, mse) -> bool``: the goal.

    Returns
    -------
    dict
        "found", a list of the fields of a `Candidate` each, and "missing", why a baseline is not
        there, by its engine.
    """
    bits = {
        "weight_bits": max(costs.passes(model)[0].weight_bits, min(WEIGHT_BITS)),
        "activation_bits": model.activation_bits,
    }
    dense_options = {"method": "dense", **bits}
    given = target.device, target.clock_mhz, int(best["resources"]["dsp"])
    made, measured, found, missing = {}, {}, [], {}

    def of(options):
        key = repr(sorted(options.items()))
        if key not in made:
            made[key] = compress(options)
        return made[key]

    def told(its):
        if id(its) not in measured:  # all of them are kept by `made`
            measured[id(its)] = measure(its)
        return measured[id(its)]

    def good(its):
        return met(told(its)[1], its.provenance["weight mse"])

    def lstm_hw():
        dense = of(dense_options)
        mse = dense.provenance["weight mse"]
        return baselines.lstm_hw(network, *given, *bits.values(), mse=mse), dense, dense_options

    def svd1_hw():
        if model.method != "svd":
            return f"the answer is {_named(model.method)}: it has no components to divide"
        if len(network.layers) < 2:
            return "a single LSTM shares nothing: the answer is of SVD1 itself"
        options = {k: tuple(v) if isinstance(v, list) else v for k, v in best["options"].items()}
        options.pop("share", None)
        own = alone.fewest(network, options, of, good)
        return baselines.svd1_hw(costs.passes(of(own)), *given), of(own), own

    def lstm_sw():
        dense = of(dense_options)
        return baselines.lstm_sw(dense, on=target.device), dense, dense_options

    def svdn_sw():
        if model.method != "svd":
            return f"the answer is {_named(model.method)}: no time of its software is estimated"
        return baselines.svdn_sw(model, on=target.device), model, best["options"]

    for make in (lstm_hw, svd1_hw, lstm_sw, svdn_sw):
        try:
            answer = make()
        except PynqLstmError as error:  # no room, no processor, or the goal is out of reach
            answer = str(error)
        if isinstance(answer, str):
            missing[make.__name__] = answer
            continue
        candidate, its, options = answer
        value, drop = told(its)
        named = {**options, **candidate.options}
        candidate = replace(candidate, value=value, drop=drop, options=named)
        found.append(described.plain(asdict(candidate)))
    return {"found": found, "missing": missing}


def _named(method):
    return method.replace("_", "-")
