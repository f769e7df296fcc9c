"""The pictures of docs/pictures.md, into docs/pictures: ``make pictures``.

Models of the demonstration's network at a few budgets, each on the design of overlays/ that it
fits: no search. All times are modelled; drops are of the validation images. The rooflines are of
the first paper's sizes.
"""

import argparse
import sys
from dataclasses import replace
from io import BytesIO
from pathlib import Path

from PIL import Image  # matplotlib needs it

import pynq_lstm as pl
from pynq_lstm import baselines, plots
from pynq_lstm.accelerator import operating_points, paper_points
from pynq_lstm.accelerator.cycles import wave_cycles
from pynq_lstm.accelerator.design import Design
from pynq_lstm.accelerator.energy import wave_energy
from pynq_lstm.accelerator.packing import pack
from pynq_lstm.accelerator.plan import Plan
from pynq_lstm.accelerator.resources import estimate
from pynq_lstm.accelerator.roofline import roof
from pynq_lstm.accelerator.timing.schedule import schedule
from pynq_lstm.budgets import costs
from pynq_lstm.candidate import MODELLED, Candidate
from pynq_lstm.compression.weights import weight_error
from pynq_lstm.examples import fashion_mnist
from pynq_lstm.exploration.report import write_html
from pynq_lstm.exploration.result import Exploration

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))  # scripts beside one another
import roofline_points  # noqa: E402

DEVICE, GOAL = "zcu104", 0.5
TILES = {"u_tile": (7, 16), "v_tile": 16, "zero_u_tiles": (1, 2), "zero_v_tiles": 2}
RANKS = (2, 4, 6, 8, 12, 16, 24, 32, 48)
INCHES, DPI = (6.4, 4.2), 88


class Task:
    """The demonstration's network, and what is known of models of it."""

    def __init__(self):
        self.network = fashion_mnist.network()
        images, self.labels = fashion_mnist.validation_set()
        self.x = fashion_mnist.branches(images)
        self.value = self._percent(self.network.infer_logits)

    def compressed(self, **options):
        """A model."""
        data = fashion_mnist.calibration()
        return pl.compress(self.network, calibration=data, progress=False, **options)

    def drop(self, model):
        """Points of accuracy that a model loses."""
        with pl.load(model, "cpu") as session:
            return self.value - self._percent(session.infer_logits)

    def candidate(self, engine, design, **options):
        """A `Candidate` and its image."""
        model = self.compressed(**options)
        image = pack(Plan.of_model(model), design)
        cycles, used, drop = wave_cycles(image), estimate(design), self.drop(model)
        point = operating_points.of_image(image, roof(DEVICE, design.clock_mhz))
        own = costs.of(model)
        return Candidate(
            engine=engine,
            options=options,
            design={"name": design.name, "clock_mhz": design.clock_mhz},
            value=self.value - drop,
            drop=drop,
            mse=weight_error(self.network, model).mse,
            bytes=own["bytes"],
            multiplications=own["multiplications"],
            microseconds=cycles.microseconds,
            how=MODELLED,
            cycles=cycles.wave,
            limit=cycles.limit,
            stages={name: unit.words for name, unit in cycles.units.items()},
            resources={
                kind: getattr(used, kind) for kind in ("dsp", "bram36", "uram", "lut", "ff")
            },
            energy=wave_energy(image).total,
            intensity=point.intensity,
            gops=point.gops,
        ), image

    def _percent(self, classify):
        return 100 * float((classify(self.x).argmax(1) == self.labels).mean())


def designs():
    """Of both engines."""
    names = "svd_lstm", "block_diagonal_lstm"
    return [Design.load(ROOT / "overlays" / name / "design.json") for name in names]


def explored(task):
    """An `Exploration` of a few budgets, not of a search, and the image of its best one."""
    svd, blocks = designs()
    budgets = [
        ("svdn", svd, {"method": "svd", "refinements": r, **tiles})
        for tiles in ({}, TILES)
        for r in RANKS
    ]
    ranks = ((2, 2), (4, 2), (4, 4), (8, 4), (16, 16))
    budgets += [
        (
            "block_diagonal",
            blocks,
            {"method": "block_diagonal", "block_rank": rank, "weight_bits": 4},
        )
        for rank in ranks
    ]
    found = [task.candidate(engine, design, **options) for engine, design, options in budgets]
    best, image = min(
        (pair for pair in found if pair[0].drop <= GOAL), key=lambda pair: pair[0].microseconds
    )
    dense, shared = (task.compressed(**o) for o in ({"method": "dense"}, best.options))
    dsp, drop = estimate(svd).dsp, task.drop(dense)
    others = [
        replace(baselines.lstm_hw(task.network, DEVICE, svd.clock_mhz, dsp), drop=drop),
        replace(baselines.lstm_sw(dense, DEVICE), drop=drop),
        replace(baselines.svdn_sw(shared, DEVICE), drop=best.drop),
    ]
    asked = f"Fashion-MNIST on the shipped designs, at most {GOAL} points of drop"
    candidates = tuple(one for one, _ in found)
    whole = Exploration(
        model=shared,
        design=image.design,
        best=best,
        candidates=candidates,
        baselines=tuple(others),
        device=DEVICE,
        asked=asked,
        float_value=task.value,
        left_out={},
    )
    return whole, image


def pictures(task, found, image):
    """Each by its name, an axis of its own."""
    design = image.design
    model = task.compressed(**found.best.options)
    yield "front", plots.front(found)
    yield "drop_against_mse", plots.drop_against_mse(found.candidates)
    yield from rooflines()
    yield "resources", plots.resources(estimate(design))
    yield "timeline", plots.timeline(schedule(image), period=wave_cycles(image).wave)
    yield "gate_errors", plots.gate_errors(task.network, model, "f", "input")


def rooflines():
    """All designs and both papers' points, counted in both ways: the roofs are of their devices."""
    models = roofline_points.paper_models()
    points = [*roofline_points.shown(roofline_points.PAPER, *models)]
    points += [one for one in paper_points.points() if one.engine != "other"]
    roofs = [roof(DEVICE), roof("arria10", 150)]
    for name, counted in (("roofline", "executed"), ("roofline_effective", "effective")):
        ax = plots.roofline(roofs, points, counted=counted)
        ax.set_title("Roofline, modelled: two LSTMs, I = 1024, H = 512", fontsize=10)
        yield name, ax


def save(figure, path):
    """PNG of 256 colours, a third of the bytes; nothing of versions in it."""
    drawn = BytesIO()
    figure.savefig(drawn, format="png", dpi=DPI)
    Image.open(drawn).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path)


def main():
    """Draw them all, and write the report if it is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=ROOT / "docs/pictures")
    parser.add_argument("--html", type=Path, help="write the report of these models, too")
    options = parser.parse_args()
    options.output.mkdir(exist_ok=True, parents=True)
    task = Task()
    found, image = explored(task)
    for name, ax in pictures(task, found, image):
        height = ax.figure.get_size_inches()[1] / 4.5 * INCHES[1]
        ax.figure.set_size_inches(INCHES[0], height)
        save(ax.figure, options.output / f"{name}.png")
    if options.html:
        write_html(found, options.html)


if __name__ == "__main__":
    main()
