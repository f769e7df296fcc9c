"""ONNX models of LSTMs to a `Network`.

The graph is run once, on names instead of numbers: every element of every tensor that is not a
constant is a number that says which element of which graph input or of which LSTM's output it
is (`symbols`). Operators that only move elements are run on these numbers by ONNX's own
reference evaluator, as constants are (`evaluate`); what an LSTM or the head reads is then there
to be seen, however the graph came to it (`reads`).
"""

from pynq_lstm.errors import NetworkError
from pynq_lstm.importers.onnx_graph import assemble, reading
from pynq_lstm.importers.onnx_graph.walk import Walk

# sizes given to the first and second axis where the graph leaves them open: what is a step and
# what a sequence must not depend on them
_OPEN_SIZES = ((30, 37), (41, 31))


def network(model):
    """Build a `Network` from an ONNX model.

    LSTM nodes and what stands between them: ``docs/onnx.md`` lists what is taken.

    Parameters
    ----------
    model : path or onnx.ModelProto
        A file's external data are read from its folder.

    Returns
    -------
    Network
        External inputs are those graph inputs that LSTMs read, in their order; models are m0,
        m1, ... in the order of the nodes.

    Raises
    ------
    NetworkError
        The file is missing or damaged, or something in the graph is not supported: the message
        names node and operator, and what would do.
    MissingExtraError
        onnx is not installed.
    """
    model = reading.load(model)
    inputs = reading.graph_inputs(model)
    found = []
    for sizes in _OPEN_SIZES if any(given.open for given in inputs) else _OPEN_SIZES[:1]:
        walk = Walk(model, inputs, sizes)
        walk.run()
        found.append(assemble.network(walk))
    kinds = {(str(net.wiring), net.stacks) for net in found}
    if len(kinds) > 1:
        raise NetworkError(
            "graph",
            [str(net.wiring) for net in found],
            "what its LSTMs read depends on batch or time",
            "export it with fixed sizes, or slice whole axes only",
        )
    return found[0]
