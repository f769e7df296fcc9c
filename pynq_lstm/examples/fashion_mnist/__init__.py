"""Two LSTMs over the rows and the columns of Fashion-MNIST images, joined in a linear head.

The network was trained by ``benchmarks/train_fashion_mnist.py``; images are
Zalando's (MIT, see the notice beside this file).
"""

from importlib import resources

import numpy as np

from pynq_lstm.network import Network

CLASSES = (
    "T-shirt/top",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle boot",
)


def network():
    """The trained float `Network`: two LSTMs of 28 inputs and 128 units, 10 classes."""
    with resources.as_file(_folder() / "network.safetensors") as path:
        return Network.load(path)


def branches(images):
    """Images as the network reads them.

    Parameters
    ----------
    images : ndarray, (batch, 28, 28), uint8

    Returns
    -------
    ndarray, (2, batch, 28, 28), float32
        In 0..1: the rows, then the columns of each image as 28 steps.
    """
    pixels = np.asarray(images).astype(np.float32) / np.float32(255)
    return np.stack([pixels, pixels.transpose(0, 2, 1)])


def test_set():
    """The official test images 0 to 1999 and their labels, uint8."""
    return _arrays("test_images", "test_labels")


def validation_set():
    """1,000 training images that training never saw, and their labels, uint8."""
    return _arrays("validation_images", "validation_labels")


def calibration():
    """Input to choose scales from, (2, 128, 28, 28) float32; in none of the other sets."""
    return branches(_arrays("calibration_images")[0])


def _folder():
    return resources.files(__name__)


def _arrays(*names):
    with resources.as_file(_folder() / "images.npz") as path, np.load(path) as data:
        return tuple(data[name] for name in names)
