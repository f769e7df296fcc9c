"""What a compressed model or network costs, and the models of one network in one form."""

from pynq_lstm.accelerator import starts
from pynq_lstm.accelerator.cycles import wave_cycles
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.plan import Plan
from pynq_lstm.compressed_network import CompressedNetwork
from pynq_lstm.errors import PynqLstmError
from pynq_lstm.model_size import multiplications, parameters, stored_bytes


def of(model, design=None):
    """Costs of a `CompressedModel` or a `CompressedNetwork`.

    Parameters
    ----------
    model : CompressedModel or CompressedNetwork
    design : Design or BlockDesign, optional

    Returns
    -------
    dict
        By the names of `budget.COSTS`; "microseconds", modelled, is None without a design and
        where the design does not run the model.
    """
    models, stored, head = passes(model), [model], None
    if isinstance(model, CompressedNetwork):
        stored, head = model.groups, model.head
    extra = 0 if head is None else head.weight.nbytes + head.bias.nbytes
    return {
        "bytes": sum(map(stored_bytes, stored)) + extra,  # what passes share counts once
        "words": sum(map(parameters, stored)),
        "multiplications": sum(map(multiplications, models)),
        "microseconds": microseconds(model, design),
    }


def microseconds(model, design):
    """Modelled time of a step on a design; None without one and where it does not run the model.

    Of a network, that of what a session runs there, `accelerator.starts`: one start of the kernel
    where it can be, else passes, each as often as it runs in a step of the external inputs.

    Parameters
    ----------
    model : CompressedModel or CompressedNetwork
    design : Design or BlockDesign, optional
    """
    if design is None:
        return None
    try:
        if isinstance(model, CompressedNetwork):
            return starts.microseconds(starts.of(model, design)[0])
        return float(wave_cycles(pack(Plan.of_model(model), design)).microseconds)
    except PynqLstmError:  # whatever a design refuses: method, widths, sizes, capacity
        return None


def passes(model):
    """The models that run one after another: those of a network, or the model alone."""
    return list(model.passes) if isinstance(model, CompressedNetwork) else [model]
