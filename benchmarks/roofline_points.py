"""Operating points of dense, SVD1, SVDn and block-diagonal designs of one shape.

Each has its weights on the chip, where they fit, and streams them from the board's memory. The
baselines choose their residence themselves; to stream, they get a device without memories.
"""

import sys
from dataclasses import replace

import numpy as np
import results

from pynq_lstm import Network, compress
from pynq_lstm.accelerator import operating_points
from pynq_lstm.accelerator.design import Design
from pynq_lstm.accelerator.devices import Device
from pynq_lstm.accelerator.operating_points import EACH_SEQUENCE, EACH_STEP, ON_CHIP
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.plan import Plan
from pynq_lstm.accelerator.resources import estimate
from pynq_lstm.accelerator.roofline import roof
from pynq_lstm.baselines import lstm_hw, svd1_hw
from pynq_lstm.examples import fashion_mnist

sys.path.insert(0, str(results.ROOT / "tests"))
sys.path.insert(0, str(results.ROOT / "tests/accelerator"))
import paper_shape
from random_block_models import sized_block_model

DEVICE, STEPS, REFINEMENTS = "zcu104", 28, 8
CALL_CYCLES = 25  # about what a process of the kernels loses around the loops of a call
PAPER, FASHION = ((1024, 512),) * 2, ((28, 128),) * 2
RANKS = {PAPER: 8, FASHION: 4}  # of rank 4 the hidden words of the first have no room
# a block RAM and a LUT are left, since a description may not have none
EMPTY = replace(Device.of(DEVICE), bram36=1, uram=0, lutram=1)


def design_of(name):
    """A design that ships."""
    return Design.load(results.ROOT / "overlays" / name / "design.json")


def fashion_models():
    """SVDn of the demonstration's network, and each of its LSTMs alone, R = 8 each."""
    network, x = fashion_mnist.network(), fashion_mnist.calibration()
    options = {"refinements": REFINEMENTS, "progress": False}
    alone = [
        compress(Network((layer,)), calibration=x[k], **options)
        for k, layer in enumerate(network.layers)
    ]
    return compress(network, calibration=x, **options), alone


def paper_models():
    """Ribes et al.'s default sizes: R = 16, half of the u and an eighth of the v tiles zero."""
    return paper_shape.model(), [paper_shape.model(seed=k, models=1) for k in range(2)]


def block_model(shape):
    """Drawn weights: time depends on sizes and ranks only."""
    rank = RANKS[shape]
    return sized_block_model(
        np.random.default_rng(0), *zip(*shape), (rank, rank), activation_bits=8, weight_bits=4
    )


def of_shape(shape, svdn, alone):
    """Points of all designs, with the DSPs of the one that ships.

    Parameters
    ----------
    shape : tuple of (int, int)
        Inputs and hidden units of every LSTM.
    svdn : CompressedModel
    alone : list of CompressedModel
        Each LSTM by itself.

    Yields
    ------
    point : Point
        Its name says design, and what there is to say of it; not where the weights are.
    at : Roof
        Of so many DSPs as the design has.
    more : dict
        For a figure: "dsp", and "design" where it ships.
    """
    svd, block = design_of("svd_lstm"), design_of("block_diagonal_lstm")
    dsp = estimate(svd).dsp
    given = svd.clock_mhz, dsp
    at = roof(DEVICE, svd.clock_mhz, 8, dsp)
    for bits, states, device in (
        (8, 0, DEVICE),
        (8, CALL_CYCLES, DEVICE),
        (4, 0, DEVICE),
        (8, 0, EMPTY),
    ):
        name = f"LSTM-HW, {bits} bits" + f", {states} cycles around loops" * bool(states)
        name += ", nothing kept" * (device is EMPTY)
        found = lstm_hw(shape, device, *given, bits, call_cycles=states)
        yield operating_points.of_candidate(found, name=name), at, {"dsp": dsp}
    for device in (DEVICE, EMPTY):
        found = svd1_hw(alone, device, *given)
        name = f"SVD1-HW, {found.options['engines']}" + ", nothing kept" * (device is EMPTY)
        yield operating_points.of_candidate(found, name=name), at, {"dsp": dsp}
    for name, model, design in (
        ("SVDn", svdn, svd),
        (f"block-diagonal, p = {RANKS[shape]}", block_model(shape), block),
    ):
        image, count = pack(Plan.of_model(model), design), estimate(design).dsp
        own = roof(DEVICE, design.clock_mhz, 8, count)
        for residence in operating_points.RESIDENCES:
            steps = STEPS if residence == EACH_SEQUENCE else 1
            found = operating_points.of_image(image, own, residence, steps, name)
            yield found, own, {"dsp": count, "design": design.name}


def shown(shape, svdn, alone):
    """Those of a picture, each design on chip and streamed; names say where the weights are."""
    told = {ON_CHIP: "on chip", EACH_STEP: "streamed"}
    found = {}
    for one, _, _ in of_shape(shape, svdn, alone):
        name = one.name.replace(", nothing kept", "")
        if one.residence in told and "around loops" not in name:
            design = name.partition(",")[0] if name.startswith("SVD1") else name
            # what streams in part comes before what keeps nothing, and is the better one
            found.setdefault((design, told[one.residence]), one)
    return [replace(one, name=", ".join(key)) for key, one in found.items()]
