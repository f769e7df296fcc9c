"""Words to numbers, and numbers to batches: what the language models read."""

import collections
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

UNKNOWN, END = "<unk>", "<eos>"


@dataclass(frozen=True)
class Corpus:
    """A text in three parts, as word numbers.

    Attributes
    ----------
    train, validation, development : tensor, (tokens,), int64
    vocabulary : int
    """

    train: torch.Tensor
    validation: torch.Tensor
    development: torch.Tensor
    vocabulary: int

    def to(self, device):
        """The same on a device."""
        parts = (getattr(self, name).to(device) for name in ("train", "validation", "development"))
        return Corpus(*parts, self.vocabulary)


def wikitext2(folder, vocabulary=4000, held_out=0.08):
    """WikiText-2 as shared/data/README.md splits it.

    Its test text and the first 60 % of the lines of its validation text are there to train
    on, the other lines are the development split. The last `held_out` of the former are the
    validation slice, on which everything was chosen; no word is counted there.
    """
    test, valid = (_lines(Path(folder) / name) for name in ("wt2_test.txt", "wt2_valid.txt"))
    cut = int(0.6 * len(valid))
    return _corpus(test + valid[:cut], valid[cut:], vocabulary, held_out)


def any_text(path, vocabulary=4000, held_out=0.08, development=0.2):
    """Any text file: its last lines are the development split."""
    lines = _lines(path)
    cut = int((1 - development) * len(lines))
    return _corpus(lines[:cut], lines[cut:], vocabulary, held_out)


def _lines(path):
    return Path(path).read_text(encoding="utf-8").splitlines()


def _words(lines):
    return [word for line in lines if line.strip() for word in (*line.split(), END)]


def _corpus(lines, development, vocabulary, held_out):
    words = _words(lines)
    known = [word for word, _ in collections.Counter(words).most_common()]
    known = [UNKNOWN, *(w for w in known if w != UNKNOWN)][:vocabulary]
    numbers = {word: k for k, word in enumerate(known)}

    def coded(words):
        return torch.from_numpy(np.array([numbers.get(w, 0) for w in words], np.int64))

    cut = int(len(words) * (1 - held_out))
    return Corpus(coded(words[:cut]), coded(words[cut:]), coded(_words(development)), len(known))


def streams(tokens, batch):
    """Cut a text into `batch` streams side by side, (steps, batch); the rest is dropped."""
    steps = len(tokens) // batch
    return tokens[: steps * batch].view(batch, steps).t().contiguous()


def windows(tokens, batch, time, offset=0):
    """Inputs and targets, (time, batch) each, one window after another."""
    rows = streams(tokens, batch)
    for start in range(offset, len(rows) - 1, time):
        stop = min(start + time, len(rows) - 1)
        yield rows[start:stop], rows[start + 1 : stop + 1]
