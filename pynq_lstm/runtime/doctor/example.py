"""What the self-test runs: the overlay that is there, and a small model for its design."""

from functools import lru_cache

import numpy as np

from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.plan import Plan
from pynq_lstm.compression.compress import compress
from pynq_lstm.errors import OverlayError, PlanError
from pynq_lstm.network import Layer, Network
from pynq_lstm.runtime.fpga import files
from pynq_lstm.runtime.fpga.manifest import Manifest

INPUTS, HIDDEN, STEPS, BATCH = 12, 20, 9, 3
_SHAPES = (  # LSTMs, inputs, units, components of a gate: the first that a design has room for
    (2, INPUTS, HIDDEN, 4),
    (1, 8, 8, 2),
    (1, 4, 4, 1),
    (1, 2, 2, 1),
)


def overlay(folders):
    """The overlay of the self-test: that of `example`, where it is there and whole.

    Parameters
    ----------
    folders : sequence of Path
        Each with a folder for each overlay. The first that has one of a name counts, whole or
        not, as it does for whoever loads a model.

    Returns
    -------
    OverlayFiles or None
        Else the first whole one; None: there is none.
    """
    found = {}
    for folder in folders:
        for bit in sorted(folder.glob("*/*.bit")):
            name = bit.stem if bit.stem == bit.parent.name else str(bit)
            if name not in found:
                found[name] = _whole(bit)
    wanted = found.pop(files.design_for(example()[0]).name, None)
    return wanted or next(filter(None, found.values()), None)


def _whole(bit):
    """The files of an overlay; None where they are not those of its manifest."""
    try:
        found = files.at(bit)
        Manifest.load(found.manifest).check_files()
    except OverlayError:  # a finding of its own
        return None
    return found


@lru_cache(maxsize=4)
def example(design=None):
    """A model and an input for it.

    Parameters
    ----------
    design : Design or BlockDesign, optional
        Has to have room for the model; default: none, and an SVD model of 8 bits.

    Returns
    -------
    model : CompressedModel
    x : ndarray, (LSTMs, BATCH, STEPS, inputs), float32
        Without the first axis for a single LSTM.

    Raises
    ------
    PlanError
        The design has no room for the smallest.
    """
    for shape in _SHAPES:
        model, x = _example(design, *shape)
        if design is None:
            return model, x
        try:
            pack(Plan.of_model(model), design)
            return model, x
        except PlanError as error:
            refused = error
    raise refused


def _example(design, models, inputs, hidden, refinements):
    rng = np.random.default_rng(0)
    shapes = (4 * hidden, inputs), (4 * hidden, hidden), (4 * hidden,)
    layers = [
        Layer(*(rng.uniform(-0.5, 0.5, shape).astype(np.float32) for shape in shapes))
        for _ in range(models)
    ]
    network, options = Network(tuple(layers)), {"refinements": refinements}
    if design is not None:
        options = {"svd": _svd, "block_diagonal": _blocks}[design.engine](design, refinements)
        options["activation_bits"] = design.activation_bits
    model = compress(network, input_range=(-1, 1), progress=False, **options)
    x = rng.uniform(-1, 1, (models, BATCH, STEPS, inputs)).astype(np.float32)
    return model, x if models > 1 else x[0]


def _svd(design, refinements):
    return {"refinements": refinements, "p_bits": design.p_bits}


def _blocks(design, _):
    widths = {"weight_bits": design.weight_bits, "operand_bits": design.p_bits}
    return {"method": "block_diagonal", "block_rank": 2, **widths}
