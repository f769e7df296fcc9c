"""The baselines of an exploration: what its answer is to be compared with.

Each gets the device, the clock, the DSPs and the bits of the answer, and its own best packing.
"""

from dataclasses import asdict, replace

from pynq_lstm import baselines
from pynq_lstm.budgets import costs
from pynq_lstm.compression.options import WEIGHT_BITS
from pynq_lstm.errors import PynqLstmError
from pynq_lstm.exploration import described


def compared(network, target, best, model, compress, measure):
    """The baselines that there are for a network and a device.

    LSTM-HW and LSTM-SW run the dense matrices with the bits of the answer (weights of 2 bits: 4,
    the fewest that they have); SVD1-HW has the options of the answer, where that is of SVDn, with
    the words divided among LSTMs that share nothing. Software is estimated for the processor of
    the device.

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

    Returns
    -------
    list of dict
        Fields of `Candidate`; without those that do not run the network.
    """
    bits = {
        "weight_bits": max(costs.passes(model)[0].weight_bits, min(WEIGHT_BITS)),
        "activation_bits": model.activation_bits,
    }
    dense_options = {"method": "dense", **bits}
    given = target.device, target.clock_mhz, int(best["resources"]["dsp"])
    made, found = {}, []

    def of(**options):
        key = repr(options)
        if key not in made:
            made[key] = compress(options)
        return made[key]

    def lstm_hw():
        dense = of(**dense_options)
        mse = dense.provenance["weight mse"]
        return baselines.lstm_hw(network, *given, *bits.values(), mse=mse), dense, dense_options

    def svd1_hw():
        options = {k: v for k, v in best["options"].items() if k != "share"}
        if best["engine"] == "block_diagonal" or len(network.layers) < 2:
            return None
        options = {k: tuple(v) if isinstance(v, list) else v for k, v in options.items()}
        alone = of(**options, share="none")
        own = {**options, "share": "none"}
        return baselines.svd1_hw(costs.passes(alone), *given), alone, own

    def lstm_sw():
        dense = of(**dense_options)
        return baselines.lstm_sw(dense, on=target.device), dense, dense_options

    def svdn_sw():
        if model.method != "svd":
            return None
        return baselines.svdn_sw(model, on=target.device), model, best["options"]

    for make in (lstm_hw, svd1_hw, lstm_sw, svdn_sw):
        try:
            answer = make()
        except PynqLstmError:  # no room, no processor, or options that do not go without sharing
            continue
        if answer is not None:
            candidate, its, options = answer
            value, drop = measure(its)
            told = {**options, **candidate.options}
            candidate = replace(candidate, value=value, drop=drop, options=told)
            found.append(described.plain(asdict(candidate)))
    return found
