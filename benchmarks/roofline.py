"""The roofline of the ZCU104: what designs attain and reach on it, and what the papers say.

Modelled, all of it: nothing was synthesised. Operations are those of the dense network, two for
each multiply-accumulate, skipped ones included; `executed` ones are told beside them.
"""

import results
import roofline_points
from roofline_points import DEVICE, FASHION, PAPER, STEPS, fashion_models, paper_models

from pynq_lstm.accelerator import operating_points, paper_points
from pynq_lstm.accelerator.roofline import roof
from pynq_lstm.candidate import BASELINES

NAMES = {PAPER: "2 LSTMs, I 1024, H 512", FASHION: "2 LSTMs, I 28, H 128"}
STREAMED = {
    operating_points.EACH_STEP: "streamed each step",
    operating_points.EACH_SEQUENCE: f"streamed each sequence of {STEPS} steps",
}
ROOFS = (DEVICE, None, (16, 8, 4)), ("arria10", 150, (8, 4))  # the latter of the second paper
BASIS = "modelled: docs/models.md"


def reached(shape, found, at, more):
    """A figure: effective GOPS, beside what the roof allows at its intensity.

    Parameters
    ----------
    found : Point
    at : Roof
        Of as many DSPs as the design has.
    more : dict
    """
    attainable = found.attainable(at)
    where = STREAMED.get(found.residence, found.residence)
    if found.residence == operating_points.EACH_STEP and found.engine in BASELINES:
        # they keep what fits, unless they were given no memories
        where = STREAMED[found.residence] if "nothing kept" in found.name else "streamed in part"
    return results.figure(
        f"{NAMES[shape]}, {found.name}, weights {where}",
        found.gops,
        "GOPS",
        attainable=attainable,
        share_of_attainable=100 * found.gops / attainable,
        operations_a_byte=found.intensity,
        executed_GOPS=found.executed_gops,
        microseconds_a_step=found.microseconds,
        limit=found.limit,
        basis=BASIS,
        **more,
    )


def roofs():
    """Of both papers' devices: computing by width, in LUTs alone, and memory."""
    figures = []
    for device, clock, widths in ROOFS:
        for bits in widths:
            at = roof(device, clock, bits)
            more = {} if at.logic is None else {"products_of_LUTs_alone": at.logic}
            figures.append(
                results.figure(
                    f"{device}, roof of computing, {bits} bits, {at.clock_mhz} MHz",
                    at.compute,
                    "GOPS",
                    ridge_operations_a_byte=at.ridge,
                    basis=BASIS,
                    **more,
                )
            )
        name, peak = f"{device}, roof of the memory", at.peak_memory
        figures.append(results.figure(name, at.memory, "GB/s", peak=peak, basis=BASIS))
    return figures


def papers():
    """Their own points: heights that are quoted, a place that is arithmetic."""
    figures = []
    for one in paper_points.points():
        basis = f"{one.how}: {one.source}"
        if one.gops is None:
            figure = results.figure(one.name, one.intensity, "operations a byte", basis=basis)
        else:
            figure = results.figure(one.name, one.gops, "GOPS", basis=basis)
        figures.append({**figure, "executed_GOPS": one.executed_gops})
    return figures


def main():
    """Model, and write docs/results/roofline.json."""
    figures = roofs()
    for shape, models in ((PAPER, paper_models()), (FASHION, fashion_models())):
        own = roofline_points.of_shape(shape, *models)
        figures += [reached(shape, *one) for one in own]
    figures += papers()
    results.write("roofline", figures, {"device": DEVICE})
    for entry in figures:
        print(f"{entry['figure']}: {entry['value']} {entry['unit']}")


if __name__ == "__main__":
    main()
