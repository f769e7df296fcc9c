"""OpenVINO on the CPU, float32 and bfloat16, with inputs and outputs bound once."""

from functools import partial

import numpy as np

from cpu.peers.peer import BFLOAT16_TOLERANCE, FLOAT_TOLERANCE, Peer


def prepare(modules, x, threads, precision):
    """See `Peer.prepare`; `precision` is "f32" or "bf16"."""
    import openvino

    from cpu.peers.onnx_graph import graph

    core = openvino.Core()
    model = core.read_model(graph(modules, [a.shape for a in x]).SerializeToString())
    compiled = core.compile_model(
        model,
        "CPU",
        {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": precision,
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": 1,
            "ENABLE_CPU_PINNING": False,  # the process is pinned already
        },
    )
    request = compiled.create_infer_request()
    taken = [np.empty(tuple(output.shape), np.float32) for output in compiled.outputs]
    for port, array in zip((*compiled.inputs, *compiled.outputs), (*x, *taken)):
        request.set_tensor(port, openvino.Tensor(array, shared_memory=True))
    h = [array[:, 0] for array in taken]

    def call(compiled=compiled):
        request.infer()
        return h

    return call


FLOAT = Peer("OpenVINO float32", "openvino", 32, FLOAT_TOLERANCE, partial(prepare, precision="f32"))
BFLOAT16 = Peer(
    "OpenVINO bfloat16", "openvino", 16, BFLOAT16_TOLERANCE, partial(prepare, precision="bf16")
)
