"""``pynq-lstm fine-tune``."""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
sys.path.append(str(Path(__file__).resolve().parents[1] / "cli"))

import terminals  # noqa: E402
from example_matrices import random_network  # noqa: E402

import pynq_lstm as pl  # noqa: E402
from pynq_lstm.budgets.labelled import Labelled  # noqa: E402
from pynq_lstm.cli import fine_tune as command  # noqa: E402
from pynq_lstm.cli.main import main  # noqa: E402
from pynq_lstm.compression.fine_tuning.batches import Batches  # noqa: E402
from pynq_lstm.importers import state_dict  # noqa: E402

pytestmark = pytest.mark.torch
SIZES, COUNT, STEPS = (6, 5), 60, 6


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A network, data to learn and data to validate on; every sequence has a length of its own."""
    folder, rng = tmp_path_factory.mktemp("data"), np.random.default_rng(0)
    network = random_network(rng, [(size, 8) for size in SIZES], classes=3)
    state_dict.save(network, folder / "network.safetensors")
    for name in ("train", "valid"):
        x = [rng.uniform(-1, 1, (COUNT, STEPS, size)).astype(np.float32) for size in SIZES]
        lengths = rng.integers(3, STEPS + 1, COUNT)
        last = [one[np.arange(COUNT), lengths - 1] for one in x]
        labels = np.stack([last[0][:, 0], last[0][:, 2], last[1][:, 3]], 1).argmax(1)
        np.savez(folder / f"{name}.npz", x0=x[0], x1=x[1], labels=labels, lengths=lengths)
    return folder, network


def tune(folder, capsys, output, *more):
    given = ["fine-tune", folder / "network.safetensors", "--data", folder / "train.npz"]
    given += ["-o", output, "--learning-rate", "2e-2", "--json", *more]
    code = main(list(map(str, given)))
    out, err = capsys.readouterr()
    return (json.loads(out) if code == 0 else err), code


def test_svd(made, tmp_path, capsys):
    folder, network = made
    more = ("--refinements", 3, "--epochs", 4, "--batch", 8, "--validation", folder / "valid.npz")
    told, code = tune(folder, capsys, tmp_path / "m", *more)
    assert code == 0 and (told["method"], told["max_refinements"]) == ("svd", 3)
    assert len(told["history"]) == 4 and set(told["history"][0]) == {"loss", "validation"}
    assert told["history"][-1]["loss"] < told["history"][0]["loss"]
    model = pl.CompressedModel.load(tmp_path / "m")
    assert model.content_hash == told["sha256"] and model.head is not None
    with np.load(folder / "valid.npz") as data:
        x, labels, lengths = [data["x0"], data["x1"]], data["labels"], data["lengths"]
    with pl.load(model, "reference") as session:
        logits = session.infer_logits(x, lengths=lengths)
    assert told["value"] == pytest.approx(100 * (logits.argmax(1) == labels).mean())
    float_right = 100 * (network.infer_logits(x, lengths=lengths).argmax(1) == labels).mean()
    assert told["float_value"] == pytest.approx(float_right)


def test_the_float_network_teaches_where_it_is_asked_to(made, tmp_path, capsys):
    more = ("--refinements", 3, "--epochs", 1)
    losses = [
        tune(made[0], capsys, tmp_path / "m", *more, *teaching)[0]["history"][0]["loss"]
        for teaching in ((), ("--distillation", 0), ("--distillation", 0.5))
    ]
    assert losses[0] == losses[1] != losses[2]


def test_block_diagonal(made, tmp_path, capsys):
    more = ("--method", "block_diagonal", "--block-rank", 2, "--weight-bits", 4, "--epochs", 1)
    told, code = tune(made[0], capsys, tmp_path / "m", *more)
    assert code == 0 and told["method"] == "block_diagonal" and told["input"]["rank"] == 2
    assert "value" not in told


def test_an_interrupted_training_goes_on_to_the_same_model(made, tmp_path, capsys, monkeypatch):
    from pynq_lstm.compression.fine_tuning import checkpoint as checkpoints

    more = ("--refinements", 2, "--epochs", 3, "--seed", 5, "--checkpoint")
    whole, _ = tune(made[0], capsys, tmp_path / "whole", *more, tmp_path / "whole.pt")
    save = checkpoints.save

    def interrupted(*arguments):
        save(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(checkpoints, "save", interrupted)
        assert tune(made[0], capsys, tmp_path / "m", *more, tmp_path / "m.pt")[1] == 130
    assert not (tmp_path / "m").exists()
    again, _ = tune(made[0], capsys, tmp_path / "m", *more, tmp_path / "m.pt")
    assert again["sha256"] == whole["sha256"]
    other = (*more[:-2], 6, "--checkpoint", tmp_path / "m.pt")
    err, code = tune(made[0], capsys, tmp_path / "m", *other)
    assert code == 2 and "checkpoint = " in err and "remove it, or give another path" in err


def test_a_checkpoint_belongs_to_its_data_batch_and_network(made, tmp_path, capsys):
    folder, network = made
    more = ("--refinements", 2, "--epochs", 1, "--checkpoint", tmp_path / "m.pt")
    more += ("--validation", folder / "valid.npz")
    first, _ = tune(folder, capsys, tmp_path / "m", *more)
    assert tune(folder, capsys, tmp_path / "m", *more)[0]["sha256"] == first["sha256"]
    with np.load(folder / "train.npz") as data:
        changed = dict(data)
    changed["x0"][0, 0, 0] += 1
    np.savez(tmp_path / "other.npz", **changed)
    other = random_network(np.random.default_rng(9), [(size, 8) for size in SIZES], classes=3)
    state_dict.save(other, tmp_path / "network.safetensors")
    others = [("--batch", 31), ("--data", tmp_path / "other.npz")]
    others += [("--validation", tmp_path / "other.npz")]
    for one in others:
        err, code = tune(folder, capsys, tmp_path / "m", *more, *one)
        assert code == 2 and "checkpoint = " in err and "remove it, or give another path" in err
    given = ["fine-tune", tmp_path / "network.safetensors", "--data", folder / "train.npz"]
    given += ["-o", tmp_path / "m", "--learning-rate", "2e-2", *more]
    assert main(list(map(str, given))) == 2
    assert "checkpoint = " in capsys.readouterr().err


@pytest.mark.parametrize("name", ["output", "checkpoint"])
def test_what_cannot_be_written_is_refused_before_the_training(made, tmp_path, capsys, name):
    (tmp_path / "file").write_text("")
    option = {"output": "-o", "checkpoint": "--checkpoint"}[name]
    for path, text in ((tmp_path, "is a folder"), (tmp_path / "file" / "m", "folder is not there")):
        err, code = tune(made[0], capsys, tmp_path / "m", "--data", "none.npz", option, path)
        assert code == 2 and f"{name} = " in err and text in err


def test_a_validation_that_is_not_finite_is_an_error_of_one_line(
    made, tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(command, "_mean_loss", lambda batches: lambda model: float("nan"))
    more = ("--refinements", 1, "--epochs", 1, "--validation", made[0] / "valid.npz")
    err, code = tune(made[0], capsys, tmp_path / "m", *more)
    assert code == 2 and err.startswith("pynq-lstm: error: validation = nan: not finite; ")
    assert err.count("\n") == 1 and not (tmp_path / "m").exists()


@pytest.mark.parametrize("terminal", [True, False])
def test_a_bar_is_shown_on_terminals_only(made, tmp_path, terminal):
    folder = made[0]
    given = ["fine-tune", folder / "network.safetensors", "--data", folder / "train.npz"]
    given += ["-o", tmp_path / "m", "--refinements", 1, "--epochs", 1, "--json"]
    code, out, err = terminals.run(list(map(str, given)), tmp_path, terminal)
    assert code == 0 and out.count("\n") == 1
    assert ("\rfine-tune:   0%|" in err) if terminal else (err == "")


@pytest.mark.parametrize("option", ["-o", "--checkpoint"])
@pytest.mark.parametrize("what", ["the network", "--data", "--validation", "--calibration"])
def test_what_is_read_is_not_written_over(made, tmp_path, capsys, option, what):
    files = {"the network": "network.safetensors", "--data": "train.npz"}
    files.update({"--validation": "valid.npz", "--calibration": "typical.npz"})
    for name in files.values():
        shutil.copy(made[0] / name.replace("typical", "train"), tmp_path / name)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    more = ["--validation", tmp_path / "valid.npz", "--calibration", tmp_path / "typical.npz"]
    more += [option, tmp_path / files[what]]
    err, code = tune(tmp_path, capsys, tmp_path / "m", "--refinements", 1, "--epochs", 1, *more)
    assert code == 2 and f"is the same file as {what}, which would be overwritten" in err
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_the_model_is_not_written_over_its_checkpoint(made, tmp_path, capsys):
    err, code = tune(made[0], capsys, tmp_path / "m", "--checkpoint", tmp_path / "m")
    assert code == 2 and "output = " in err and "is the same file as --checkpoint" in err


@pytest.mark.parametrize(
    "more, text",
    [
        (("--weight-decay", "-1"), "weight_decay = -1.0: negative or not finite; pass 0 to 0.1"),
        (("--weight-decay", "nan"), "weight_decay = nan: negative or not finite"),
        (("--epochs", "0"), "epochs = 0: not a positive integer; pass 1 or more"),
        (("--batch", "0"), "batch = 0: less than one sequence; pass 1 or more"),
        (("--temperature", "3"), "temperature = 3.0: there is no teacher; pass --distillation"),
        (("--block-rank", "4"), "block_rank = 4: no setting; choose from"),
        (("--validation", "none.npz"), "path = 'none.npz': cannot be read"),
    ],
)
def test_refused(made, tmp_path, capsys, more, text):
    err, code = tune(made[0], capsys, tmp_path / "m", *more)
    assert code == 2 and text in err and err.count("\n") == 1
    assert not (tmp_path / "m").exists()


def test_labels_and_folders_are_checked(made, tmp_path, capsys):
    with np.load(made[0] / "train.npz") as data:
        np.savez(tmp_path / "bad.npz", **{**data, "labels": data["labels"] + 1})
    err, code = tune(made[0], capsys, tmp_path / "m", "--data", tmp_path / "bad.npz")
    assert code == 2 and "data: labels = (1, 3): not classes from 0 to 2" in err
    err, code = tune(made[0], capsys, tmp_path / "none" / "m")
    assert code == 2 and "its folder is not there" in err


def test_batches_hold_every_sequence_once_and_no_padding(made):
    folder, network = made
    with np.load(folder / "train.npz") as data:
        checked = Labelled.of(
            network, ([data["x0"], data["x1"]], data["labels"], data["lengths"]), "data"
        )
    torch.manual_seed(0)
    for shuffled in (True, False):
        batches, seen = Batches(checked, 7, shuffled), []
        for x, labels in batches:
            assert 1 <= len(labels) <= 7 and x[0].shape[1] == x[1].shape[1]
            for row in range(len(labels)):
                (n,) = [
                    n
                    for n, steps in enumerate(checked.lengths)
                    if steps == x[0].shape[1]
                    and np.array_equal(checked.x[0][n, :steps], x[0][row])
                    and np.array_equal(checked.x[1][n, :steps], x[1][row])
                ]
                assert labels[row] == checked.labels[n]
                seen.append(n)
        assert sorted(seen) == list(range(COUNT)) and len(list(batches)) == len(batches)
        assert (seen == sorted(seen, key=lambda n: (checked.lengths[n], n))) is not shuffled
