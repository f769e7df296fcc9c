"""ONNX Runtime, float32 and dynamic int8, with inputs and outputs bound once."""

import logging
import tempfile
from pathlib import Path

import numpy as np

from cpu.peers.peer import FLOAT_TOLERANCE, INT8_TOLERANCE, Peer
from cpu.timing import fastest


def prepare_float(modules, x, threads):
    """See `Peer.prepare`."""
    from cpu.peers.onnx_graph import graph

    return _faster_session(graph(modules, [a.shape for a in x]), x, threads)


def prepare_int8(modules, x, threads):
    """See `Peer.prepare`; weights are int8, a scale for each gate output."""
    from cpu.peers.onnx_graph import graph

    return _faster_session(_quantised(graph(modules, [a.shape for a in x])), x, threads)


def _quantised(model):
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    logging.getLogger().addFilter(lambda record: "pre-processing" not in record.getMessage())
    with tempfile.TemporaryDirectory() as folder:
        source, target = (Path(folder) / name for name in ("float.onnx", "int8.onnx"))
        onnx.save(model, source)
        quantize_dynamic(source, target, weight_type=QuantType.QInt8, per_channel=True)
        return onnx.load(target)


def _faster_session(model, x, threads):
    """Nodes one after another, or, with several threads and models, side by side."""
    modes = [False, True] if threads > 1 and len(x) > 1 else [False]
    return fastest([_session(model, x, threads, parallel) for parallel in modes], threads)


def _session(model, x, threads, parallel):
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = threads if parallel else 1
    if parallel:
        options.execution_mode = ort.ExecutionMode.ORT_PARALLEL
    session = ort.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    binding = session.io_binding()
    given = [ort.OrtValue.ortvalue_from_numpy(a) for a in x]
    for j, value in enumerate(given):
        binding.bind_ortvalue_input(f"x{j}", value)
    taken = [np.empty(output.shape, np.float32) for output in session.get_outputs()]
    for j, array in enumerate(taken):
        binding.bind_output(f"y{j}", "cpu", 0, np.float32, array.shape, array.ctypes.data)
    h = [array[:, 0] for array in taken]

    def call(session=session, given=given):
        session.run_with_iobinding(binding)
        return h

    return call


FLOAT = Peer("ONNX Runtime float32", "onnxruntime", 32, FLOAT_TOLERANCE, prepare_float)
INT8 = Peer("ONNX Runtime int8", "onnxruntime", 8, INT8_TOLERANCE, prepare_int8)
