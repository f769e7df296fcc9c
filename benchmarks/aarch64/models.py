"""The models whose inference is counted, each as a file with its input beside it."""

from dataclasses import dataclass

import numpy as np

import pynq_lstm as pl
from pynq_lstm.examples import fashion_mnist
from pynq_lstm.network import Layer, Network

P_BITS = 8
DEMO_REFINEMENTS = 8
SPREAD = 0.3  # of random weights, times the square root of the hidden size: nothing saturates
CALIBRATION = 8  # sequences
INPUTS = 4  # as many as the kernels multiply at once, so that none of them is padding


@dataclass(frozen=True)
class Shape:
    """Random LSTMs whose work is that of the hidden part: they have few inputs.

    Attributes
    ----------
    models, hidden, steps : int
    refinements : int
        R, components of each gate of the hidden part; the input part has one for each input.
    """

    models: int
    hidden: int
    refinements: int = 16
    steps: int = 28

    def __str__(self):
        models = f"{self.models} models" if self.models > 1 else "1 model"
        return f"{models}, H = {self.hidden}, R = {self.refinements}"

    def products(self):
        """Multiply-accumulate operations of an inference in the products with u and with v.

        Returns
        -------
        tuple of int
            Of both parts.
        """
        gates, runs = 4, self.models * self.steps
        u = gates * (self.refinements * self.hidden + INPUTS * INPUTS)
        v = gates * (self.refinements + INPUTS) * self.hidden
        return runs * u, runs * v


SHAPES = tuple(Shape(models, hidden) for models in (2, 1) for hidden in (128, 256, 512))


def make_demo(folder):
    """Compress the network of the demonstration; returns the path of its file."""
    model = pl.compress(
        fashion_mnist.network(),
        calibration=fashion_mnist.calibration(),
        refinements=DEMO_REFINEMENTS,
        p_bits=P_BITS,
        solver="greedy",  # as every figure before
        progress=False,
    )
    return _save(model, fashion_mnist.branches(fashion_mnist.test_set()[0][:1]), folder / "demo")


def make(shape, folder):
    """Compress random LSTMs of a shape; returns the path of their file."""
    rng = np.random.default_rng(0)
    size = shape.hidden
    layers = tuple(
        Layer(*(_weights(rng, size, 4 * size, *s) for s in ((INPUTS,), (size,), ())))
        for _ in range(shape.models)
    )
    x = rng.standard_normal((shape.models, CALIBRATION, shape.steps, INPUTS)).astype(np.float32)
    x = x if shape.models > 1 else x[0]
    refinements = (INPUTS, shape.refinements)
    options = {"refinements": refinements, "p_bits": P_BITS, "solver": "greedy"}
    model = pl.compress(Network(layers), calibration=x, progress=False, **options)
    name = f"models{shape.models}_h{shape.hidden}_r{shape.refinements}"
    return _save(model, x[..., :1, :, :], folder / name)


def _weights(rng, size, *shape):
    return (rng.standard_normal(shape) * SPREAD / np.sqrt(size)).astype(np.float32)


def _save(model, x, path):
    """Save a model and its input; a model that clips much would take another way in a session."""
    with pl.load(model, backend="cpu") as session:
        session.infer(x)
        if clipped := session.last_run.clipped_kinds():
            raise SystemExit(f"{path.name}: many values of {clipped} are clipped")
    path.parent.mkdir(parents=True, exist_ok=True)
    model.save(path.with_suffix(".safetensors"))
    np.save(path.with_suffix(".npy"), x)
    return path.with_suffix(".safetensors")
