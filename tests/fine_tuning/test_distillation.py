"""What the loss of `fine_tune` counts: steps behind the end of a sequence do not."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch.nn import functional  # noqa: E402
from torch.nn.utils.rnn import pack_padded_sequence  # noqa: E402

import pynq_lstm as pl  # noqa: E402
from pynq_lstm.compression.fine_tuning.distillation import Loss, divergence  # noqa: E402
from pynq_lstm.compression.fine_tuning.side_by_side import as_module  # noqa: E402

pytestmark = pytest.mark.torch
LENGTHS = [5, 2, 7, 4]
WIRINGS = {"every step": None, "every second": ["x0", "m0 / 2"], "last": ["x0", "last(m0)"]}
RATES = {"every step": 1, "every second": 2, "last": None}


def wired(name, seed, batch_first=True):
    """Two layers, or an LSTM that another reads."""
    torch.manual_seed(seed)
    head = torch.nn.Linear(4, 3)
    if name == "every step":
        lstm = torch.nn.LSTM(3, 4, 2, batch_first=batch_first)
        return as_module(lstm, head, networks=True)
    lstms = [torch.nn.LSTM(size, 4, batch_first=True) for size in (3, 4)]
    return as_module(pl.Network.from_torch(lstms, head, WIRINGS[name]), networks=True)


def naive(module, name, x, targets, taught=None, temperature=2.0):
    """Mean over the steps that there are: every sequence is run alone."""
    found = []
    for row, (length, target) in enumerate(zip(LENGTHS, targets)):
        one = x[row : row + 1, :length]
        logits, steps = module(one)[0], 1 if RATES[name] is None else length // RATES[name]
        assert len(logits) == steps
        if taught is None:
            found += [functional.cross_entropy(a, b) for a, b in zip(logits, target)]
        else:
            found += [divergence(a[None], b[None], temperature)
                      for a, b in zip(logits, taught(one)[0])]  # fmt: skip
    return torch.stack(found).mean()


@pytest.mark.parametrize("name", WIRINGS)
def test_steps_behind_the_end_do_not_count(name):
    module, teacher = wired(name, 0), wired(name, 1)
    random = torch.Generator().manual_seed(2)
    x = torch.rand(len(LENGTHS), max(LENGTHS), 3, generator=random)
    steps = 1 if RATES[name] is None else max(LENGTHS) // RATES[name]
    targets = torch.randint(3, (len(LENGTHS), steps), generator=random)
    packed = pack_padded_sequence(x, LENGTHS, batch_first=True, enforce_sorted=False)
    own = Loss()(module, (packed, targets))
    expected = naive(module, name, x, targets)
    torch.testing.assert_close(own, expected)
    both = Loss(teacher=teacher, weight=0.25)(module.train(), (packed, targets))
    apart = naive(module, name, x, targets, teacher)
    assert float(apart.detach()) > 1e-4
    torch.testing.assert_close(both, 0.75 * expected + 0.25 * apart)
    other = targets.clone()
    for row, length in enumerate(LENGTHS):
        other[row, 1 if RATES[name] is None else length // RATES[name] :] = 0
    assert name == "last" or not torch.equal(other, targets)
    assert Loss()(module, (packed, other)) == own


def test_batch_second_and_sequences_of_one_length():
    first, second = wired("every step", 0), wired("every step", 0, batch_first=False)
    x = torch.rand(len(LENGTHS), max(LENGTHS), 3)
    targets = torch.randint(3, (len(LENGTHS), max(LENGTHS)))
    packed = pack_padded_sequence(x, LENGTHS, batch_first=True, enforce_sorted=False)
    one = Loss()(first, (packed, targets))
    torch.testing.assert_close(Loss()(second, (packed, targets.T)), one)
    whole = Loss()(first, (x, targets))
    expected = functional.cross_entropy(first(x).flatten(0, 1), targets.flatten())
    assert whole == expected and np.abs(float((whole - one).detach())) > 1e-5
