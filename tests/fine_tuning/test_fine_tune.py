"""The loop: what it returns, that it learns, repeats itself and goes on after an interruption."""

import copy

import numpy as np
import pytest
from chained import run_layers

torch = pytest.importorskip("torch")

from pynq_lstm.compression.fine_tuning import fine_tune, quantised  # noqa: E402
from pynq_lstm.errors import CompressionError  # noqa: E402

pytestmark = pytest.mark.torch
SETTINGS = {"learning_rate": 1e-2, "block_rank": 4, "progress": False}


class Tagger(torch.nn.Module):
    """A user's model: embedding, dropout, LSTM, decoder."""

    def __init__(self):
        super().__init__()
        self.embedding = torch.nn.Embedding(12, 16)
        self.dropout = torch.nn.Dropout(0.1)
        self.lstm = torch.nn.LSTM(16, 24, batch_first=True)
        self.decoder = torch.nn.Linear(24, 12)

    def forward(self, tokens):
        return self.decoder(self.lstm(self.dropout(self.embedding(tokens)))[0])


def tagger():
    torch.manual_seed(3)
    return Tagger()


def batches(count=12):
    """Sequences whose next symbol follows from the two before it."""
    random = torch.Generator().manual_seed(5)
    made = []
    for _ in range(count):
        rows = [torch.randint(12, (16,), generator=random) for _ in range(2)]
        for _ in range(12):
            rows.append((rows[-1] + 3 * rows[-2] + 1) % 12)
        text = torch.stack(rows, 1)
        made.append((text[:, :-1], text[:, 1:]))
    return made


def weights(model):
    return {name: value.clone() for name, value in model.named_parameters()}


def same(first, second):
    return all(torch.equal(first[name], second[name]) for name in first)


def test_it_learns_and_its_export_equals_it():
    tuned = fine_tune(tagger(), batches(), epochs=20, **SETTINGS)
    assert tuned.history[-1]["loss"] < 0.6 * tuned.history[0]["loss"]
    model, (tokens, _) = tuned.model, batches()[3]
    assert not model.training and len(quantised(model)) == 1
    with torch.no_grad():
        x = model.embedding(tokens)
        out = model.lstm(x)[0]
    exported = tuned.export()
    assert exported.method == "block_diagonal"
    np.testing.assert_array_equal(out.numpy(), run_layers([exported], x.numpy())[0])


def test_same_arguments_give_the_same_weights():
    first, second = (fine_tune(tagger(), batches(), epochs=2, **SETTINGS) for _ in range(2))
    other = fine_tune(tagger(), batches(), epochs=2, seed=1, **SETTINGS)
    assert same(weights(first.model), weights(second.model))
    assert first.history == second.history
    assert not same(weights(first.model), weights(other.model))  # of the dropout


class Interrupted(Exception):
    pass


@pytest.mark.parametrize("step", [1, 12, 30])
def test_an_interrupted_run_ends_as_if_it_had_not_been(tmp_path, step):
    whole = fine_tune(tagger(), batches(), epochs=4, validate=score, **SETTINGS)
    calls = []

    def breaking(model, batch):
        if model.training:
            calls.append(1)
            if len(calls) == step:
                raise Interrupted
        x, target = batch
        return torch.nn.functional.cross_entropy(model(x).flatten(0, 1), target.flatten())

    kept = tmp_path / "folder" / "run.pt"
    settings = {"epochs": 4, "validate": score, "checkpoint": kept, **SETTINGS}
    with pytest.raises(Interrupted):
        fine_tune(tagger(), batches(), loss=breaking, **settings)
    again = fine_tune(tagger(), batches(), **settings)
    assert same(weights(whole.model), weights(again.model))
    assert whole.history == again.history
    assert [path.name for path in kept.parent.iterdir()] == ["run.pt"]
    with pytest.raises(CompressionError, match="belongs to"):
        fine_tune(tagger(), batches(), **{**settings, "weight_bits": 8})
    kept.write_bytes(kept.read_bytes()[:1000])
    with pytest.raises(CompressionError, match="cannot be read"):
        fine_tune(tagger(), batches(), **settings)


def score(model):
    x, target = batches(1)[0]
    return torch.nn.functional.cross_entropy(model(x).flatten(0, 1), target.flatten())


def test_the_best_epoch_is_returned():
    scores = iter([3.0, 1.0, 2.0])
    kept = []

    def validate(model):
        kept.append(copy.deepcopy(weights(model)))
        return next(scores)

    tuned = fine_tune(tagger(), batches(), epochs=3, validate=validate, **SETTINGS)
    assert same(weights(tuned.model), kept[1])
    assert [entry["validation"] for entry in tuned.history] == [3.0, 1.0, 2.0]


def test_bare_lstms_side_by_side_with_a_head():
    torch.manual_seed(0)
    lstms = [torch.nn.LSTM(5, 8, batch_first=True), torch.nn.LSTM(3, 6, batch_first=True)]
    head = torch.nn.Linear(14, 4)
    x = [torch.randn(20, 7, 5), torch.randn(20, 7, 3)]
    data = [(x, torch.randint(4, (20,)))]
    tuned = fine_tune(lstms, data, head=head, epochs=30, **SETTINGS)
    model = tuned.export()
    assert model.hidden_sizes == (8, 6) and model.head.weight.shape == (4, 14)
    with torch.no_grad():
        logits = tuned.model(x)[:, -1].numpy()
    import pynq_lstm as pl

    with pl.load(model, backend="reference") as session:
        found = session.infer_logits([part.numpy() for part in x])
    np.testing.assert_allclose(found, logits, atol=1e-5)


@pytest.mark.parametrize(
    "change, text",
    [
        ({"method": "cp"}, "method = 'cp': unknown"),
        ({"rank": 4}, "rank = 4: no setting"),
        ({"epochs": 0}, "epochs = 0"),
        ({"weight_bits": 3}, "weight_bits = 3"),
        ({"data": []}, "no batches"),
        ({"data": iter(())}, "iterated only once"),
        ({"model": torch.nn.Linear(2, 2)}, "holds no nn.LSTM"),
        ({"model": torch.nn.LSTM(2, 2)}, "head = 'NoneType'"),
    ],
)
def test_refused_by_name(change, text):
    arguments = {"model": tagger(), "data": batches(1), **SETTINGS, **change}
    model, data = arguments.pop("model"), arguments.pop("data")
    with pytest.raises(CompressionError, match=text):
        fine_tune(model, data, **arguments)


def test_a_model_goes_on_with_its_options_only():
    model = fine_tune(tagger(), batches(1), epochs=1, **SETTINGS).model
    assert fine_tune(model, batches(1), epochs=1, **SETTINGS).model is model
    with pytest.raises(CompressionError, match="quantised before"):
        fine_tune(model, batches(1), epochs=1, weight_bits=8, **SETTINGS)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("epoch", [1, 2])
def test_a_validation_that_is_not_finite_is_refused(tmp_path, value, epoch):
    """A NaN that came first would be the best for ever: nothing is lower."""
    scores, kept = iter([[], [3.0]][epoch - 1] + [value] + [1.0] * 3), tmp_path / "run.pt"
    given = {"epochs": 3, "checkpoint": kept, **SETTINGS}
    with pytest.raises(CompressionError, match=f"validation = {value}: not finite; lower the"):
        fine_tune(tagger(), batches(1), validate=lambda model: next(scores), **given)
    assert kept.exists() == (epoch == 2)  # that of the epoch before, from which it goes on
    tuned = fine_tune(tagger(), batches(1), validate=lambda model: next(scores), **given)
    first = 3.0 if epoch == 2 else 1.0
    assert [one["validation"] for one in tuned.history] == [first, 1.0, 1.0]


def test_a_loss_that_is_not_finite_is_refused():
    with pytest.raises(CompressionError, match="not finite"):
        fine_tune(
            tagger(), batches(1), epochs=1,
            loss=lambda model, batch: model(batch[0]).sum() * float("nan"), **SETTINGS,
        )  # fmt: skip
