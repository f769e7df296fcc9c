"""The runtimes that a user would otherwise pick, each behind one function."""

from cpu.peers import (
    ncnn_int8,
    numpy_openblas,
    onnx_runtime,
    openvino_runtime,
    torch_float,
    torch_int8,
)

PEERS = (
    torch_float.PEER,
    torch_int8.PEER,
    onnx_runtime.FLOAT,
    onnx_runtime.INT8,
    openvino_runtime.FLOAT,
    openvino_runtime.BFLOAT16,
    ncnn_int8.PEER,
    numpy_openblas.PEER,
)
REQUIRED = (ncnn_int8.PEER, onnx_runtime.INT8)  # without them "the fastest peer" says little
