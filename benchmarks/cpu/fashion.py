"""The shipped network: how far its answers stay right at the ranks that its times are told of."""

from dataclasses import dataclass
from typing import Tuple

from cpu import networks, variants
from cpu.shapes import Shape
from cpu.variants import Variant
from pynq_lstm.examples import fashion_mnist
from pynq_lstm.examples.intervals import wilson

NAME = "fashion-mnist"
FLOAT = "float network"
RANKS = ((4, 16), (8, 16))  # those of the small shape, and those that keep the accuracy


@dataclass(frozen=True)
class Accuracy:
    """Share of 2,000 test images that are classified right, with its 95 % interval, percent."""

    percent: float
    interval: Tuple[float, float]


def network():
    """The trained float network."""
    return fashion_mnist.network()


def shape(net):
    """Its sizes, as a `Shape` of the first ranks."""
    first, steps = net.layers[0], fashion_mnist.calibration().shape[2]
    return Shape(NAME, len(net.layers), first.input_size, first.hidden_size, steps, *RANKS[0])


def lstms(net):
    """The float network as `torch.nn.LSTM` modules."""
    return networks.lstms([(layer.w_ih, layer.w_hh, layer.bias) for layer in net.layers])


def image():
    """One test image as the network reads it, (models, 1, time, input)."""
    return fashion_mnist.branches(fashion_mnist.test_set()[0][:1])


def calibration():
    """Input to choose scales from."""
    return fashion_mnist.calibration()


def ours():
    """Variants of the shipped network."""
    ranked = [
        Variant(
            f"{variants.SVD_P8}, ranks {inputs} and {hidden}",
            "svd",
            {"refinements": (inputs, hidden), "p_bits": 8},
        )
        for inputs, hidden in RANKS
    ]
    inputs, hidden = RANKS[-1]
    return (
        *ranked,
        Variant(f"{variants.SVD}, ranks {inputs} and {hidden}", "svd", {"refinements": RANKS[-1]}),
        Variant(variants.DENSE, "dense"),
    )


def accuracies(net, models):
    """Of the float network and of each compressed model: a dict of name to `Accuracy`."""
    images, labels = fashion_mnist.test_set()
    x = fashion_mnist.branches(images)
    found = {FLOAT: _accuracy(net.infer_logits(x), labels)}
    for name, model in models.items():
        with variants.open_session(model, threads=1) as session:
            found[name] = _accuracy(session.infer_logits(x), labels)
    return found


def _accuracy(logits, labels):
    right, count = int((logits.argmax(axis=1) == labels).sum()), len(labels)
    return Accuracy(100 * right / count, wilson(right, count))
