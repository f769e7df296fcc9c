"""The other ways of the language model: what a teacher gives, and that its absence is named."""

import pytest

torch = pytest.importorskip("torch")

from benchmarks.paper_pbd import rows  # noqa: E402
from benchmarks.paper_pbd.teacher import Teacher, distilled  # noqa: E402
from benchmarks.paper_pbd.text import Corpus  # noqa: E402
from benchmarks.paper_pbd.training import Schedule, Training  # noqa: E402
from pynq_lstm.compression.fine_tuning import checkpoint  # noqa: E402
from pynq_lstm.errors import CompressionError  # noqa: E402

pytestmark = pytest.mark.torch
WORDS = 30
SCHEDULE = Schedule(epochs=1, batch=4, time=5, dropout=(0.2, 0.2))


def made(row, *seeds):
    return rows.make(rows.Task(row, tuple((row, seed) for seed in seeds)), WORDS, SCHEDULE)


def training(row, *seeds, teacher=None):
    text = torch.randint(WORDS, (120,), generator=torch.Generator().manual_seed(1))
    return Training(made(row, *seeds), Corpus(text, text, text, WORDS), SCHEDULE, teacher=teacher)


def weights(models):
    return torch.cat([p.detach().flatten() for p in models.parameters()])


def test_without_weight_it_is_the_plain_loss():
    teacher = Teacher(made("dense", 1), [0], 1, weight=0.0)
    plain, taught = training("nlq-4-8", 1), training("nlq-4-8-distilled", 1, teacher=teacher)
    first, second = plain.run_epoch(), taught.run_epoch()
    assert first["train"] == pytest.approx(second["train"], rel=1e-4)
    torch.testing.assert_close(weights(plain.models), weights(taught.models), rtol=0, atol=1e-3)


def test_the_loss_is_a_divergence_and_a_constant():
    teacher = Teacher(made("dense", 1, 2), [0, 1], 1, weight=0.25)
    tokens, targets = torch.randint(WORDS, (2, 5, 4))
    logits = torch.randn(2, 20, WORDS)
    teacher.rewind(4)
    least, plain = distilled(logits, targets, teacher, tokens)
    teacher.rewind(4)
    wanted = teacher.probabilities(tokens)
    for k in range(2):
        functional = torch.nn.functional
        entropy = -(wanted[k] * wanted[k].log()).sum(1).mean()
        divergence = functional.kl_div(logits[k].log_softmax(1), wanted[k], reduction="batchmean")
        assert plain[k] == pytest.approx(functional.cross_entropy(logits[k], targets.flatten()))
        assert least[k] == pytest.approx(0.75 * plain[k] + 0.25 * (divergence + entropy))


def test_a_teacher_changes_what_is_learnt_and_stays_as_it_is():
    teacher = Teacher(made("dense", 2), [0], 1, weight=0.9)
    before = weights(teacher.models).clone()
    plain, taught = training("nlq-4-8", 1), training("nlq-4-8-distilled", 1, teacher=teacher)
    plain.run_epoch()
    taught.run_epoch()
    assert (weights(plain.models) - weights(taught.models)).abs().max() > 1e-2
    assert torch.equal(before, weights(teacher.models))


def test_students_start_from_the_dense_weights_of_their_seed(tmp_path):
    ran = training("dense", 1, 2)
    ran.run_epoch()
    checkpoint.save(tmp_path / "dense.pt", ran, "it")
    models = made("nlq-4-8-from-dense", 2)
    Teacher(made("dense", 2), [1], 1).load(tmp_path / "dense.pt", "it").start(models)
    for name, parameter in models.named_parameters():
        assert torch.equal(parameter[0], getattr(ran.models, name)[1]), name


def test_a_missing_or_unfinished_teacher_is_refused(tmp_path):
    teacher = Teacher(made("dense", 1), [0], 1)
    with pytest.raises(CompressionError, match="is not there.*name it in --rows"):
        teacher.load(tmp_path / "dense.pt", "it")
    checkpoint.save(tmp_path / "dense.pt", training("dense", 1), "it")
    with pytest.raises(CompressionError, match="0 of 1 epochs.*not trained yet"):
        teacher.load(tmp_path / "dense.pt", "it")
    with pytest.raises(CompressionError, match="belongs to it"):
        teacher.load(tmp_path / "dense.pt", "another")
