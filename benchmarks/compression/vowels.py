"""JapaneseVowels: nine speakers by 7 to 29 steps of 12 features; one LSTM of 100 units."""

import numpy as np
import torch
from torch import nn

from benchmarks.compression.task import Alone, Batches, Examples, Task, logits
from pynq_lstm import Network

UNITS, EPOCHS, RATE, BATCH, VALIDATION = 100, 60, 3e-3, 30, 72


def task(options, seed):
    """A network trained with this seed; a seeded choice of the training set is for validation."""
    with np.load(options.data / "JapaneseVowels.npz") as data:
        whole, test = (_examples(data, name) for name in ("train", "test"))
    order = torch.from_numpy(np.random.default_rng(0).permutation(len(whole)))
    validation, train = (_some(whole, part) for part in (order[:VALIDATION], order[VALIDATION:]))
    network = _trained(train, seed, 3 if options.quick else EPOCHS)
    return Task(network, train, validation, test, BATCH)


def _trained(train, seed, epochs):
    torch.manual_seed(seed)
    lstm = nn.LSTM(train.x[0].shape[2], UNITS, batch_first=True)
    model = Alone([lstm], nn.Linear(UNITS, 9))
    optimizer = torch.optim.Adam(model.parameters(), RATE)
    batches = Batches(train, BATCH)
    for _ in range(epochs):
        for batch in batches:
            optimizer.zero_grad()
            nn.functional.cross_entropy(logits(model, batch), batch[-1]).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
    return Network.from_torch(model.lstms, model.head)


def _examples(data, name):
    numbers = [data[f"{name}_{kind}"].astype(np.int64) for kind in ("y", "len")]
    return Examples((torch.from_numpy(data[f"{name}_x"]),), *map(torch.from_numpy, numbers))


def _some(examples, chosen):
    x, lengths, labels = examples.batch(chosen)
    return Examples(tuple(x), labels, lengths)
