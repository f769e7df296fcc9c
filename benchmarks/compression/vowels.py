"""JapaneseVowels: nine speakers by 7 to 29 steps of 12 features; one LSTM of 100 units."""

import numpy as np
import torch
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR

from benchmarks.compression.task import Alone, Batches, Examples, Task
from pynq_lstm import Network

UNITS, BATCH, VALIDATION = 100, 30, 72
# of the dense network, noise of the tuning as well; chosen on the validation part
EPOCHS, RATE, DECAY, DROPOUT, NOISE = RECIPE = 60, 1e-2, 0.3, 0.5, 0.2


def task(options, seed):
    """A network trained with this seed; a seeded choice of the training set is for validation."""
    with np.load(options.data / "JapaneseVowels.npz") as data:
        whole, test = (_examples(data, name) for name in ("train", "test"))
    order = torch.from_numpy(np.random.default_rng(0).permutation(len(whole)))
    validation, train = (_some(whole, part) for part in (order[:VALIDATION], order[VALIDATION:]))
    network = _trained(train, seed, 3 if options.quick else EPOCHS)
    return Task(network, train, validation, test, BATCH, noise=NOISE)


def _trained(train, seed, epochs):
    torch.manual_seed(seed)
    lstm = nn.LSTM(train.x[0].shape[2], UNITS, batch_first=True)
    model, batches = Alone([lstm], nn.Linear(UNITS, 9)), Batches(train, BATCH, NOISE)
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=DECAY)
    steps = epochs * len(batches)
    schedule = OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=0.1)
    for _ in range(epochs):
        for x, lengths, _, target in batches:
            hidden = model.last(x, lengths)
            found = model.head(nn.functional.dropout(hidden, DROPOUT))
            optimizer.zero_grad()
            nn.functional.cross_entropy(found, target).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
    return Network.from_torch(model.lstms, model.head)


def _examples(data, name):
    numbers = [data[f"{name}_{kind}"].astype(np.int64) for kind in ("y", "len")]
    return Examples((torch.from_numpy(data[f"{name}_x"]),), *map(torch.from_numpy, numbers))


def _some(examples, chosen):
    x, lengths, _, labels = examples.batch(chosen)
    return Examples(tuple(x), labels, lengths)
