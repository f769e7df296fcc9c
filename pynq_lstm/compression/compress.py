"""`compress`: the one entry to every compression method."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields

from pynq_lstm.compression import calibration as ranges_of
from pynq_lstm.compression import svd
from pynq_lstm.compression.options import SvdOptions
from pynq_lstm.compression.parts import join_gates, limit_dot_products
from pynq_lstm.compression.quantization import quantise
from pynq_lstm.compression.weights import gate_problems, weight_error
from pynq_lstm.errors import CompressionError
from pynq_lstm.model import PARTS
from pynq_lstm.model_checks import MAX_MODELS
from pynq_lstm.network import Network

METHODS = ("svd",)


def compress(network, method="svd", calibration=None, input_range=None, progress=None, **options):
    """Compress a float network to integers.

    Parameters
    ----------
    network : Network
    method : str
        "svd": rank-1 components shared by the models (Ribes et al. 2020).
    calibration : ndarray or list, float32, shaped as `Session.infer` takes x
        Typical inputs; the scales are chosen from the float network's run on them.
    input_range : pair of float
        Lowest and highest value of x. Instead of `calibration` it makes seeded
        noise to run on; beside it, it widens the range of x.
    progress : bool, optional
        A progress bar on stderr; default: on terminals only.
    **options
        Of the method; for "svd" the fields of `SvdOptions`.

    Returns
    -------
    CompressedModel
        Serves every prefix of its components. The same bytes for the same
        arguments, machine and library versions.

    Raises
    ------
    CompressionError
        An unknown method or option, or a value that the network does not allow.
    CalibrationError
        Neither `calibration` nor `input_range`, or unusable ones.
    """
    if not isinstance(network, Network):
        raise CompressionError(
            "network", type(network).__name__, "not a Network", "make one with Network.from_torch"
        )
    if len(network.layers) > MAX_MODELS:
        raise CompressionError(
            "network.layers",
            len(network.layers),
            f"more than {MAX_MODELS} LSTMs side by side",
            "compress them in several models",
        )
    if method not in METHODS:
        raise CompressionError("method", method, "unknown", f"choose from {list(METHODS)}")
    known = [f.name for f in fields(SvdOptions)]
    for name in options:
        if name not in known:
            raise CompressionError(
                name, options[name], f"no option of method {method!r}", f"choose from {known}"
            )
    options = SvdOptions(**options)
    data = ranges_of.calibration_input(network, calibration, input_range)
    # only here: running a model needs less than compressing one
    from threadpoolctl import threadpool_limits

    # one BLAS thread: the same bytes whatever the machine's load, and no oversubscription
    with threadpool_limits(limits=1):
        parts = _components(network, options, progress)
        provenance = {"method": method}
        for side in PARTS:
            parts[side], halved = limit_dot_products(parts[side], options.activation_bits)
            if halved:
                provenance[f"{side} components with a halved grid of u"] = halved
        ranges = ranges_of.measure(network, data, input_range, {s: parts[s].u for s in PARTS})
        provenance["calibration"] = "noise" if calibration is None else "data"
        model = quantise(network, parts, options, ranges, provenance)
        error = weight_error(network, model)
    provenance["weight mse"] = error.mse
    provenance["relative weight error"] = error.relative
    return model.with_provenance(provenance)


def _components(network, options, progress):
    """Solve the eight gate problems side by side; `PartComponents` by part."""
    from tqdm import tqdm

    problems = {side: gate_problems(network, side) for side in PARTS}
    resolved = {side: options.part(side, *problems[side].shape[1:]) for side in PARTS}
    steps = sum(2 * 4 * resolved[side].refinements for side in PARTS)
    disable = None if progress is None else not progress
    pool = ThreadPoolExecutor(os.cpu_count())
    with tqdm(total=steps, desc="compress", unit="term", disable=disable, leave=False) as bar:

        def solve(gate, side):
            return svd.approximate(gate, resolved[side], options.weight_bits, bar.update)

        try:
            jobs = {side: [pool.submit(solve, g, side) for g in problems[side]] for side in PARTS}
            return {
                side: join_gates([job.result() for job in jobs[side]], resolved[side])
                for side in PARTS
            }
        finally:  # an interruption does not wait for what has not begun
            pool.shutdown(wait=False, cancel_futures=True)
