"""LSTMs as an ONNX graph: one LSTM node a model, written by hand."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

GATE_ORDER = (0, 3, 1, 2)  # i, o, f, g of PyTorch's i, f, g, o
OPSET, IR_VERSION = 17, 9  # old enough for every runtime here


def graph(modules, shapes):
    """An `onnx.ModelProto` with inputs x0, x1, ... and outputs y0, y1, ...

    Parameters
    ----------
    modules : list of torch.nn.LSTM
    shapes : list of (time, batch, input)
        Fixed. Outputs are (time, 1, batch, hidden).
    """
    inputs, outputs, tensors, nodes = [], [], [], []
    for j, (module, (time, batch, size)) in enumerate(zip(modules, shapes)):
        hidden = module.hidden_size
        for name, array in _tensors(module).items():
            tensors.append(numpy_helper.from_array(array, f"{name}{j}"))
        nodes.append(
            helper.make_node(
                "LSTM",
                [f"x{j}", f"w{j}", f"r{j}", f"b{j}"],
                [f"y{j}"],
                name=f"lstm{j}",
                hidden_size=hidden,
            )
        )
        for values, name, shape in (
            (inputs, f"x{j}", (time, batch, size)),
            (outputs, f"y{j}", (time, 1, batch, hidden)),
        ):
            values.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
    return helper.make_model(
        helper.make_graph(nodes, "lstms", inputs, outputs, tensors),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )


def _tensors(module):
    """w (1, 4 * hidden, input), r (1, 4 * hidden, hidden) and b (1, 8 * hidden)."""
    w, r, b, c = (p.detach().numpy() for p in module.parameters())

    def ordered(array):
        gates = array.reshape(len(GATE_ORDER), module.hidden_size, -1)
        return np.ascontiguousarray(gates[list(GATE_ORDER)].reshape(array.shape))[None]

    return {
        "w": ordered(w),
        "r": ordered(r),
        "b": np.concatenate([ordered(b), ordered(c)], axis=1),
    }
