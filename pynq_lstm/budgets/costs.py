"""What a compressed model or network costs, and the models of one network in one form."""

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
        "microseconds": microseconds(models, design),
    }


def microseconds(models, design):
    """Modelled time of a step of each of `models`, added up; None where there is none."""
    if design is None:
        return None
    try:
        images = [pack(Plan.of_model(model), design) for model in models]
    except PynqLstmError:  # whatever a design refuses: method, widths, sizes, capacity
        return None
    return float(sum(wave_cycles(image).microseconds for image in images))


def passes(model):
    """The models that run one after another: those of a network, or the model alone."""
    return list(model.passes) if isinstance(model, CompressedNetwork) else [model]
