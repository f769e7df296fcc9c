"""``make bench-compression`` on made-up data: it runs, goes on and reports."""

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from benchmarks.compression import rows, run  # noqa: E402
from benchmarks.compression.task import Examples  # noqa: E402

pytestmark = pytest.mark.torch


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def data(tmp_path):
    """A folder with files of the names and shapes of the real ones."""
    random = np.random.default_rng(0)
    folder = tmp_path / "data"
    folder.mkdir()
    np.savez(
        folder / "fashion_mnist_small.npz",
        train_images=random.integers(0, 256, (1800, 28, 28), np.uint8),
        train_labels=random.integers(0, 10, 1800).astype(np.uint8),
        test_images=random.integers(0, 256, (4, 28, 28), np.uint8),
        test_labels=random.integers(0, 10, 4).astype(np.uint8),
    )
    vowels = {}
    for name, count in (("train", 110), ("test", 20)):
        vowels[f"{name}_x"] = random.standard_normal((count, 9, 12)).astype(np.float32)
        vowels[f"{name}_len"] = random.integers(3, 10, count).astype(np.int16)
        vowels[f"{name}_y"] = random.integers(0, 9, count).astype(np.uint8)
    np.savez(folder / "JapaneseVowels.npz", **vowels)
    return folder


def test_a_quick_run_writes_its_figures_and_goes_on(data, tmp_path, monkeypatch, capsys):
    given = ["--quick", "--data", str(data), "--work", str(tmp_path / "work"), "--processes", "1",
             "--rows", rows.SEPARATE, rows.STACKED, rows.CONTROL]  # fmt: skip
    run.main(given)
    report = json.loads((tmp_path / "work" / "quick.json").read_text(encoding="utf-8"))
    figures = {figure["figure"]: figure for figure in report["figures"]}
    for name, row in (("Fashion-MNIST", rows.SEPARATE), ("Fashion-MNIST", rows.STACKED),
                      ("JapaneseVowels", rows.STACKED)):  # fmt: skip
        figure = figures[f"{name}, at most 4.2 %: {row}"]
        assert 3.9 < figure["parameters_percent"] <= 4.2
        assert figure["seeds"] == 1 and 0 < figure["relative_error_raw"] < 1
        assert figure["accuracy_float"] - figure["accuracy_tuned"] == pytest.approx(
            figure["value"], abs=0.011
        )
    assert figures[f"Fashion-MNIST: {rows.CONTROL}"]["accuracy_float"] > 80
    assert not any("verdict" in figure for figure in report["figures"])
    assert not list((tmp_path / "work").glob("*.pt"))

    def never(*arguments, **named):
        raise AssertionError("measured again")

    monkeypatch.setattr("benchmarks.compression.measure.measure", never)
    capsys.readouterr()
    run.main(given)
    assert "gate-stacked" in capsys.readouterr().out
    with pytest.raises(AssertionError, match="measured again"):
        run.main([*given, "--seeds", "2"])


def test_jobs_of_other_settings_have_other_logs(monkeypatch):
    options = run.arguments([])
    before = {job["log"] for job in run.jobs(options)}
    assert len(before) == len(run.jobs(options)) == 3 * (3 * (4 + 5 + 5) + 3)
    known = rows.SETS["Fashion-MNIST"]
    changed = {**rows.SETS, "Fashion-MNIST": rows.Set(**{**vars(known), "epochs": 7})}
    monkeypatch.setattr(rows, "SETS", changed)
    after = {job["log"] for job in run.jobs(options)}
    assert len(before & after) == 3 * (3 * (4 + 5) + 2)


def test_lengths_end_the_sequences():
    from benchmarks.compression.task import Alone, logits

    torch.manual_seed(0)
    model = Alone([torch.nn.LSTM(3, 4, batch_first=True)], torch.nn.Linear(4, 2))
    x, lengths = torch.randn(5, 6, 3), torch.tensor([1, 6, 3, 2, 5])
    examples = Examples((x,), torch.zeros(5, dtype=torch.int64), lengths)
    found = examples.logits(model)
    for k, length in enumerate(lengths):
        alone = logits(model, ([x[k : k + 1, :length]], None, None, None))
        torch.testing.assert_close(found[k : k + 1], alone.detach())
