"""Language models side by side: one embedding, one LSTM and one output layer each.

All of them read the same words at the same time, so that a step of all is one call of each
operation: what a GPU and a core both do faster than one model after another.
"""

import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812

from pynq_lstm.compression.fine_tuning.grids import block_mask

# Embedded words are kept small, as output weights are, and reach the LSTM this much larger:
# it learns sooner from inputs near 1, and Adam moves small weights by a larger share.
INPUT_GAIN = 8.0


class FloatLayer(nn.Module):
    """M float LSTMs, pruned by the mask of `rank` or, with None, dense."""

    def __init__(self, size, rank=None):
        super().__init__()
        mask = torch.ones(4 * size, size)
        if rank is not None:
            mask = block_mask(size, size, rank).repeat(4, 1).float()
        self.register_buffer("mask", mask)
        self._lstm = [nn.LSTM(size, size)]  # in a list: its own parameters are not used

    def forward(self, x, w_ih, w_hh, bias, h, c):
        """Arguments and results as `recurrence.run`."""
        outs = []
        for j in range(x.shape[1]):
            weights = {
                "weight_ih_l0": w_ih[j] * self.mask, "weight_hh_l0": w_hh[j] * self.mask,
                "bias_ih_l0": bias[j], "bias_hh_l0": torch.zeros_like(bias[j]),
            }  # fmt: skip
            state = h[j : j + 1].contiguous(), c[j : j + 1].contiguous()
            out, (h_last, c_last) = torch.func.functional_call(
                self._lstm[0], weights, (x[:, j].contiguous(), state)
            )
            outs.append((out, h_last[0], c_last[0]))
        out, h, c = zip(*outs)
        return torch.stack(out, 1), torch.stack(h), torch.stack(c)


class LanguageModels(nn.Module):
    """M of them, which differ in seed and in how their LSTM computes.

    Parameters
    ----------
    seeds : sequence of int
        One for each model: the same seed is the same start and the same dropout.
    layer : FloatLayer or Direction
    schedule : Schedule
        Its dropout, and whether the output layer has the weights of the embedding.
    gain : float
        On the first weights of the LSTM.
    """

    def __init__(self, seeds, layer, vocabulary, size, schedule, gain=1.0):
        super().__init__()
        self.layer, self.dropout, self.size = layer, schedule.dropout, size
        self.tied = schedule.tied
        self.kinds = sorted(set(seeds))
        self.register_buffer("kind", torch.tensor([self.kinds.index(s) for s in seeds]))
        starts = {seed: _start(seed, vocabulary, size, self.tied) for seed in self.kinds}
        for name in starts[seeds[0]]:
            stacked = torch.stack([starts[seed][name] for seed in seeds])
            if name in ("w_ih", "w_hh"):
                stacked *= gain
            self.register_parameter(name, nn.Parameter(stacked))
        self.register_buffer("first_row", torch.arange(len(seeds))[:, None] * vocabulary)

    def _dropped(self, x, share, generator, shape=None):
        """Dropout of x, (time, models, ...); models of one seed drop the same elements."""
        if not self.training or not share:
            return x
        shape = x.shape if shape is None else shape
        shape = (shape[0], len(self.kinds), *shape[2:])
        kept = torch.rand(shape, generator=generator, device=x.device) >= share
        kept = kept.index_select(1, self.kind) if len(self.kind) > 1 else kept
        return x * kept * (1 / (1 - share))

    def forward(self, tokens, state, generator=None):
        """Hidden states to be decoded, (models, time, batch, size), and the next state."""
        rows = tokens[:, None] + self.first_row
        x = INPUT_GAIN * F.embedding(rows, self.embedding.flatten(0, 1))
        x = self._dropped(x, self.dropout[0], generator)
        out, h, c = self.layer(x, self.w_ih, self.w_hh, self.bias, *state)
        return self._dropped(out, self.dropout[1], generator).transpose(0, 1), (h, c)

    def logits(self, tokens, state, generator=None):
        """Of every word, (models, time * batch, vocabulary), and the next state."""
        out, state = self(tokens, state, generator)
        logits = torch.baddbmm(
            self.decoder_bias[:, None], out.reshape(len(out), -1, self.size),
            (self.embedding if self.tied else self.decoder).transpose(1, 2),
        )  # fmt: skip
        return logits, state

    def losses(self, tokens, targets, state, generator=None):
        """Mean cross entropy of each model, (models,), and the next state."""
        logits, state = self.logits(tokens, state, generator)
        models = len(logits)
        expected = targets.reshape(1, -1).expand(models, -1)
        loss = F.cross_entropy(logits.flatten(0, 1), expected.flatten(), reduction="none")
        return loss.view(models, -1).mean(1), state

    def first_state(self, batch):
        """Zeros."""
        zero = self.bias.new_zeros(len(self.kind), batch, self.size)
        return zero, zero


def _start(seed, vocabulary, size, tied):
    random = torch.Generator().manual_seed(seed)

    def uniform(limit, *shape):
        return torch.empty(shape).uniform_(-limit, limit, generator=random)

    limit = size**-0.5
    lstm = {
        "w_ih": uniform(limit, 4 * size, size),
        "w_hh": uniform(limit, 4 * size, size),
        "bias": uniform(limit, 4 * size),
        "decoder_bias": torch.zeros(vocabulary),
    }
    words = uniform(0.1, vocabulary, size)
    if tied:
        return {"embedding": words, **lstm}
    embedding = torch.randn(vocabulary, size, generator=random) / INPUT_GAIN
    return {"embedding": embedding, "decoder": words, **lstm}
