"""Fashion-MNIST: the shipped network, and an ordinary one that was not trained to be compressed."""

import sys
from dataclasses import replace

import numpy as np
import safetensors.torch
import torch

from benchmarks import results
from benchmarks.compression.task import Examples, Task
from pynq_lstm import Network
from pynq_lstm.examples import fashion_mnist

sys.path.insert(0, str(results.ROOT / "benchmarks"))  # they are scripts beside one another
import ordinary_network
import train_fashion_mnist as training

SPLIT = training.Recipe.seed  # of training and validation images
ORDINARY_EPOCHS = 20


def shipped(options, seed):
    """The network of the package; `seed` is of the tuning alone."""
    return _task(options, fashion_mnist.network())


def ordinary(options, seed):
    """That of ``make ordinary-network``, trained more shortly; kept in the folder of the run."""
    epochs = 1 if options.quick else ORDINARY_EPOCHS
    recipe = replace(ordinary_network.RECIPE, epochs=epochs)
    path = options.work / f"ordinary-{epochs}.safetensors"
    model = training.Network(recipe.dropout, recipe.same_start)
    if path.exists():
        model.load_state_dict(safetensors.torch.load_file(path))
    else:
        learned = training.splits(options.data / "fashion_mnist_small.npz", SPLIT)[0]
        model = training.train(*[part[: options.limit] for part in learned], recipe)
        torch.use_deterministic_algorithms(False)
        results.replace(path, safetensors.torch.save(model.state_dict()))
    return _task(options, Network.from_torch(model.lstms, model.head))


def _task(options, network):
    learned, held_out, _ = training.splits(options.data / "fashion_mnist_small.npz", SPLIT)
    parts = [learned, held_out, fashion_mnist.test_set()]
    train, validation, test = (_examples(*part, options.limit) for part in parts)
    return Task(network, train, validation, test, 100, list(fashion_mnist.calibration()))


def _examples(images, labels, limit):
    x = torch.from_numpy(fashion_mnist.branches(images[:limit]))
    return Examples(tuple(x), torch.from_numpy(labels[:limit].astype(np.int64)))
