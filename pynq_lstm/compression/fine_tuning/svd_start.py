"""From nn.LSTM to `SvdLSTM`, by the solver of `compress`."""

from torch import nn

from pynq_lstm.compression import gates
from pynq_lstm.compression.fine_tuning.side_by_side import SideBySide
from pynq_lstm.compression.fine_tuning.svd_lstm import SvdComponents, SvdLSTM
from pynq_lstm.compression.fine_tuning.trained import places
from pynq_lstm.errors import CompressionError
from pynq_lstm.field_checks import MAX_MODELS
from pynq_lstm.network import Network


def factorise_modules(model, options, progress=False, met=None):
    """Put an `SvdLSTM` in the place of every nn.LSTM.

    Parameters
    ----------
    model : nn.Module
        Changed in place. The LSTMs of a `SideBySide` share u and v; of any other module each
        has components of its own.
    options : SvdOptions
    progress : bool, optional
        A progress bar of the solver.
    met : dict of nn.LSTM to calibration.Steps, optional
        Typical inputs of each; needed where words are to be allotted (``options.words``).

    Returns
    -------
    nn.Module
        `model`.

    Raises
    ------
    CompressionError
        There is no nn.LSTM in it, one of several layers or both directions, or an option does
        not fit.
    """
    found = places(model)
    lstms = list(dict.fromkeys(child for _, _, child in found))
    groups = [lstms] if isinstance(model, SideBySide) else [[lstm] for lstm in lstms]
    check_modules(lstms)
    made = {}
    for group in groups:
        data = met and [met[lstm] for lstm in group]
        made.update(zip(group, _factorised(group, options, data, progress)))
    for parent, name, child in found:  # one that stands in two places stays one
        setattr(parent, name, made[child])
    return model


def _factorised(lstms, options, data, progress):
    from threadpoolctl import threadpool_limits

    if len(lstms) > MAX_MODELS:
        raise CompressionError(
            "model", len(lstms), f"more than {MAX_MODELS} LSTMs side by side", "train them apart"
        )
    network = Network.from_torch(nn.ModuleList(lstms))
    with threadpool_limits(limits=1):  # the same start whatever the machine's load
        parts = gates.components(network, options, data, progress, {})
    components = SvdComponents(parts, options.weight_bits)
    return [
        SvdLSTM(lstm, components, j, layer.bias, options).to(lstm.weight_hh_l0.device)
        for j, (lstm, layer) in enumerate(zip(lstms, network.layers))
    ]


def check_modules(lstms):
    """Refuse LSTMs whose components cannot be trained."""
    for lstm in lstms:
        _check(lstm)


def _check(lstm):
    several = lstm.num_layers > 1 or lstm.bidirectional
    if several:
        raise CompressionError(
            "num_layers" if lstm.num_layers > 1 else "bidirectional",
            lstm.num_layers if lstm.num_layers > 1 else True,
            "components are trained of one layer and one direction",
            "use an nn.LSTM for each layer and direction",
        )
    if lstm.proj_size:
        raise CompressionError(
            "lstm.proj_size", lstm.proj_size, "projections are not supported", "use 0"
        )
