"""Training of SVD models: what is refused leaves the model as it was, and x keeps its grid."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from pynq_lstm.compression.fine_tuning import fine_tune  # noqa: E402
from pynq_lstm.compression.fine_tuning.trained import trained  # noqa: E402
from pynq_lstm.errors import CalibrationError, CompressionError  # noqa: E402

pytestmark = pytest.mark.torch
SETTINGS = {"method": "svd", "epochs": 1, "progress": False}


class Classifier(torch.nn.Module):
    """An LSTM, another that nothing reads, and a head."""

    def __init__(self, second=False):
        super().__init__()
        self.lstm = torch.nn.LSTM(4, 6, batch_first=True)
        self.idle = torch.nn.LSTM(4, 6, batch_first=True) if second else None
        self.head = torch.nn.Linear(6, 3)

    def forward(self, x, state=None):
        return self.head(self.lstm(input=x, hx=state)[0][:, -1])


def batches(count, seed=0):
    random = torch.Generator().manual_seed(seed)
    return [
        (k * torch.randn(8, 5, 4, generator=random), torch.randint(3, (8,), generator=random))
        for k in range(1, count + 1)
    ]


class Shuffled:
    """Batches in another order in every pass."""

    def __init__(self, data):
        self.data, self.random = data, np.random.default_rng(1)

    def __len__(self):
        return len(self.data)

    def __iter__(self):
        return iter([self.data[k] for k in self.random.permutation(len(self.data))])


@pytest.mark.parametrize(
    "second, given, error, text",
    [
        (False, {"data": []}, CompressionError, "data = 0: no batches"),
        (False, {"data": iter(batches(1))}, CompressionError, "iterated only once"),
        (False, {"calibration": np.zeros((2, 3, 9), np.float32)}, CalibrationError, "calibration"),
        (True, {"words": 300, "refinements": None}, CompressionError, "words = 300: of one model"),
    ],
)
def test_what_is_refused_leaves_the_model(second, given, error, text):
    model = Classifier(second).train()
    asked = {"data": batches(1), "refinements": 2, **SETTINGS, **given}
    with pytest.raises(error, match=text):
        fine_tune(model, **asked)
    assert type(model.lstm) is torch.nn.LSTM and not trained(model) and model.training


class Unread(torch.nn.Module):
    """An LSTM that nothing reads, and a head."""

    def __init__(self):
        super().__init__()
        self.lstm, self.head = torch.nn.LSTM(4, 6, batch_first=True), torch.nn.Linear(4, 3)

    def forward(self, x):
        return self.head(x[:, -1])


def test_words_for_an_lstm_that_no_batch_reaches():
    """There is nothing to tell by where they pay."""
    model = Unread()
    with pytest.raises(CalibrationError, match="no batch reaches this LSTM"):
        fine_tune(model, batches(1), words=300, **SETTINGS)
    assert type(model.lstm) is torch.nn.LSTM


def test_the_export_has_the_grid_of_x_that_was_trained():
    model = Classifier()
    data = Shuffled(batches(12))
    found = fine_tune(model, data, refinements=2, calibration_batches=2, **SETTINGS)
    (module,) = trained(model)
    (scale,) = found.export().x_inverse_scale
    assert scale == np.float32(127 / float(module.x_range[0]))


def test_a_further_training_takes_its_own_calibration():
    model = Classifier()
    fine_tune(model, batches(1), refinements=2, **SETTINGS)
    fine_tune(model, batches(1), refinements=2, input_range=(-1000, 1000), **SETTINGS)
    assert float(trained(model)[0].x_range[0]) == 1000


def test_packed_calibration_of_lstms_side_by_side():
    lstms = [torch.nn.LSTM(4, 6, batch_first=True) for _ in range(2)]
    random = torch.Generator().manual_seed(3)
    packed = [
        torch.nn.utils.rnn.pack_sequence([torch.randn(n, 4, generator=random) for n in (5, 3, 2)])
        for _ in lstms
    ]
    data = [([x / 100, x / 100], y) for x, y in batches(2)]  # the packed ones are larger
    settings = {**SETTINGS, "head": torch.nn.Linear(12, 3), "refinements": 2}
    model = fine_tune(lstms, data, calibration=packed, **settings).export()
    largest = [float(one.data.abs().max()) for one in packed]
    np.testing.assert_allclose(model.x_inverse_scale, 127 / np.array(largest), rtol=1e-6)
