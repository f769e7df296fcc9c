"""Train the Fashion-MNIST example: one LSTM over the rows of an image, one over its columns.

1,659 of the 11,659 training images, a seeded choice, are the validation split:
every choice in `Recipe` was made on it. The test images are evaluated once, at
the end. Needs torch, safetensors and tqdm.

The network is meant to be compressed, so training prefers weights that SVDn can
share: both LSTMs start from the same weights, and every few optimiser steps
`low_rank.regularise` pulls them towards each other and shrinks the singular
values of each gate's matrices after the first few, by amounts in proportion to
the learning rate. Beyond that it is ordinary training: neither rank-1 components
nor quantised weights take part in it.
"""

import argparse
import io
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import low_rank
import numpy as np
import results
import safetensors.torch
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812
from torch.optim.lr_scheduler import OneCycleLR
from tqdm import tqdm

DATA = results.ROOT.parent / "shared" / "data" / "fashion_mnist_small.npz"
FOLDER = results.ROOT / "pynq_lstm" / "examples" / "fashion_mnist"
VALIDATION, CALIBRATION, SHIPPED = 1659, 128, 1000


@dataclass(frozen=True)
class Recipe:
    """Hyperparameters, with the seed and the number of threads, on which the weights depend too.

    Attributes
    ----------
    rank : int
        Singular values of a gate's matrices, of both LSTMs together, that are left alone.
    shrinkage, likeness : float
        What an optimiser step takes from each of the others, and the share it takes
        from the difference of the two LSTMs; multiplied by the learning rate.
    interval : int
        Optimiser steps between two steps of the regulariser.
    same_start : bool
        Both LSTMs start from the same weights.
    """

    epochs: int = 55
    batch: int = 100
    learning_rate: float = 1e-2
    weight_decay: float = 0.1
    dropout: float = 0.2
    shift: int = 1
    rank: int = 6
    shrinkage: float = 4.0
    likeness: float = 1.5
    interval: int = 8
    same_start: bool = True
    seed: int = 1
    threads: int = 1


class Network(nn.Module):
    """Two LSTMs whose last hidden states feed one linear head, with dropout between."""

    def __init__(self, dropout=0.0, same_start=True):
        super().__init__()
        self.lstms = nn.ModuleList(nn.LSTM(28, 128, batch_first=True) for _ in ("rows", "columns"))
        if same_start:
            self.lstms[1].load_state_dict(self.lstms[0].state_dict())
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(256, 10)

    def forward(self, images):
        """Logits, (batch, 10), of images, (batch, 28, 28), float32 in 0..1."""
        views = images, images.transpose(1, 2)
        hidden = [lstm(view)[1][0][0] for lstm, view in zip(self.lstms, views, strict=True)]
        return self.head(self.dropout(torch.cat(hidden, dim=1)))


def splits(path, seed):
    """Training, validation and test split of the archive, each a pair of images and labels."""
    with np.load(path) as data:
        images, labels = data["train_images"], data["train_labels"]
        test = data["test_images"], data["test_labels"]
    order = np.random.default_rng(seed).permutation(len(images))
    learned, held_out = order[VALIDATION:], order[:VALIDATION]
    return (images[learned], labels[learned]), (images[held_out], labels[held_out]), test


def scaled(images):
    """Pixels, uint8, as float32 in 0..1."""
    return torch.from_numpy(images.astype(np.float32) / 255)


def augmented(images, recipe):
    """Mirror half of the images and shift each by up to ``recipe.shift`` pixels."""
    count, margin = len(images), recipe.shift
    mirror = torch.rand(count, 1, 1) < 0.5
    images = torch.where(mirror, images.flip(2), images)
    padded = F.pad(images, (margin,) * 4)
    top, left = torch.randint(2 * margin + 1, (2, count, 1)) + torch.arange(28)
    return padded[torch.arange(count)[:, None, None], top[:, :, None], left[:, None, :]]


def train(images, labels, recipe):
    """A network trained on images, (count, 28, 28), uint8; the same bits for the same recipe."""
    torch.set_num_threads(recipe.threads)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(recipe.seed)
    images, labels = scaled(images), torch.from_numpy(labels.astype(np.int64))
    network = Network(recipe.dropout, recipe.same_start).train()
    # Decay makes matrices easier to approximate; biases are never approximated.
    groups = [{"params": [p for p in network.parameters() if p.ndim == n], "weight_decay": decay}
              for n, decay in ((2, recipe.weight_decay), (1, 0.0))]  # fmt: skip
    optimizer = torch.optim.AdamW(groups)
    steps = recipe.epochs * -(-len(images) // recipe.batch)
    schedule = OneCycleLR(optimizer, recipe.learning_rate, total_steps=steps, pct_start=0.2)
    step, regularised = 0, recipe.shrinkage > 0 or recipe.likeness > 0
    for _ in tqdm(range(recipe.epochs), unit="epoch", disable=None):
        for chosen in torch.randperm(len(images)).split(recipe.batch):
            logits = network(augmented(images[chosen], recipe))
            loss = F.cross_entropy(logits, labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            step += 1
            if regularised and step % recipe.interval == 0:
                rate = recipe.interval * schedule.get_last_lr()[0]
                low_rank.regularise(network.lstms, recipe.shrinkage * rate, recipe.rank,
                                    min(1.0, recipe.likeness * rate),
                                    transpose=step // recipe.interval % 2 == 0)  # fmt: skip
            schedule.step()
    return network.eval()


@torch.no_grad()
def accuracy(network, images, labels):
    """Share of the images labelled correctly, in percent, and its 95 % Wilson interval."""
    count, z = len(images), 1.96
    share = int((network(scaled(images)).argmax(1).numpy() == labels).sum()) / count
    centre = share + z * z / (2 * count)
    reach = z * (share * (1 - share) / count + (z / (2 * count)) ** 2) ** 0.5
    low, high = ((centre + side * reach) / (1 + z * z / count) for side in (-1, 1))
    return round(100 * share, 2), [round(100 * low, 2), round(100 * high, 2)]


def main():
    """Train, evaluate, and write the example's files and docs/results/training.json."""
    parser = argparse.ArgumentParser(description="Train the two-branch Fashion-MNIST example.")
    parser.add_argument("--data", type=Path, default=DATA, help="images; their licence beside them")
    options, recipe = parser.parse_args(), Recipe()
    learned, held_out, test = splits(options.data, recipe.seed)

    start = time.perf_counter()
    network = train(*learned, recipe)
    seconds = round(time.perf_counter() - start, 1)
    validation, spread = accuracy(network, *held_out)
    value, interval = accuracy(network, *test)
    print(f"validation {validation} %, test {value} % {interval}, {seconds} s")

    # Calibration and validation images are disjoint parts of the split that training never saw.
    images, labels = (part[: CALIBRATION + SHIPPED] for part in held_out)
    arrays = {"test_images": test[0], "test_labels": test[1],
              "calibration_images": images[:CALIBRATION],
              "validation_images": images[CALIBRATION:],
              "validation_labels": labels[CALIBRATION:]}  # fmt: skip
    np.savez_compressed(packed := io.BytesIO(), **arrays)
    notice = options.data.with_name("LICENSE.fashion-mnist").read_bytes()
    results.replace(FOLDER / "network.safetensors", safetensors.torch.save(network.state_dict()))
    results.replace(FOLDER / "images.npz", packed.getvalue())
    results.replace(FOLDER / "LICENSE", notice)
    figures = [
        results.figure("float accuracy on the 2,000 test images", value, "%",
                       ">= 87", value >= 87, interval_95=interval),
        results.figure("accuracy on the validation split", validation, "%", interval_95=spread),
        results.figure("training time", seconds, "s"),
    ]  # fmt: skip
    sizes = {"training_images": len(learned[1]), "validation_images": len(held_out[1]),
             "test_images": len(test[1])}  # fmt: skip
    results.write("training", figures, {**asdict(recipe), **sizes})


if __name__ == "__main__":
    main()
