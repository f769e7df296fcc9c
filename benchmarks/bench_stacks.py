"""Whether layers of one stack are worth sharing: errors, accuracy and bytes at equal words.

Every way to share is compressed, and then tuned: `fine_tune` from the same start, on the sequences
that trained the network, with that network as its teacher, for a number of epochs that is the same
for all; the float network, too, by the same loop.

Three networks for JapaneseVowels (nine speakers, 12 features), trained here in a minute with fixed
seeds: three layers as usual; three layers whose weights a regulariser keeps alike, which is what
sharing could hope for; two bidirectional layers as usual. Each is compressed at the words of R
components of each gate, LSTMs sharing as `share` says. No row is chosen by its accuracy. But rate
and epochs of the tuning were set after two tries that looked at the test sequences (`TUNING`), and
are the same for every row.
Times on the design svd_lstm are modelled: of the passes, each started by itself, and of one start
for the whole stack, in which layer k is at step t - k.
"""

import argparse
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import results
import torch
from torch import nn
from tqdm import tqdm

from pynq_lstm import Network, compress, fine_tune, grouping, load
from pynq_lstm.accelerator import starts
from pynq_lstm.budgets import costs
from pynq_lstm.compression.fine_tuning.distillation import Loss
from pynq_lstm.compression.fine_tuning.plan import Plan
from pynq_lstm.compression.fine_tuning.run import Run
from pynq_lstm.compression.fine_tuning.side_by_side import as_module
from pynq_lstm.errors import PynqLstmError
from pynq_lstm.examples.intervals import wilson
from pynq_lstm.runtime.fpga.files import designs

SOLVER = {"solver": "bcd", "sweeps": 20}
EPOCHS, BATCH, RATE, DROPOUT, NOISE = 40, 30, 1e-2, 0.3, 0.2
ALIKE = 3e-3  # of the squared distances of the layers' weights from their mean
NETWORKS = {  # layers, units, directions, whether they are kept alike; R
    "three layers of 64": ((3, 64, 1, False), (2, 4, 8, 16)),
    "three layers of 64, kept alike": ((3, 64, 1, True), (2, 4, 8, 16)),
    "two bidirectional layers of 40": ((2, 40, 2, False), (4, 8)),
}
TUNING = {  # two rates at R = 4, for 10 epochs, were tried before, on the test sequences
    "method": "svd",
    "epochs": 15,
    "learning_rate": 1e-2,
    "teacher": True,
}
SEEDS = (0, 1)  # of the tuning
INPUTS = 12
PARTS = "input", "hidden"
DESIGN = designs()["svd_lstm"]


def examples(path, name):
    """x (examples, time, 12), lengths and labels of "train" or "test"."""
    with np.load(path / "JapaneseVowels.npz") as data:
        x, lengths, labels = (data[f"{name}_{kind}"] for kind in ("x", "len", "y"))
    return x.astype(np.float32), lengths.astype(np.int64), labels.astype(np.int64)


def distances(lstm):
    """Squared distances of the layers' matrices of one shape from their mean, added up."""
    total = 0.0
    for name, layers in (("hh", range(lstm.num_layers)), ("ih", range(1, lstm.num_layers))):
        own = torch.stack([getattr(lstm, f"weight_{name}_l{k}") for k in layers])
        total = total + ((own - own.mean(0)) ** 2).sum()
    return total


def trained(data, layers, units, directions, alike, seed=0):
    """A network of an LSTM and a head on its last valid step."""
    torch.manual_seed(seed)
    x, lengths, labels = map(torch.from_numpy, data)
    lstm = nn.LSTM(INPUTS, units, layers, batch_first=True, bidirectional=directions == 2)
    head = nn.Linear(directions * units, 9)
    optimizer = torch.optim.AdamW([*lstm.parameters(), *head.parameters()], RATE)
    steps = EPOCHS * -(-len(x) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    for _ in range(EPOCHS):
        for chosen in torch.randperm(len(x)).split(BATCH):
            noisy = x[chosen] + NOISE * torch.randn_like(x[chosen])
            packed = nn.utils.rnn.pack_padded_sequence(
                noisy, lengths[chosen], batch_first=True, enforce_sorted=False
            )
            h = lstm(packed)[1][0][-directions:]  # of the top layer, after all valid steps
            found = head(nn.functional.dropout(torch.cat(list(h), -1), DROPOUT))
            loss = nn.functional.cross_entropy(found, labels[chosen])
            if alike:
                loss = loss + ALIKE * distances(lstm)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(lstm.parameters(), 1.0)
            optimizer.step()
            schedule.step()
    return Network.from_torch(lstm, head)


class Batches:
    """The examples in a random order, packed and with noise, as in training."""

    def __init__(self, data):
        self.x, self.lengths, self.labels = map(torch.from_numpy, data)

    def __len__(self):
        return -(-len(self.x) // BATCH)

    def __iter__(self):
        for chosen in torch.randperm(len(self.x)).split(BATCH):
            noisy = self.x[chosen] + NOISE * torch.randn_like(self.x[chosen])
            packed = nn.utils.rnn.pack_padded_sequence(
                noisy, self.lengths[chosen], batch_first=True, enforce_sorted=False
            )
            yield packed, self.labels[chosen]


def tuned(network, train, test, share, given):
    """Percent right of the integers after tuning, a list over the seeds."""
    x, lengths, labels = test
    found = []
    for seed in SEEDS:
        made = fine_tune(
            network, Batches(train), share=share, seed=seed, **{**TUNING, **given}
        ).export()
        with load(made, "cpu") as session:
            found.append(_percent(session.infer_logits(x, lengths=lengths), labels))
    return found


def control(network, train, test):
    """Percent right of the float network tuned alike, by the same loop, a list over the seeds."""
    x, lengths, labels = map(torch.from_numpy, test)
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    found = []
    for seed in SEEDS:
        torch.manual_seed(seed)
        model, teacher = as_module(network, networks=True), as_module(network, networks=True)
        plan = Plan(seed=seed, epochs=TUNING["epochs"], learning_rate=TUNING["learning_rate"])
        loss = Loss(teacher=teacher.eval(), weight=plan.distillation, temperature=plan.temperature)
        run = Run(model, Batches(train), loss, plan)
        while run.epoch < plan.epochs:
            run.run_epoch()
        with torch.no_grad():
            found.append(_percent(model.eval().classes(packed, labels).numpy(), test[2]))
    return found


def used_by_several(network):
    """Share of the components of all groups that more than one LSTM uses."""
    s = [getattr(m, side).s for m in getattr(network, "groups", [network]) for side in PARTS]
    return float(np.mean(np.concatenate([(own != 0).sum(axis=1) > 1 for own in s])))


def modelled(network):
    """Microseconds of a step on the design: of the passes added up, and of all in one start."""
    found = {"modelled_microseconds_of_passes": starts.passes(network, DESIGN)}
    with suppress(PynqLstmError):  # both directions, or too large
        found["modelled_microseconds_in_one_start"] = (starts.one(network, DESIGN),)
    return {name: starts.microseconds(own) for name, own in found.items()}


def figures(name, ranks, network, train, test, bar):
    """Of one network: at every R, of each way to share."""
    (x, lengths, labels), calibration = test, train[0][:64]
    floating = _percent(network.infer_logits(x, lengths=lengths), labels)
    tuned_float = control(network, train, test)
    more = {
        "test_accuracy_tuned": float(np.mean(tuned_float)),
        "test_accuracies_tuned": tuned_float,
    }
    found = [results.figure(f"accuracy of {name}, float", floating, "%", **more)]
    bar.write(f"{name}: float {floating:.2f} %, tuned {more['test_accuracy_tuned']:.2f} %")
    for rank in ranks:
        given = {"refinements": (min(rank, INPUTS), rank), **SOLVER, "progress": False}
        begin = time.perf_counter()
        groups = grouping(network, **given)
        auto = {"chosen": " | ".join(map(str, groups.groups)), **groups.told}
        auto["seconds"] = round(time.perf_counter() - begin, 1)
        ways = {"all": {}, "network": {}, "auto": auto}
        if network.stacks[0].bidirectional:  # else each LSTM of a pass is alone
            ways = {"none": {}, **ways}
        right_after = {}  # by groups
        for share, more in ways.items():
            chosen = groups.groups if share == "auto" else share
            model = compress(network, calibration=calibration, share=chosen, **given)
            with load(model, "cpu") as session:
                right = _percent(session.infer_logits(x, lengths=lengths), labels)
            title = f"relative error of {name}, R {rank}, share {share}"
            error = model.provenance["relative weight error"]
            told = _told(model, right, labels)
            if model.held not in right_after:
                right_after[model.held] = tuned(network, train, test, chosen, given)
            told["test_accuracy_tuned"] = float(np.mean(right_after[model.held]))
            told["test_accuracies_tuned"] = right_after[model.held]
            found.append(results.figure(title, error, "", **told, **more))
            after = told["test_accuracy_tuned"]
            bar.write(f"{title}: {error:.4f}, {right:.2f} %, tuned {after:.2f} %")
        bar.update()
    return found


def _told(model, right, labels):
    """What is measured of a model besides its error."""
    cost = costs.of(model)
    return {
        "test_accuracy": right,
        "accuracy_interval_95": wilson(round(right / 100 * len(labels)), len(labels)),
        "stored_bytes": cost["bytes"],
        "parameters": cost["words"],
        "multiplications_per_step": cost["multiplications"],
        "used_by_several": round(used_by_several(model), 3),
        **modelled(model),
    }


def _percent(logits, labels):
    return 100 * float((logits.argmax(1) == labels).mean())


def main():
    """Measure and write docs/results/bench_stacks.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of JapaneseVowels.npz")
    data = parser.parse_args().data
    torch.set_num_threads(1)
    train, test = examples(data, "train"), examples(data, "test")
    found, begin = [], time.perf_counter()
    total = sum(len(ranks) for _, ranks in NETWORKS.values())
    with tqdm(total=total, desc="stacks", disable=None) as bar:
        for name, (asked, ranks) in NETWORKS.items():
            network = trained(train, *asked)
            bar.write(f"{name}: {time.perf_counter() - begin:.0f} s")
            found += figures(name, ranks, network, train, test, bar)
    conditions = {"epochs": EPOCHS, **SOLVER, "test sequences": len(test[2])}
    conditions["tuning"] = {**TUNING, "seeds": SEEDS}
    conditions["seconds of all"] = round(time.perf_counter() - begin)
    conditions["processor seconds of all"] = round(time.process_time())
    results.write("bench_stacks", found, conditions)


if __name__ == "__main__":
    main()
