"""The roofline of the ZCU104: what designs attain and reach on it, and what the papers say.

Modelled, all of it: nothing was synthesised. Operations are those of the dense network, two for
each multiply-accumulate, skipped ones included; `executed` ones are told beside them.
"""

import sys

import numpy as np
import results

from pynq_lstm import Network, compress
from pynq_lstm.accelerator import operating_points as points
from pynq_lstm.accelerator import paper_points
from pynq_lstm.accelerator.design import Design
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
NAMES = {PAPER: "2 LSTMs, I 1024, H 512", FASHION: "2 LSTMs, I 28, H 128"}
BASIS = "modelled: docs/models.md"


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


def reached(what, shape, found, at, residence, **more):
    """A figure: effective GOPS, beside what the roof allows at its intensity.

    Parameters
    ----------
    found : Point or Candidate
    at : Roof
        Of as many DSPs as the design has.
    """
    skipped = more.pop("skipped", getattr(found, "skipped", None))
    attainable = at.attainable(found.intensity, skipped)
    return results.figure(
        f"{NAMES[shape]}, {what}, weights {residence}",
        found.gops,
        "GOPS",
        attainable=attainable,
        share_of_attainable=100 * found.gops / attainable,
        operations_a_byte=found.intensity,
        executed_GOPS=found.gops / skipped,
        microseconds_a_step=found.microseconds,
        limit=found.limit,
        basis=BASIS,
        **more,
    )


def of_shape(shape, svdn, alone):
    """Dense, SVD1, SVDn and block-diagonal designs of one shape."""
    svd, block = design_of("svd_lstm"), design_of("block_diagonal_lstm")
    dsp = estimate(svd).dsp
    at, figures = roof(DEVICE, svd.clock_mhz, 8, dsp), []
    for bits, states in ((8, 0), (8, CALL_CYCLES), (4, 0)):
        found = lstm_hw(shape, DEVICE, svd.clock_mhz, dsp, bits, call_cycles=states)
        where = "streamed in part" if found.limit == "memory" else points.ON_CHIP
        name = f"LSTM-HW, {bits} bits" + f", {states} cycles around loops" * bool(states)
        figures.append(reached(name, shape, found, at, where, skipped=1, dsp=dsp))
    found = svd1_hw(alone, DEVICE, svd.clock_mhz, dsp)
    skipped = found.gops * found.microseconds * 500 / found.multiplications
    how = found.options["engines"]
    figures.append(
        reached(f"SVD1-HW, {how}", shape, found, at, points.ON_CHIP, skipped=skipped, dsp=dsp)
    )
    for name, model, design, own in (
        ("SVDn", svdn, svd, at),
        (
            f"block-diagonal, p = {RANKS[shape]}",
            block_model(shape),
            block,
            roof(DEVICE, block.clock_mhz, 8, estimate(block).dsp),
        ),
    ):
        image = pack(Plan.of_model(model), design)
        for residence in points.RESIDENCES:
            steps = STEPS if residence == points.EACH_SEQUENCE else 1
            found = points.of_image(image, own, residence, steps)
            where = {
                points.ON_CHIP: residence,
                points.EACH_STEP: "streamed each step",
                points.EACH_SEQUENCE: f"streamed each sequence of {STEPS} steps",
            }[residence]
            more = {"dsp": estimate(design).dsp, "design": design.name}
            figures.append(reached(name, shape, found, own, where, **more))
    return figures


def roofs():
    """Of the device at 200 MHz: computing by width, in LUTs alone, and memory."""
    figures = []
    for bits in (16, 8, 4):
        at = roof(DEVICE, bits=bits)
        more = {} if at.logic is None else {"products_of_LUTs_alone": at.logic}
        figures.append(
            results.figure(
                f"{DEVICE}, roof of computing, {bits} bits, {at.clock_mhz} MHz",
                at.compute,
                "GOPS",
                ridge_operations_a_byte=at.ridge,
                basis=BASIS,
                **more,
            )
        )
    memory = results.figure(
        f"{DEVICE}, roof of the memory", at.memory, "GB/s", peak=at.peak_memory, basis=BASIS
    )
    return [*figures, memory]


def papers():
    """Their own points, quoted."""
    return [
        results.figure(
            one.name,
            "not stated" if one.gops is None else one.gops,
            "" if one.gops is None else "GOPS",
            basis=f"quoted: {one.source}",
        )
        for one in paper_points.points()
    ]


def main():
    """Model, and write docs/results/roofline.json."""
    figures = roofs()
    for shape, models in ((PAPER, paper_models()), (FASHION, fashion_models())):
        figures += of_shape(shape, *models)
    figures += papers()
    results.write("roofline", figures, {"device": DEVICE})
    for entry in figures:
        print(f"{entry['figure']}: {entry['value']} {entry['unit']}")


if __name__ == "__main__":
    main()
